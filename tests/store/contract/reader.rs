//! Lists and details for people.

use branchline_persistence::testing::{Ids, sample_run};
use branchline_schema_model::run::{StepRunStatus, Usage, WorkflowRunStatus};
use branchline_schema_model::store::{RunFilter, StepRunFilter, StoreError, ValueFilter};

use crate::harness::{TestStore, claimed_run, new_run, on_both_databases, saved_workflow};

on_both_databases! {
    pages_of_step_runs_follow_reference_order_and_branch_order
    step_runs_are_filtered_by_step_branch_and_state
    pages_of_values_are_the_whole_list
    a_run_knows_its_counts_and_its_cost
    runs_are_found_by_id_by_its_end_and_as_the_last
    runs_are_listed_newest_first_in_pages
    tasks_are_what_waits_for_a_person
}

/// A run with twelve branches, finished up to the choice.
async fn branched(test: &TestStore, ids: &mut Ids) -> branchline_schema_model::id::WorkflowRunId {
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    for commit in sample_run(ids, &workflow, fence, 12).commits {
        test.store.run_commit(commit).await.unwrap();
    }
    fence.run_id
}

async fn pages_of_step_runs_follow_reference_order_and_branch_order(test: &TestStore) {
    let run = branched(test, &mut Ids::new(1)).await;
    let mut addresses = Vec::new();
    let mut filter = StepRunFilter { limit: 5, ..StepRunFilter::default() };
    loop {
        let page = test.store.step_run_list(run, &filter).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 5);
        filter.after = Some(last.step_run.id);
        addresses.extend(page.into_iter().map(|view| view.address));
    }
    let mut expected = vec!["inputs.inputs".to_owned()];
    expected.extend((1..=12).map(|branch| format!("writing.write-draft/{branch}")));
    expected.push("writing.choose".to_owned());
    assert_eq!(addresses, expected);
}

async fn step_runs_are_filtered_by_step_branch_and_state(test: &TestStore) {
    let run = branched(test, &mut Ids::new(1)).await;
    let all = StepRunFilter { limit: 100, ..StepRunFilter::default() };
    let count = async |filter: StepRunFilter| test.store.step_run_list(run, &filter).await.unwrap().len();
    assert_eq!(count(StepRunFilter { step: Some("writing.write-draft".into()), ..all.clone() }).await, 12);
    assert_eq!(count(StepRunFilter { below: Some("1".parse().unwrap()), ..all.clone() }).await, 1);
    assert_eq!(count(StepRunFilter { status: Some(StepRunStatus::Failed), ..all.clone() }).await, 0);
    assert_eq!(count(StepRunFilter { status: Some(StepRunStatus::Succeeded), ..all }).await, 14);
}

async fn pages_of_values_are_the_whole_list(test: &TestStore) {
    let run = branched(test, &mut Ids::new(1)).await;
    let all = test.store.value_list(run, &ValueFilter::default()).await.unwrap();
    let shown: Vec<_> =
        all.iter().take(4).map(|view| format!("{} {}", view.address, view.attribute)).collect();
    assert_eq!(
        shown,
        [
            "inputs.inputs topics",
            "writing.write-draft/1 topic",
            "writing.write-draft/1 draft",
            "writing.write-draft/2 topic"
        ]
    );
    assert_eq!(all.len(), 26);
    for limit in [1, 2, 7] {
        let mut paged = Vec::new();
        let mut filter = ValueFilter { limit: Some(limit), ..ValueFilter::default() };
        loop {
            let page = test.store.value_list(run, &filter).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.after = Some(last.value.id);
            paged.extend(page);
        }
        assert_eq!(paged, all, "{limit} a page");
    }
    let drafts = ValueFilter { attribute: Some("draft".to_owned()), ..ValueFilter::default() };
    assert_eq!(test.store.value_list(run, &drafts).await.unwrap().len(), 12);
    let one = ValueFilter { id: Some(all[3].value.id), ..ValueFilter::default() };
    assert_eq!(test.store.value_list(run, &one).await.unwrap(), all[3..4]);
    let of_step_run = ValueFilter { step_run: Some(all[1].value.step_run_id), ..ValueFilter::default() };
    assert_eq!(test.store.value_list(run, &of_step_run).await.unwrap(), all[1..3]);
    let unknown = ValueFilter { attribute: Some("drafts".to_owned()), ..ValueFilter::default() };
    let error = test.store.value_list(run, &unknown).await.unwrap_err();
    assert_eq!(error, StoreError::NotFound { what: "attribute", name: "drafts".to_owned() });
}

