//! Runs, for the engine that owns them.

use branchline_persistence::testing::{Ids, at, sample_run, sample_workflow};
use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::run::{EventKind, RunEvent, SectionRunStatus, StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::store::{
    Change, Fence, MessageKind, NewRun, NewRunMessage, RunCommit, StoreError, Wakeup,
};

use crate::harness::{TestStore, claimed_run, new_run, on_both_databases, saved_workflow};

on_both_databases! {
    a_run_is_read_back_as_it_was_written
    a_stale_fence_changes_nothing
    one_refused_commit_does_not_disturb_the_others_of_its_group
    events_have_no_gaps_and_no_repetitions
    what_has_ended_never_changes
    a_task_is_answered_once
    the_same_key_starts_one_run
    messages_wait_until_they_are_applied_and_are_told_apart_by_key
    who_takes_any_run_leaves_those_that_are_owned
    a_listener_hears_of_a_run
    a_run_has_one_owner_while_that_one_lives
    more_than_ten_thousand_rows_fit_in_one_commit
    a_caller_that_goes_away_leaves_nothing_open
    a_run_is_imported_with_everything_in_it_or_not_at_all
}

fn event(fence: Fence, sequence: u64) -> RunEvent {
    let kind = EventKind::StepWaiting { step: format!("event {sequence}"), label: None };
    RunEvent { run_id: fence.run_id, sequence, at: at(0), kind }
}

fn commit(fence: Fence, sequences: impl IntoIterator<Item = u64>) -> RunCommit {
    let events = sequences.into_iter().map(|sequence| event(fence, sequence)).collect();
    RunCommit { fence, changes: Vec::new(), events, messages_applied: Vec::new() }
}

async fn a_run_is_read_back_as_it_was_written(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 3);
    for commit in &sample.commits[..2] {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let snapshot = test.store.run_load(fence.run_id).await.unwrap();
    assert_eq!(snapshot.run.status, WorkflowRunStatus::Running);
    assert_eq!((snapshot.run.owner_id, snapshot.run.claim_epoch), (Some(fence.owner_id), fence.claim_epoch));
    assert_eq!(snapshot.step_runs, sample.step_runs[..4]);
    assert_eq!(snapshot.section_runs[0].status, SectionRunStatus::Succeeded);
    assert_eq!(snapshot.fan_outs[0].branch_count, 3);
    assert_eq!(snapshot.open_attempts.len(), 3);
    assert_eq!(snapshot.last_sequence, 5);

    for commit in &sample.commits[2..] {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let snapshot = test.store.run_load(fence.run_id).await.unwrap();
    assert_eq!(snapshot.run.status, WorkflowRunStatus::Succeeded);
    assert!(snapshot.step_runs.iter().all(|step_run| step_run.status == StepRunStatus::Succeeded));
    // An update that says nothing of the bindings leaves them.
    assert_eq!(snapshot.step_runs[1].inputs, sample.step_runs[1].inputs);
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

async fn a_stale_fence_changes_nothing(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let old = claimed_run(&*test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, old, 2);
    test.store.run_release(old).await.unwrap();
    let new = test.store.run_claim(old.run_id, ids.make()).await.unwrap().fence;
    assert!(new.claim_epoch > old.claim_epoch);
    let before = test.store.run_load(old.run_id).await.unwrap();
    for commit in sample.commits {
        assert_eq!(test.store.run_commit(commit).await, Err(StoreError::Fenced));
    }
    // Letting go of what one no longer has is no error, and takes it from nobody.
    test.store.run_release(old).await.unwrap();
    assert_eq!(test.store.run_load(old.run_id).await.unwrap(), before);
}

async fn one_refused_commit_does_not_disturb_the_others_of_its_group(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let mut commits = tokio::task::JoinSet::new();
    let mut fences = Vec::new();
    for number in 0..40_u64 {
        let mut fence = claimed_run(&*test.store, ids, workflow.id).await;
        fences.push(fence.run_id);
        if number % 10 == 3 {
            fence.claim_epoch -= 1;
        }
        // Another kind of refusal: it comes after a row was written.
        let mut commit = sample_run(ids, &workflow, fence, 2).commits.remove(0);
        if number % 10 == 7 {
            commit.changes.push(commit.changes[1].clone());
        }
        let store = test.store.clone();
        commits.spawn(async move { (number, store.run_commit(commit).await) });
    }
    for (number, result) in commits.join_all().await {
        match number % 10 {
            3 => assert_eq!(result, Err(StoreError::Fenced)),
            7 => assert!(matches!(result, Err(StoreError::Conflict { .. })), "{result:?}"),
            _ => assert_eq!(result, Ok(())),
        }
        let snapshot = test.store.run_load(fences[number as usize]).await.unwrap();
        let expected = if matches!(number % 10, 3 | 7) { (0, 0) } else { (2, 1) };
        assert_eq!((snapshot.section_runs.len(), snapshot.last_sequence), expected);
    }
}

async fn events_have_no_gaps_and_no_repetitions(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    test.store.run_commit(commit(fence, 1..=3)).await.unwrap();
    for wrong in [vec![3], vec![5], vec![4, 6], vec![4, 4], vec![1], vec![0]] {
        let result = test.store.run_commit(commit(fence, wrong.clone())).await;
        assert!(matches!(result, Err(StoreError::Unexpected { .. })), "{wrong:?}: {result:?}");
    }
    test.store.run_commit(commit(fence, [])).await.unwrap();
    test.store.run_commit(commit(fence, 4..=5)).await.unwrap();
    let events = test.store.event_list(fence.run_id, 1, 3).await.unwrap();
    assert_eq!(events, [2, 3, 4].map(|sequence| event(fence, sequence)));
}

async fn what_has_ended_never_changes(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 2);
    for commit in &sample.commits {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let before = test.store.run_load(fence.run_id).await.unwrap();
    let again = sample.commits[2].changes.iter().chain(&sample.commits[3].changes);
    let mut tried = 0;
    for change in again {
        let changes = vec![change.clone()];
        let commit = RunCommit { fence, changes, events: Vec::new(), messages_applied: Vec::new() };
        let result = test.store.run_commit(commit).await;
        assert!(result.is_err(), "{change:?}");
        tried += 1;
    }
    assert!(tried > 10);
    assert_eq!(test.store.run_load(fence.run_id).await.unwrap(), before);
}

async fn a_task_is_answered_once(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 1);
    for commit in &sample.commits {
        test.store.run_commit(commit.clone()).await.unwrap();
    }
    let mut decision = test.store.decision_list(fence.run_id).await.unwrap().remove(0);
    decision.id = ids.make();
    let changes = vec![Change::DecisionInsert(decision)];
    let commit = RunCommit { fence, changes, events: Vec::new(), messages_applied: Vec::new() };
    assert!(matches!(test.store.run_commit(commit).await, Err(StoreError::Conflict { .. })));
    assert_eq!(test.store.decision_list(fence.run_id).await.unwrap().len(), 1);
}

async fn the_same_key_starts_one_run(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let other = test.store.workflow_save(sample_workflow(ids, "two")).await.unwrap().workflow;
    let mut first = new_run(ids, workflow.id);
    first.idempotency_key = Some("monday".to_owned());
    let id = test.store.run_create(first.clone()).await.unwrap();
    assert_eq!(id, first.id);
    first.id = ids.make();
    assert_eq!(test.store.run_create(first.clone()).await.unwrap(), id);
    first.workflow_id = other.id;
    assert!(matches!(test.store.run_create(first.clone()).await, Err(StoreError::Conflict { .. })));
    first.idempotency_key = None;
    first.workflow_id = ids.make();
    let missing = test.store.run_create(first).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound { what: "workflow", .. }), "{missing:?}");
}

