//! What a process that ends in the middle leaves behind, and what the next one makes of it.

use std::sync::Arc;
use std::time::Duration;

use branchline_runtime::engine::{Author, RunOptions, RunRest};
use branchline_schema_model::run::{EventKind, StepRunStatus, WorkflowRunStatus};
use serde_json::json;

use crate::article::ARTICLE;
use crate::house::{House, TestModel, inputs};

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_down_engine_lets_go_and_another_goes_on() {
    let model = TestModel::with_list_of(5);
    let house = House::new(Arc::clone(&model));
    let saved = house.engine.workflow_save(&crate::house::workflow(ARTICLE)).await.unwrap();
    let options =
        RunOptions { unattended: true, parallel_calls: Some(1), ..inputs([("transcript", json!("talk"))]) };
    let run = house.engine.run_start(saved.workflow.id, options).await.unwrap();
    house.engine.shutdown(Duration::from_secs(30)).await;
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::LetGo);
    assert_eq!(house.count("SELECT count(*) FROM workflow_runs WHERE owner_id IS NOT NULL"), 0);
    assert_eq!(house.count("SELECT count(*) FROM step_attempts WHERE ended_at IS NULL"), 0, "it drained");

    let House { folder, .. } = house;
    let next = House::at(folder, Arc::clone(&model));
    next.engine.run_resume(run, Author::default()).await.unwrap();
    assert_eq!(next.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(model.call_count(), 15, "nothing was asked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_numbered_without_gaps_and_tell_the_whole_run() {
    let house = House::new(TestModel::with_list_of(3));
    let options = RunOptions { unattended: true, ..inputs([("transcript", json!("talk"))]) };
    let (run, _) = house.run(ARTICLE, options).await;
    let events = house.store.event_list(run, 0, 1_000).await.unwrap();
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=events.len() as u64).collect::<Vec<_>>());
    assert!(matches!(events[0].kind, EventKind::RunStatus { status: WorkflowRunStatus::Running, .. }));
    assert!(matches!(
        events.last().unwrap().kind,
        EventKind::RunStatus { status: WorkflowRunStatus::Succeeded, .. }
    ));
    let succeeded =
        events.iter().filter(|event| matches!(event.kind, EventKind::StepSucceeded { .. })).count();
    assert_eq!(succeeded, 12, "11 model calls and a template");
    let waiting = house
        .step_runs(run)
        .await
        .iter()
        .filter(|view| view.step_run.status == StepRunStatus::Waiting)
        .count();
    assert_eq!(waiting, 0);
}
