//! Failures that a run goes on after, and how many of them.
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use branchline_runtime::engine::{RunOptions, RunRest};
use branchline_schema_model::limits::BRANCHES_MAX;
use branchline_schema_model::run::WorkflowRunStatus;
use expect_test::expect;
use serde_json::json;

use crate::flow::same;
use crate::house::{House, TestModel, inputs};

pub(crate) const FAILING: &str = r#"
attributes: { topic: { input: true }, parts: "string[]" }
outputs: [all]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Write, for_each: part in parts, AT prompt: "{{part}}", outputs: [text] }
      - { name: All, action: template, gather: [text], prompt: "{{json text}}", outputs: [all] }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tolerated_as_far_as_the_author_says() {
    let body = |at: &str| FAILING.replace("AT", at);
    let (house, run) = same(
        &body("on_error: skip,"),
        &["main.write/2"],
        expect![[r#"
        inputs.inputs succeeded
        main.split succeeded topic=inputs.inputs
        main.write/1 succeeded part=main.write/1 parts=main.split
        main.write/2 skipped part=main.write/2 parts=main.split
        main.write/3 succeeded part=main.write/3 parts=main.split
        main.all succeeded text=main.write/1+main.write/3
        all = "[\"main.write/1 of (parts 1)\",\"main.write/3 of (parts 3)\"]"
        succeeded"#]],
    )
    .await;
    assert_eq!(house.store.run_fetch(run).await.unwrap().tolerated_failures, 1);
    same(
        &body("on_error: \"null\","),
        &["main.write/2"],
        expect![[r#"
        inputs.inputs succeeded
        main.split succeeded topic=inputs.inputs
        main.write/1 succeeded part=main.write/1 parts=main.split
        main.write/2 skipped part=main.write/2 parts=main.split
        main.write/3 succeeded part=main.write/3 parts=main.split
        main.all succeeded text=main.write/1+main.write/3
        all = "[\"main.write/1 of (parts 1)\",null,\"main.write/3 of (parts 3)\"]"
        succeeded"#]],
    )
    .await;
    same(
        &body("at_least: 2,"),
        &["main.write/2"],
        expect![[r#"
        inputs.inputs succeeded
        main.split succeeded topic=inputs.inputs
        main.write/1 succeeded part=main.write/1 parts=main.split
        main.write/2 skipped part=main.write/2 parts=main.split
        main.write/3 succeeded part=main.write/3 parts=main.split
        main.all succeeded text=main.write/1+main.write/3
        all = "[\"main.write/1 of (parts 1)\",\"main.write/3 of (parts 3)\"]"
        succeeded"#]],
    )
    .await;
    same(&body("at_least: 2,"), &["main.write/2", "main.write/3"], expect![[r#"
        inputs.inputs succeeded
        main.split succeeded topic=inputs.inputs
        main.write/1 succeeded part=main.write/1 parts=main.split
        main.write/2 skipped part=main.write/2 parts=main.split
        main.write/3 skipped part=main.write/3 parts=main.split
        main.all failed
        all = null
        failed `main.all` failed: only 1 of 3 branches of `main.write` gave a value, 2 are needed (missing_input)"#]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_that_nothing_joins_are_asked_for_too() {
    let body = r#"
attributes: { topic: { input: true }, parts: "string[]" }
outputs: [parts]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Write, for_each: part in parts, at_least: 2, prompt: "{{part}}", outputs: [text] }
      - { name: Send, prompt: "Send {{text}}" }
"#;
    same(body, &["main.send/1", "main.write/3"], expect![[r#"
        inputs.inputs succeeded
        main.split succeeded topic=inputs.inputs
        main.write failed
        main.write/1 succeeded part=main.write/1 parts=main.split
        main.write/2 succeeded part=main.write/2 parts=main.split
        main.write/3 skipped part=main.write/3 parts=main.split
        main.send/1 skipped text=main.write/1
        main.send/2 succeeded text=main.write/2
        main.send/3 skipped
        parts = ["parts 1","parts 2","parts 3"]
        failed `main.write` failed: only 1 of 3 branches of `main.write` came through, 2 are needed (missing_input)"#]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_would_be_too_many_step_runs_is_refused_before_the_first_call() {
    let head = r#"
name: many
model: test/any
attributes: { topic: { input: true }, parts: "string[]" }
outputs: [parts]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Write, for_each: part in parts, prompt: "{{part}}", outputs: [text] }
"#;
    let checks =
        (1..=25).map(|number| format!("      - {{ name: Check {number}, prompt: \"{{{{text}}}}\" }}\n"));
    let house = House::new(TestModel::with_list_of(BRANCHES_MAX));
    let given = RunOptions { model: None, ..inputs([("topic", json!("bees"))]) };
    let (run, rest) = house.run(&format!("{head}{}", checks.collect::<String>()), given).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Failed));
    let reason = house.store.run_fetch(run).await.unwrap().run.reason.unwrap();
    expect!["`main.write` failed: the run would come to 260002 step runs, at most 250000 are possible (missing_input)"]
        .assert_eq(&reason);
}
