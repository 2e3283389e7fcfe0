//! Answers, cancels and inputs that come at the wrong moment, or are wrong.

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest};
use branchline_runtime::error::EngineError;
use branchline_schema_model::run::{ErrorClass, WorkflowRunStatus};
use serde_json::json;

use crate::article::ARTICLE;
use crate::house::{House, TestModel, inputs, workflow};

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_at_once_one_is_recorded() {
    let house = House::new(TestModel::with_list_of(5));
    let (run, _) = house.run(ARTICLE, inputs([("transcript", json!("talk"))])).await;
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let mut answers = tokio::task::JoinSet::new();
    for number in 0..50 {
        let (engine, step_run) = (house.engine.clone(), task.step_run.id);
        answers.spawn(async move {
            engine.task_answer(step_run, Answer::Pick(vec![number % 5 + 1]), Author::default()).await
        });
    }
    let results = answers.join_all().await;
    let taken = results.iter().filter(|result| matches!(result, Ok(Some(_)))).count();
    let late = results.iter().filter(|result| matches!(result, Err(EngineError::TooLate { .. }))).count();
    assert_eq!((taken, late), (1, 49), "{results:?}");
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(house.count("SELECT count(*) FROM decisions"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_stays_as_it_is() {
    let house = House::new(TestModel::with_list_of(5));
    let (run, _) = house.run(ARTICLE, inputs([("transcript", json!("talk"))])).await;
    house.engine.run_cancel(run, Author { name: Some("ana".into()), note: None }).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Cancelled));
    let summary = house.store.run_fetch(run).await.unwrap();
    assert_eq!(summary.run.reason.as_deref(), Some("cancelled by ana"));
    assert!(house.engine.task_list(Some(run)).await.unwrap().is_empty());
    assert!(matches!(house.engine.run_resume(run, Author::default()).await, Err(EngineError::State { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_inputs_are_all_named_before_anything_is_written() {
    let house = House::new(TestModel::with_list_of(5));
    let saved = house.engine.workflow_save(&workflow(ARTICLE)).await.unwrap();
    let refused = house.engine.run_start(saved.workflow.id, inputs([("transkript", json!("talk"))])).await;
    let Err(EngineError::Inputs { problems }) = refused else { panic!("{refused:?}") };
    expect_test::expect![[r"
        `transkript` is not a run input of this workflow; did you mean `transcript`?
        the run input `transcript` (string) is missing"]]
    .assert_eq(&problems.join("\n"));
    assert_eq!(house.count("SELECT count(*) FROM workflow_runs"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_twice_with_one_key_is_starting_once() {
    let house = House::new(TestModel::with_list_of(5));
    let options =
        RunOptions { idempotency_key: Some("monday".into()), ..inputs([("transcript", json!("talk"))]) };
    let (first, _) = house.run(ARTICLE, options.clone()).await;
    let (second, _) = house.run(ARTICLE, options).await;
    assert_eq!(first, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_pauses_the_run_and_resume_goes_on() {
    let model = TestModel::with_list_of(5);
    model.fail("analysis.write-first-draft", &[ErrorClass::Unauthorized]);
    let house = House::new(model);
    let (run, rest) = house.run(ARTICLE, inputs([("transcript", json!("talk"))])).await;
    assert!(matches!(rest, RunRest::Paused(_)), "{rest:?}");
    house.engine.run_resume(run, Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Waiting);
}
