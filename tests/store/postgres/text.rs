//! Numbers and characters that a database has another mind about.

use branchline_persistence::testing::postgres::query_number;
use branchline_persistence::testing::{Ids, sample_run};
use branchline_schema_model::store::Change;
use serde_json::json;

use crate::harness::{TestStore, claimed_run, new_run, on_both_databases, saved_workflow};

on_both_databases! {
    documents_keep_their_numbers
    what_a_service_answered_is_kept_even_with_characters_no_text_may_hold
}

async fn documents_keep_their_numbers(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let mut run = new_run(ids, workflow.id);
    run.options = json!({
        "numbers": [1, 1.0, 1e16, 1e300, 1e-7, 0.1, -2.5, u64::MAX, i64::MIN, 123_456_789.123_456_79],
        "deep": { "b": [null, true, "é\u{1F41D}\\\"\n"], "a": {} },
    });
    let id = test.store.run_create(run.clone()).await.unwrap();
    let kept = test.store.run_fetch(id).await.unwrap().run.options;
    assert_eq!(kept.to_string(), run.options.to_string());
}

async fn what_a_service_answered_is_kept_even_with_characters_no_text_may_hold(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*test.store, ids).await;
    let fence = claimed_run(&*test.store, ids, workflow.id).await;
    let mut sample = sample_run(ids, &workflow, fence, 1);
    for change in sample.commits.iter_mut().flat_map(|commit| &mut commit.changes) {
        match change {
            Change::AttemptUpdate(end) => {
                end.response = Some("a\0b".to_owned());
                end.request = Some(json!({ "content": "c\0d" }));
            }
            Change::StepRunUpdate(update) => update.error = Some("e\0f".to_owned()),
            Change::DecisionInsert(decision) => decision.note = Some("g\0h".to_owned()),
            _ => {}
        }
    }
    for commit in sample.commits {
        test.store.run_commit(commit).await.unwrap();
    }
    let step_run = sample.step_runs[1].id;
    let attempts = test.store.attempt_list(step_run).await.unwrap();
    assert_eq!(attempts.last().unwrap().response.as_deref(), Some("a\u{2400}b"));
    let error = test.store.step_run_fetch(step_run).await.unwrap().step_run.error;
    assert_eq!(error.as_deref(), Some("e\u{2400}f"));
    let decisions = test.store.decision_list(fence.run_id).await.unwrap();
    assert_eq!(decisions[0].note.as_deref(), Some("g\u{2400}h"));
    if test.url.path().is_none() {
        let asked = "SELECT count(*) FROM step_attempts WHERE request ->> 'content' = U&'c\\2400d'";
        assert!(query_number(&test.url, asked).await > 0);
    }
}
