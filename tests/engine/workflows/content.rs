//! W4: sub-chapters inside chapters, a person in the branches, samples, a translation, and an effect at the end.

use std::collections::BTreeMap;

use branchline_runtime::engine::{Answer, Task};
use expect_test::expect;
use serde_json::json;

use super::{Scenario, last_value, places};

fn person(task: &Task) -> Answer {
    match task.field() {
        "chapters" => Answer::Pick(vec![1, 3]),
        "picture" => Answer::Own(json!({ "alt": "by hand", "prompt": "" })),
        "sub_draft" => Answer::Values(BTreeMap::from([("sub_draft".to_owned(), json!("Put right by hand"))])),
        "approved" => Answer::Values(BTreeMap::from([("approved".to_owned(), json!(true))])),
        _ => Answer::Pick(vec![2]),
    }
}

trait Field {
    fn field(&self) -> &str;
}

impl Field for Task {
    fn field(&self) -> &str {
        &self.fields[0].name
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_made_of_sub_chapters_and_published_once() {
    let sub = |heading: &str| json!({ "heading": heading, "question": "Why?" });
    let chapter = |heading: &str, subs: &[&str]| json!({ "heading": heading, "goal": "Know it", "subs": subs.iter().map(|one| sub(one)).collect::<Vec<_>>() });
    let scenario = Scenario {
        folder: "w4-content",
        inputs: json!({
            "topic": "sourdough", "audience": "beginners", "language": "de",
            "site_links": [{ "anchor": "Flour", "url": "https://bread.example/flour" }],
        }),
        answers: json!({
            "research.propose-chapters": { "proposals": [
                chapter("Starter", &["Flour", "Water", "Time"]), chapter("Tools", &["Bowl"]), chapter("Oven", &["Heat", "Steam"]),
            ] },
            "write/*.check-facts/*": { "fact_problems": [] },
            "write/1.check-facts/2": { "fact_problems": ["Water is not dry"] },
            "write/*.polish-sub-chapter/*": "Polished",
            "write/*.openings": { "openings": ["First", "Second", "Third"] },
            "write/*.pictures": { "pictures": [{ "alt": "a", "prompt": "b" }] },
            "assemble.translate": "Auf Deutsch",
            "assemble.description": { "attempts": ["x".repeat(200), "Kurz"] },
            "assemble.seo-titles@1": { "seo_titles": ["A", "B"] },
            "assemble.seo-titles@2": { "seo_titles": ["C", "D"] },
            "assemble.seo-titles@3": { "seo_titles": ["E", "F"] },
            "assemble.tags": { "tags": ["brot"] },
        }),
        fail: &[],
        person,
    };
    let (house, run) = scenario.run().await;
    expect![[r"
        inputs.inputs succeeded
        research.search-terms succeeded
        research.competitors succeeded
        research.reader-questions succeeded
        research.angles succeeded
        research.choose-the-angle succeeded
        research.propose-chapters succeeded
        research.choose-chapters succeeded
        write.facts succeeded 5: /1 /1, /1 /2, /1 /3, /2 /1, /2 /2
        write.check-facts succeeded 5: /1 /1, /1 /2, /1 /3, /2 /1, /2 /2
        write.pick-links succeeded 5: /1 /1, /1 /2, /1 /3, /2 /1, /2 /2
        write.draft-sub-chapter succeeded 5: /1 /1, /1 /2, /1 /3, /2 /1, /2 /2
        write.edit-sub-chapter skipped 4: /1 /1, /1 /3, /2 /1, /2 /2
        write.edit-sub-chapter succeeded 1: /1 /2
        write.polish-sub-chapter succeeded 5: /1 /1, /1 /2, /1 /3, /2 /1, /2 /2
        write.chapter-draft succeeded 2: /1, /2
        write.openings succeeded 2: /1, /2
        write.choose-the-opening succeeded 2: /1, /2
        write.chapter-text succeeded 2: /1, /2
        write.pictures succeeded 2: /1, /2
        write.choose-the-picture succeeded 2: /1, /2
        assemble.all-pictures succeeded
        assemble.article succeeded
        assemble.translate succeeded
        assemble.final-text succeeded
        assemble.seo-titles succeeded 3: @1, @2, @3
        assemble.choose-the-title succeeded
        assemble.description succeeded
        assemble.tags succeeded
        assemble.choose-the-category succeeded
        assemble.category-entry succeeded
        publish.approve succeeded
        publish.publish succeeded"]]
    .assert_eq(&places(&house, run).await);
    expect![[r"
        ## Starter

        Second

        ### Flour

        Polished

        ### Water

        Polished

        ### Time

        Polished


        ## Oven

        Second

        ### Heat

        Polished

        ### Steam

        Polished

    "]]
    .assert_eq(&last_value(&house, run, "article_text").await);
    expect![[r#"{"category":{"name":"News","slug":"news"},"content":"Auf Deutsch","excerpt":"Kurz","language":"de","pictures":[{"alt":"by hand","prompt":""},{"alt":"by hand","prompt":""}],"tags":["brot"],"title":"B"}"#]].assert_eq(&last_value(&house, run, "post").await);
    assert_eq!(house.count("SELECT count(*) FROM section_runs"), 6);
}