async fn messages_wait_until_they_are_applied_and_are_told_apart_by_key(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let kind = MessageKind::Answer { step_run_id: ids.make(), answer: serde_json::json!({ "picked": [1] }) };
    let mut message = NewRunMessage {
        id: ids.make(),
        run_id: fence.run_id,
        unique_key: "answer".to_owned(),
        kind,
        created_at: at(1),
    };
    assert!(test.store.message_insert(message.clone()).await.unwrap());
    let again = NewRunMessage { id: ids.make(), ..message.clone() };
    assert!(!test.store.message_insert(again).await.unwrap());
    let waiting = test.store.message_list(&[fence.run_id]).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].id, &waiting[0].kind), (1, message.id, &message.kind));

    let applied = RunCommit { messages_applied: vec![message.id], ..commit(fence, [1]) };
    test.store.run_commit(applied).await.unwrap();
    assert_eq!(test.store.message_list(&[fence.run_id]).await.unwrap(), []);
    // Applying it a second time is refused, and with it the whole commit.
    let twice = RunCommit { messages_applied: vec![message.id], ..commit(fence, [2]) };
    assert!(test.store.run_commit(twice).await.is_err());
    assert_eq!(test.store.run_load(fence.run_id).await.unwrap().last_sequence, 1);

    message.run_id = ids.make();
    let missing = test.store.message_insert(message).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound { what: "run", .. }), "{missing:?}");
}

async fn who_takes_any_run_leaves_those_that_are_owned(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let mut free: Vec<WorkflowRunId> = Vec::new();
    for _ in 0..3 {
        free.push(test.store.run_create(new_run(ids, workflow.id)).await.unwrap());
    }
    let mine: SchedulerId = ids.make();
    assert_eq!(
        test.store.run_orphans(mine, 2).await.unwrap(),
        free[..2],
        "the oldest, and no more than asked for"
    );
    assert_eq!(test.store.run_claim_idle(fence.run_id, mine).await, Ok(None));
    let claim = test.store.run_claim_idle(free[0], mine).await.unwrap().unwrap();
    assert_eq!((claim.fence.run_id, claim.previous_owner), (free[0], None));
}

async fn a_listener_hears_of_a_run(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let mut wakeups = test.store.wakeups();
    let run: WorkflowRunId = ids.make();
    test.store.run_tell(run).await;
    while wakeups.next().await.unwrap() != Wakeup::Run(run) {}
}

