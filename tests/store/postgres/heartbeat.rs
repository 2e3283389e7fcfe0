//! Engines whose process ends or is cut off.

use std::time::Duration;

use branchline_persistence::testing::Ids;
use branchline_persistence::testing::postgres::{execute, new_database};
use branchline_persistence::{Database, DatabaseUrl, HeartbeatTiming, PostgresStore};
use branchline_schema_model::id::SchedulerId;
use branchline_schema_model::store::{RunCommit, StoreError, Wakeup};

use crate::harness::{new_run, saved_workflow};

/// Short enough to wait for, long enough for a machine that is busy with other tests.
const TIMING: HeartbeatTiming =
    HeartbeatTiming { beat: Duration::from_millis(100), death: Duration::from_secs(3) };

async fn open(url: &DatabaseUrl) -> Database {
    let DatabaseUrl::Postgres(url) = url else { panic!("{url}") };
    PostgresStore::open_with(url, true, TIMING).await.unwrap().into()
}

#[test]
fn the_run_of_a_process_that_died_is_taken_over_and_its_writes_are_refused() {
    let here = tokio::runtime::Runtime::new().unwrap();
    // What lives on it goes without a word when it is shut down, as a process does that is killed.
    let there = tokio::runtime::Runtime::new().unwrap();
    let ids = &mut Ids::new(1);
    let (mine, theirs): (SchedulerId, SchedulerId) = (ids.make(), ids.make());
    let url = here.block_on(new_database());
    let store = here.block_on(open(&url));
    let workflow = here.block_on(saved_workflow(&*store, ids));
    let run = here.block_on(store.run_create(new_run(ids, workflow.id))).unwrap();
    let other = there.block_on(open(&url));
    let fence = there.block_on(other.run_claim(run, theirs)).unwrap().fence;

    assert_eq!(here.block_on(store.run_claim(run, mine)), Err(StoreError::Owned { owner: theirs }));
    assert_eq!(here.block_on(store.run_orphans(mine, 10)).unwrap(), []);
    there.shutdown_background();
    std::mem::forget(other);
    // Nothing was said, so it is waited for.
    let taken = here.block_on(async {
        loop {
            match store.run_claim(run, mine).await {
                Err(StoreError::Owned { .. }) => tokio::time::sleep(TIMING.beat).await,
                claimed => return claimed.unwrap(),
            }
        }
    });
    assert_eq!(taken.previous_owner, Some(theirs));
    let late = RunCommit { fence, changes: Vec::new(), events: Vec::new(), messages_applied: Vec::new() };
    assert_eq!(here.block_on(store.run_commit(late)), Err(StoreError::Fenced));
}

#[tokio::test]
async fn an_engine_that_was_declared_dead_claims_no_more() {
    let url = new_database().await;
    let store = open(&url).await;
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*store, ids).await;
    let mine: SchedulerId = ids.make();
    let first = store.run_create(new_run(ids, workflow.id)).await.unwrap();
    let second = store.run_create(new_run(ids, workflow.id)).await.unwrap();
    store.run_claim(first, mine).await.unwrap();
    execute(&url, "UPDATE schedulers SET state = 'fenced'").await;
    assert_eq!(store.run_claim(second, mine).await, Err(StoreError::Fenced));
    // Another engine of the same process may.
    let claim = store.run_claim(first, ids.make()).await.unwrap();
    assert_eq!(claim.previous_owner, Some(mine));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_comes_while_a_heartbeat_is_under_way_is_not_taken_for_dead() {
    let url = new_database().await;
    let DatabaseUrl::Postgres(server) = &url else { panic!("{url}") };
    let timing = HeartbeatTiming { beat: Duration::from_millis(1), ..TIMING };
    let store: Database = PostgresStore::open_with(server, true, timing).await.unwrap().into();
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*store, ids).await;
    let run = store.run_create(new_run(ids, workflow.id)).await.unwrap();
    for _ in 0..100 {
        let engine: SchedulerId = ids.make();
        for _ in 0..3 {
            let claim = store.run_claim(run, engine).await.unwrap();
            store.run_release(claim.fence).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_given_to_one_of_many_who_claim_it() {
    let url = new_database().await;
    let stores = [open(&url).await, open(&url).await];
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&*stores[0], ids).await;
    let mut given = 0;
    for _ in 0..20 {
        let run = stores[0].run_create(new_run(ids, workflow.id)).await.unwrap();
        let mut claims = tokio::task::JoinSet::new();
        for index in 0..8 {
            let (store, owner) = (stores[index % 2].clone(), ids.make());
            claims.spawn(async move { store.run_claim(run, owner).await });
        }
        let claims = claims.join_all().await;
        given += claims.iter().filter(|claim| claim.is_ok()).count();
        assert!(
            claims.iter().all(|claim| matches!(claim, Ok(_) | Err(StoreError::Owned { .. }))),
            "{claims:?}"
        );
    }
    assert_eq!(given, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_tells_another_hears_also_after_its_connection_was_cut() {
    let url = new_database().await;
    let (here, there) = (open(&url).await, open(&url).await);
    let mut wakeups = here.wakeups();
    let ids = &mut Ids::new(1);
    for _ in 0..2 {
        // It listens, and knows it.
        while wakeups.next().await.unwrap() != Wakeup::Any {}
        while !here.hears_others() {
            tokio::task::yield_now().await;
        }
        let run = ids.make();
        there.run_tell(run).await;
        while wakeups.next().await.unwrap() != Wakeup::Run(run) {}
        execute(&url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN branchline' AND datname = current_database()").await;
    }
    assert!(!there.hears_others(), "who does not listen hears nothing");
}
