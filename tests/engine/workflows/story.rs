//! W3: chapters one after another, with the summary carried along; one is left out, one has no picture.

use branchline_runtime::engine::{Answer, Task};
use expect_test::expect;
use serde_json::json;

use super::{Scenario, last_value, places};

fn nobody(task: &Task) -> Answer {
    panic!("nobody is asked: {task:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_goes_on_without_the_chapter_that_failed() {
    let idea = |title: &str| json!({ "title": title, "synopsis": "Something happens." });
    let scenario = Scenario {
        folder: "w3-story",
        inputs: json!({ "title": "The Lamp", "premise": "A lamp goes out." }),
        answers: json!({
            "breakdown.extract-chapters": { "attempts": [
                "Chapter one, then two.",
                { "chapters": [idea("Dark"), idea("Match"), idea("Wind"), idea("Light")] },
            ] },
            "chapters.write-chapter/1": "It was dark.",
            "chapters.write-chapter/2": "A match.",
            "chapters.write-chapter/4": "Light.",
            "story.blurb": "A lamp.",
            "chapters.imagine/1": "A dark room",
            "chapters.imagine/4": "A lit room",
        }),
        fail: &["chapters.write-chapter/3", "chapters.imagine/2"],
        person: nobody,
    };
    let (house, run) = scenario.run().await;
    expect![[r"
        inputs.inputs succeeded
        breakdown.break-down succeeded
        breakdown.extract-chapters succeeded
        chapters.write-chapter succeeded 3: /1, /2, /4
        chapters.write-chapter skipped 1: /3
        chapters.sum-up succeeded 3: /1, /2, /4
        chapters.sum-up skipped 1: /3
        chapters.imagine succeeded 2: /1, /4
        chapters.imagine skipped 2: /2, /3
        chapters.collect-chapters succeeded
        story.pictures succeeded
        story.blurb succeeded
        story.story succeeded"]]
    .assert_eq(&places(&house, run).await);
    let bindings = house.bindings(run).await;
    let summaries: Vec<_> =
        bindings.lines().filter(|line| line.contains("chapters.write-chapter/")).collect();
    expect![[r"
        chapters.write-chapter/1 succeeded chapters=breakdown.extract-chapters idea=chapters.write-chapter/1 premise=inputs.inputs title=inputs.inputs
        chapters.write-chapter/2 succeeded chapters=breakdown.extract-chapters idea=chapters.write-chapter/2 premise=inputs.inputs summary=chapters.sum-up/1 title=inputs.inputs
        chapters.write-chapter/3 skipped chapters=breakdown.extract-chapters idea=chapters.write-chapter/3 premise=inputs.inputs summary=chapters.sum-up/2 title=inputs.inputs
        chapters.write-chapter/4 succeeded chapters=breakdown.extract-chapters idea=chapters.write-chapter/4 premise=inputs.inputs summary=chapters.sum-up/2 title=inputs.inputs
        chapters.sum-up/1 succeeded chapter_text=chapters.write-chapter/1
        chapters.sum-up/2 succeeded chapter_text=chapters.write-chapter/2 summary=chapters.sum-up/1
        chapters.sum-up/4 succeeded chapter_text=chapters.write-chapter/4 summary=chapters.sum-up/2
        chapters.imagine/1 succeeded chapter_text=chapters.write-chapter/1
        chapters.imagine/2 skipped chapter_text=chapters.write-chapter/2
        chapters.imagine/4 succeeded chapter_text=chapters.write-chapter/4
        chapters.collect-chapters succeeded texts=chapters.write-chapter/1+chapters.write-chapter/2+chapters.write-chapter/4
        story.pictures succeeded rows=chapters.write-chapter/1+chapters.imagine/1+chapters.write-chapter/2+chapters.write-chapter/4+chapters.imagine/4"]].assert_eq(&summaries.join("\n"));
    expect![[r"
        Dark: A dark room
        Match: no picture
        Light: A lit room
    "]]
    .assert_eq(&last_value(&house, run, "pictures").await);
    expect![[r"
        # The Lamp

        _A lamp._

        It was dark.

        A match.

        Light.

    "]]
    .assert_eq(&last_value(&house, run, "story").await);
    let summary = house.store.run_fetch(run).await.unwrap();
    assert_eq!(summary.tolerated_failures, 2);
}
