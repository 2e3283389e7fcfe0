//! W2: every chapter sees its own entry and the whole outline; one answer that does not fit is asked for again.

use branchline_runtime::engine::{Answer, Task};
use expect_test::expect;
use serde_json::json;

use super::{Scenario, last_value, places};

fn nobody(task: &Task) -> Answer {
    panic!("nobody is asked: {task:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_written_chapter_by_chapter_and_joined() {
    let entry = |title: &str| json!({ "title": title, "description": format!("What {title} is") });
    let chapter = |title: &str, content: &str| json!({ "chapter": { "title": title, "content": content } });
    let scenario = Scenario {
        folder: "w2-book",
        inputs: json!({ "topic": "bees", "goal": "keep bees", "book_title": "Bees" }),
        answers: json!({
            "outline.outline": { "outline": [entry("Hive"), entry("Queen"), entry("Honey")] },
            "chapters.write-chapter/1": chapter("Hive", "A home."),
            "chapters.write-chapter/2": { "attempts": [chapter("Queen", ""), chapter("Queen", "She is one.")] },
            "chapters.write-chapter/3": chapter("Honey", "Sweet."),
        }),
        fail: &[],
        person: nobody,
    };
    let (house, run) = scenario.run().await;
    expect![[r"
        inputs.inputs succeeded
        outline.research succeeded
        outline.outline succeeded
        chapters.research-chapter succeeded 3: /1, /2, /3
        chapters.write-chapter succeeded 3: /1, /2, /3
        chapters.collect succeeded
        book.join succeeded"]]
    .assert_eq(&places(&house, run).await);
    expect![[r"
        # Bees

        ## Hive

        A home.

        ## Queen

        She is one.

        ## Honey

        Sweet.

    "]]
    .assert_eq(&last_value(&house, run, "book").await);
    assert_eq!(house.count("SELECT sum(calls) FROM step_attempts"), 9, "one chapter was asked for twice");
}