async fn a_run_has_one_owner_while_that_one_lives(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let run: WorkflowRunId = test.store.run_create(new_run(ids, workflow.id)).await.unwrap();
    let nobody: SchedulerId = ids.make();
    assert_eq!(test.store.run_orphans(nobody, 10).await.unwrap(), [run]);
    let (here, there): (SchedulerId, SchedulerId) = (ids.make(), ids.make());
    let second = test.second().await;
    let claim = second.run_claim(run, there).await.unwrap();
    assert_eq!(claim.previous_owner, None);
    let claim = second.run_claim(run, there).await.unwrap();
    assert_eq!(claim.previous_owner, Some(there), "an owner that claims again is told that it was one");
    assert_eq!(test.store.run_claim(run, here).await, Err(StoreError::Owned { owner: there }));
    assert_eq!(second.run_claim(run, ids.make()).await, Err(StoreError::Owned { owner: there }));
    assert_eq!(test.store.run_orphans(here, 10).await.unwrap(), []);

    // It ends without letting go.
    drop(second);
    // On a server it says so after it has gone.
    while test.store.run_orphans(here, 10).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(test.store.run_orphans(here, 10).await.unwrap(), [run]);
    let mine: SchedulerId = ids.make();
    let taken = test.store.run_claim(run, mine).await.unwrap();
    assert_eq!(taken.previous_owner, Some(there));
    assert!(taken.fence.claim_epoch > claim.fence.claim_epoch);
    assert_eq!(test.store.run_commit(commit(claim.fence, [1])).await, Err(StoreError::Fenced));
    test.store.run_commit(commit(taken.fence, [1])).await.unwrap();

    let missing = test.store.run_claim(ids.make(), mine).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound { what: "run", .. }), "{missing:?}");
}

async fn more_than_ten_thousand_rows_fit_in_one_commit(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 4_000);
    assert!(sample.commits[1].changes.len() > 10_000);
    for commit in sample.commits {
        test.store.run_commit(commit).await.unwrap();
    }
    let snapshot = test.store.run_load(fence.run_id).await.unwrap();
    assert_eq!((snapshot.step_runs.len(), snapshot.values.len()), (4_002, 8_002));
    assert_eq!(snapshot.last_sequence, 8_004);
}

async fn a_caller_that_goes_away_leaves_nothing_open(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    for sequence in 1..=20 {
        // Polled once, so that it is queued, then dropped.
        let mut writing = Box::pin(test.store.run_commit(commit(fence, [sequence])));
        assert!(futures_poll(writing.as_mut()).is_pending());
        drop(writing);
        // It is done all the same. Nobody is told when, so it is looked for; that it never comes would be a hang.
        while test.store.event_list(fence.run_id, sequence - 1, 1).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    }
    // It fails unless all of them were done.
    test.store.run_commit(commit(fence, [21])).await.unwrap();
    let other = test.second().await;
    other.run_create(new_run(ids, workflow.id)).await.unwrap();
}

fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}

/// A run with everything in it, as one commit of an owner that never lived.
fn whole_run(
    ids: &mut Ids,
    workflow: &branchline_schema_model::store::WorkflowVersion,
) -> (NewRun, RunCommit) {
    let run = new_run(ids, workflow.id);
    let fence = Fence { run_id: run.id, owner_id: ids.make(), claim_epoch: 1 };
    let mut whole =
        RunCommit { fence, changes: Vec::new(), events: Vec::new(), messages_applied: Vec::new() };
    for commit in sample_run(ids, workflow, fence, 3).commits {
        whole.changes.extend(commit.changes);
        whole.events.extend(commit.events);
    }
    (run, whole)
}

async fn a_run_is_imported_with_everything_in_it_or_not_at_all(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let (run, commit) = whole_run(ids, &workflow);
    assert_eq!(test.store.run_import(run.clone(), commit).await.unwrap(), run.id);
    let snapshot = test.store.run_load(run.id).await.unwrap();
    assert_eq!((snapshot.run.status, snapshot.run.owner_id), (WorkflowRunStatus::Succeeded, None));
    assert_eq!(snapshot.run.label, run.label);
    assert!(snapshot.step_runs.iter().all(|step_run| step_run.status == StepRunStatus::Succeeded));
    assert_eq!(snapshot.fan_outs[0].branch_count, 3);

    let (run, mut broken) = whole_run(ids, &workflow);
    let last = broken.changes.iter().rposition(|change| matches!(change, Change::ValueInsert(_))).unwrap();
    let twice = broken.changes[last].clone();
    broken.changes.push(twice);
    test.store.run_import(run.clone(), broken).await.unwrap_err();
    assert!(matches!(test.store.run_fetch(run.id).await, Err(StoreError::NotFound { .. })));
    assert_eq!(test.store.integrity_check().await.unwrap(), Vec::<String>::new());

    let (run, other) = (new_run(ids, workflow.id), whole_run(ids, &workflow).1);
    assert!(matches!(test.store.run_import(run, other).await, Err(StoreError::Unexpected { .. })));
}