async fn a_run_knows_its_counts_and_its_cost(test: &TestStore) {
    let run = branched(test, &mut Ids::new(1)).await;
    let summary = test.store.run_fetch(run).await.unwrap();
    let usage = Usage { input_tokens: 1300, cached_tokens: 130, output_tokens: 520, reasoning_tokens: 65 };
    assert_eq!((summary.calls, summary.usage), (13, usage));
    let counts: Vec<_> = summary.steps.iter().map(|count| (count.step.as_str(), count.count)).collect();
    assert_eq!(counts, [("inputs.inputs", 1), ("writing.write-draft", 12), ("writing.choose", 1)]);
    let filter = StepRunFilter { below: Some("1".parse().unwrap()), limit: 1, ..StepRunFilter::default() };
    let branch = test.store.step_run_list(run, &filter).await.unwrap().remove(0);
    assert_eq!((branch.calls, branch.usage.input_tokens), (2, 200));
    assert_eq!(test.store.step_run_fetch(branch.step_run.id).await.unwrap(), branch);
    let attempts = test.store.attempt_list(branch.step_run.id).await.unwrap();
    assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    let [usage] = &test.store.step_usage_list(run).await.unwrap()[..] else {
        panic!("one step calls a model")
    };
    assert_eq!(
        (usage.step.as_str(), usage.model.as_str(), usage.calls),
        ("writing.write-draft", "mock/small", 12)
    );
    assert_eq!((usage.input_tokens, usage.output_tokens), ((100, 100), (40, 40)));
}

async fn runs_are_found_by_id_by_its_end_and_as_the_last(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let not_found = test.store.run_find("last").await.unwrap_err();
    assert!(matches!(not_found, StoreError::NotFound { what: "run", .. }));
    let workflow = saved_workflow(&*test.store, ids).await;
    let first = test.store.run_create(new_run(ids, workflow.id)).await.unwrap();
    let mut other = new_run(ids, workflow.id);
    other.id = "01900000-0000-7000-8000-00000000beef".parse().unwrap();
    let other = test.store.run_create(other).await.unwrap();
    assert_eq!(test.store.run_find(&first.to_string()).await.unwrap(), first);
    assert_eq!(test.store.run_find("BEEF").await.unwrap(), other);
    assert_eq!(test.store.run_find("last").await.unwrap(), first.max(other));
    for text in ["eef", "dead", "%eef", "", "01900000-0000-7000-8000-0000000fffff"] {
        let error = test.store.run_find(text).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound { what: "run", .. }), "{text}: {error:?}");
    }
    let third = test.store.run_create(new_run(ids, workflow.id)).await.unwrap();
    let common = &third.to_string()[third.to_string().len() - 4..];
    let error = test.store.run_find(common).await.unwrap_err();
    assert!(matches!(error, StoreError::Ambiguous { count: 2, .. }), "{error:?}");
}

async fn runs_are_listed_newest_first_in_pages(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(test.store.run_create(new_run(ids, workflow.id)).await.unwrap());
    }
    runs.reverse();
    let list = async |filter: RunFilter| -> Vec<_> {
        test.store.run_list(&filter).await.unwrap().into_iter().map(|summary| summary.run.id).collect()
    };
    let all = RunFilter { limit: 100, ..RunFilter::default() };
    assert_eq!(list(all.clone()).await, runs);
    assert_eq!(list(RunFilter { before: Some(runs[1]), limit: 2, ..all.clone() }).await, runs[2..4]);
    let pending = Some(WorkflowRunStatus::Pending);
    assert_eq!(
        list(RunFilter { status: pending, workflow: Some("sample".into()), ..all.clone() }).await,
        runs
    );
    assert!(list(RunFilter { workflow: Some("other".into()), ..all.clone() }).await.is_empty());
    assert!(list(RunFilter { status: Some(WorkflowRunStatus::Failed), ..all }).await.is_empty());
}

async fn tasks_are_what_waits_for_a_person(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let mut sample = sample_run(ids, &workflow, fence, 1);
    let mut last = sample.commits.pop().unwrap();
    for commit in sample.commits {
        test.store.run_commit(commit).await.unwrap();
    }
    assert!(test.store.task_list(None).await.unwrap().is_empty());
    last.changes.truncate(1);
    test.store.run_commit(last).await.unwrap();
    let tasks = test.store.task_list(None).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].address.as_str()), (1, "writing.choose"));
    assert_eq!(test.store.task_list(Some(fence.run_id)).await.unwrap(), tasks);
}
