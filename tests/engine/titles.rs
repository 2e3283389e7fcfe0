//! Scenario S3: titles at three temperatures; a person takes one variant whole, or single titles out of several.

use std::fmt::Write as _;

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest, Task};
use branchline_runtime::error::EngineError;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{StepRunStatus, ValueSource, WorkflowRunStatus};
use expect_test::expect;
use serde_json::json;

use crate::house::{House, TestModel, inputs};

const TITLES: &str = r#"
name: titles
attributes:
  script: { input: true }
  title_ideas: string[]
sections:
  - name: Publish
    steps:
      - name: Title Ideas
        variants:
          calm: { temperature: 0.7 }
          usual: { temperature: 0.9 }
          bold: { temperature: 1.0 }
        prompt: "Five titles for {{script}}"
        outputs: [title_ideas]
      - name: Pick Titles
        description: Which titles do we go on with?
        action: choose
        from: title_ideas
        outputs: [title_ideas]
      - name: Thumb Text Ideas
        prompt: "Texts on the thumbnail of {{script}} for these titles: {{title_ideas}}"
        outputs: [thumb_texts]
"#;

async fn waiting(parallel_calls: u32) -> (House, WorkflowRunId, Task) {
    let house = House::new(TestModel::with_list_of(5));
    let options = RunOptions { parallel_calls: Some(parallel_calls), ..inputs([("script", json!("bees"))]) };
    let (run, rest) = house.run(TITLES, options).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    (house, run, task)
}

/// Answers the task and gives the text that `Thumb Text Ideas` read, once the run has ended.
async fn downstream(house: &House, run: WorkflowRunId, task: &Task, answer: Answer) -> String {
    house.engine.task_answer(task.step_run.id, answer, Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    let views = house.step_runs(run).await;
    let [thumbs] =
        views.iter().filter(|view| view.address == "publish.thumb-text-ideas").collect::<Vec<_>>()[..]
    else {
        panic!("one step run")
    };
    let [read] = thumbs.step_run.inputs["title_ideas"][..] else { panic!("one value") };
    let values = house.values(run).await;
    let value = values.into_iter().find(|one| one.value.id == read).unwrap();
    assert_eq!((value.address.as_str(), value.value.source), ("publish.pick-titles", ValueSource::Human));
    value.value.value
}

#[tokio::test(flavor = "multi_thread")]
async fn three_variants_ask_the_same_with_other_parameters() {
    let (house, run, task) = waiting(64).await;
    let mut hashes = Vec::new();
    let mut shown = String::new();
    for view in house.step_runs(run).await.iter().filter(|view| view.address.contains("title-ideas")) {
        let attempts = house.store.attempt_list(view.step_run.id).await.unwrap();
        let [attempt] = &attempts[..] else { panic!("one attempt") };
        hashes.push(view.step_run.prompt_hash.clone().unwrap());
        writeln!(
            shown,
            "{} {} {}",
            view.address,
            view.step_run.branch_path.branch_number(),
            attempt.request.as_ref().unwrap()["parameters"]
        )
        .unwrap();
    }
    expect![[r#"
        publish.title-ideas@calm 1 {"temperature":0.7}
        publish.title-ideas@usual 2 {"temperature":0.9}
        publish.title-ideas@bold 3 {"temperature":1.0}
    "#]]
    .assert_eq(&shown);
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "the prompt is the same");
    assert_eq!(house.count("SELECT count(*) FROM attribute_values WHERE source = 'model'"), 3);
    assert_eq!(task.step_run.status, StepRunStatus::Waiting);
    let options: Vec<_> =
        task.options.iter().map(|option| format!("{}{}", option.number, option.branch)).collect();
    expect!["1@calm 2@calm 3@calm 4@calm 5@calm 6@usual 7@usual 8@usual 9@usual 10@usual 11@bold 12@bold 13@bold 14@bold 15@bold"].assert_eq(&options.join(" "));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_variant_is_taken_whole() {
    let (house, run, task) = waiting(64).await;
    let unknown = Answer::Branches(vec!["@loud".to_owned()]);
    let refused = house.engine.task_answer(task.step_run.id, unknown, Author::default()).await;
    let Err(EngineError::Answer { message }) = refused else { panic!("{refused:?}") };
    assert_eq!(message, "there is no branch `@loud`; the branches are `@calm`, `@usual`, `@bold`");

    let read = downstream(&house, run, &task, Answer::Branches(vec!["@usual".to_owned()])).await;
    let written = house.values(run).await;
    let second = written.iter().find(|one| one.address == "publish.title-ideas@usual").unwrap();
    assert_eq!(read, second.value.value);
    let decision = house.store.decision_list(run).await.unwrap().remove(0);
    assert_eq!((decision.picked, decision.option_count), (vec![6, 7, 8, 9, 10], 15));
    assert_eq!(written.iter().filter(|one| one.attribute == "title_ideas").count(), 4, "the others are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn single_titles_are_taken_out_of_several_variants() {
    let (house, run, task) = waiting(64).await;
    // Item 1 of variant 1, and item 4 of variant 3.
    let read = downstream(&house, run, &task, Answer::Pick(vec![1, 14])).await;
    assert_eq!(read, r#"["title_ideas 1","title_ideas 4"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_same_with_1_and_with_64_calls() {
    let mut told = Vec::new();
    for parallel_calls in [1, 64] {
        let (house, run, task) = waiting(parallel_calls).await;
        let read = downstream(&house, run, &task, Answer::Branches(vec!["@usual".to_owned()])).await;
        told.push((read, house.bindings(run).await, house.texts(run).await));
    }
    assert_eq!(told[0], told[1]);
}
