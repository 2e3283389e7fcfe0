//! The promises of the store traits.

use branchline_persistence::testing::{Ids, sample_run};
use branchline_schema_model::run::{StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::store::RunStore as _;

use crate::harness::{TestStore, claimed_run, saved_workflow};

#[tokio::test]
async fn a_run_is_read_back_as_it_was_written() {
    let test = TestStore::new();
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&test.store, ids).await;
    let fence = claimed_run(&test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 3);
    for commit in &sample.commits[..2] {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let snapshot = test.store.run_load(fence.run_id).await.unwrap();
    assert_eq!(snapshot.run.status, WorkflowRunStatus::Running);
    assert_eq!((snapshot.run.owner_id, snapshot.run.claim_epoch), (Some(fence.owner_id), fence.claim_epoch));
    assert_eq!(snapshot.step_runs, sample.step_runs[..4]);
    assert_eq!(snapshot.fan_outs[0].branch_count, 3);
    assert_eq!(snapshot.open_attempts.len(), 3);
    assert_eq!(snapshot.last_sequence, 5);
    for commit in &sample.commits[2..] {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let snapshot = test.store.run_load(fence.run_id).await.unwrap();
    assert_eq!(snapshot.run.status, WorkflowRunStatus::Succeeded);
    assert!(snapshot.step_runs.iter().all(|step_run| step_run.status == StepRunStatus::Succeeded));
    assert_eq!(snapshot.open_attempts, []);
    let mut values = sample.values.clone();
    let ids: Vec<_> = values.iter().map(|value| value.id).collect();
    let texts = test.store.value_texts(&ids).await.unwrap();
    for (value, text) in values.iter_mut().zip(texts) {
        assert_eq!(*value.value, *text);
        value.value.clear();
    }
    assert_eq!(snapshot.values, values);
}
