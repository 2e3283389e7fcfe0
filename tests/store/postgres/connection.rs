//! Connections that die, servers that do not let us in.

use std::sync::atomic::Ordering;

use branchline_persistence::testing::postgres::{execute, new_database, query_number, server};
use branchline_persistence::testing::{Ids, sample_run};
use branchline_persistence::{Database, DatabaseUrl, OpenOptions};
use branchline_schema_model::store::StoreError;

use super::proxy::{Cut, Proxy};
use crate::harness::{claimed_run, new_run, saved_workflow};

async fn open(url: &DatabaseUrl) -> Database {
    Database::open(url, OpenOptions::default()).await.unwrap()
}

/// Every commit of a run is cut once; it comes to the same as if none were.
async fn nothing_is_lost_or_doubled(cut: Cut) {
    let url = new_database().await;
    let proxy = Proxy::start(&url, cut).await;
    let store = open(&proxy.url).await;
    let ids = &mut Ids::new(1);
    let cut_once = || proxy.cuts.store(1, Ordering::SeqCst);
    cut_once();
    let workflow = saved_workflow(&*store, ids).await;
    cut_once();
    let fence = claimed_run(&*store, ids, workflow.id).await;
    let sample = sample_run(ids, &workflow, fence, 3);
    for commit in sample.commits {
        cut_once();
        store.run_commit(commit).await.unwrap();
        assert_eq!(proxy.cuts.load(Ordering::SeqCst), 0, "the cut did not happen");
    }
    let summary = store.run_fetch(fence.run_id).await.unwrap();
    assert_eq!((summary.calls, summary.usage.input_tokens), (4, 400));
    assert_eq!(store.run_load(fence.run_id).await.unwrap().last_sequence, 10);
    assert_eq!(query_number(&url, "SELECT count(*) FROM attribute_values").await, 8);
    assert_eq!(query_number(&url, "SELECT count(*) FROM workflow_runs").await, 1);
}

#[tokio::test]
async fn a_commit_that_did_not_arrive_is_done_again() {
    nothing_is_lost_or_doubled(Cut::BeforeCommit).await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_not_done_again() {
    nothing_is_lost_or_doubled(Cut::AfterCommit).await;
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let url = new_database().await;
    let store = open(&url).await;
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*store, ids).await;
    for _ in 0..5 {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        execute(&url, others).await;
        store.run_create(new_run(ids, workflow.id)).await.unwrap();
    }
    assert_eq!(query_number(&url, "SELECT count(*) FROM workflow_runs").await, 5);
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_named_as_such_and_used_again_when_it_does() {
    let url = new_database().await;
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*open(&url).await, ids).await;
    let name = url.to_string().rsplit_once('/').unwrap().1.to_owned();
    execute(&url, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let store = open(&url).await;
    let error = store.run_create(new_run(ids, workflow.id)).await.unwrap_err();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
    assert_eq!(store.workflow_fetch(workflow.id).await.unwrap(), workflow);
    execute(&server().parse().unwrap(), &format!("ALTER DATABASE {name} RESET ALL")).await;
    // The connection that met it is not used again.
    let error = store.run_create(new_run(ids, workflow.id)).await;
    let created = if error.is_ok() { error } else { store.run_create(new_run(ids, workflow.id)).await };
    created.unwrap();
}

#[tokio::test]
async fn a_user_who_may_not_write_is_told_so() {
    let url = new_database().await;
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*open(&url).await, ids).await;
    let guest = format!("guest_{}", url.to_string().rsplit_once('/').unwrap().1);
    let grant = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO";
    execute(&url, &format!("CREATE ROLE {guest} LOGIN; {grant} {guest}")).await;
    let url: DatabaseUrl = url.to_string().replace("branchline@", &format!("{guest}@")).parse().unwrap();
    let store = Database::open(&url, OpenOptions { create: false, migrate: false }).await.unwrap();
    let error = store.run_create(new_run(ids, workflow.id)).await.unwrap_err();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
    assert_eq!(store.workflow_fetch(workflow.id).await.unwrap(), workflow);
}

#[tokio::test]
async fn what_is_not_there_is_named_without_the_password() {
    let missing = server().replace("branchline@", "branchline:s3cret@").replace("/postgres", "/nowhere");
    let unreachable = "postgres://branchline:s3cret@127.0.0.1:1/runs".to_owned();
    let refused = server().replace("branchline@", "nobody:s3cret@");
    for (url, expected) in [
        (missing, "make it with `createdb`"),
        (unreachable, "refused"),
        (refused, "role \"nobody\" does not exist"),
    ] {
        let url: DatabaseUrl = url.parse().unwrap();
        let error = Database::open(&url, OpenOptions::default()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error:?}{error}{url:?}{url}").contains("s3cret"), "{error}");
    }
}
