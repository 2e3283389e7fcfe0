//! Starters, and databases that are not ours or not of our time.

use branchline_persistence::testing::postgres::{empty_database, execute, new_database, query_number};
use branchline_persistence::{Database, OpenOptions};
use branchline_schema_model::store::StoreError;

#[tokio::test(flavor = "multi_thread")]
async fn starters_at_the_same_time_migrate_once() {
    let url = empty_database().await;
    let mut starters = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        starters.spawn(async move { Database::open(&url, OpenOptions::default()).await.map(drop) });
    }
    for started in starters.join_all().await {
        assert_eq!(started, Ok(()));
    }
    let status = Database::migration_status(&url).await.unwrap();
    assert_eq!(status.pending, Vec::<String>::new());
    let listed = query_number(&url, "SELECT count(*) FROM __diesel_schema_migrations").await;
    assert_eq!(listed as usize, status.applied.len());
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let url = empty_database().await;
    execute(&url, "CREATE TABLE songs (title text)").await;
    let error = Database::open(&url, OpenOptions::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(query_number(&url, tables).await, 1);
}

#[tokio::test]
async fn a_newer_database_is_refused_with_both_versions() {
    let url = new_database().await;
    execute(&url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").await;
    let error = Database::open(&url, OpenOptions::default()).await.unwrap_err();
    assert!(matches!(&error, StoreError::TooNew { found, .. } if found == "99990101000000"), "{error:?}");
}

#[tokio::test]
async fn a_database_is_migrated_only_when_that_is_allowed() {
    let url = empty_database().await;
    let options = OpenOptions { create: true, migrate: false };
    let error = Database::open(&url, options).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(Database::migration_status(&url).await.unwrap().applied, Vec::<String>::new());
    drop(Database::open(&url, OpenOptions::default()).await.unwrap());
    drop(Database::open(&url, options).await.unwrap());
}
