//! The file: permissions, damage, backup, versions.

use std::fs;
use std::path::Path;

use branchline_persistence::testing::Ids;
use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_schema_model::store::{DefinitionStore as _, RunStore as _, StoreError};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::harness::{TestFile, claimed_run, open, saved_workflow};

fn try_open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, OpenOptions::default())
}

fn execute(path: &Path, sql: &str) {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(sql).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_database_or_its_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/deep/branchline.db");
    let store = open(&path);
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    for (path, mode) in [(path.as_path(), 0o600), (path.parent().unwrap(), 0o700), (copy.as_path(), 0o600)] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[tokio::test]
async fn a_backup_is_a_whole_database_and_overwrites_nothing() {
    let test = TestFile::new();
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&test.store, ids).await;
    let fence = claimed_run(&test.store, ids, workflow.id).await;
    let to = test.folder.path().join("copy.db");
    test.store.backup(&to).await.unwrap();
    let again = test.store.backup(&to).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { .. }), "{again:?}");
    let copy = open(&to);
    assert_eq!(copy.workflow_fetch(workflow.id).await.unwrap(), workflow);
    assert_eq!(copy.run_load(fence.run_id).await.unwrap(), test.store.run_load(fence.run_id).await.unwrap());
    assert_eq!(copy.integrity_check().await.unwrap(), Vec::<String>::new());
}

#[test]
fn files_that_are_no_database_of_ours_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    fs::write(&text, "this is a letter, not a database, and long enough to be looked at as one. ".repeat(20))
        .unwrap();
    let other = folder.path().join("other.db");
    execute(&other, "CREATE TABLE songs (title TEXT)");
    for path in [&text, &other] {
        let before = fs::read(path).unwrap();
        let error = try_open(path).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(!error.is_retryable());
        assert_eq!(fs::read(path).unwrap(), before, "{}", path.display());
    }
}

#[tokio::test]
async fn damage_is_found() {
    let test = TestFile::new();
    let ids = &mut Ids::new(1);
    saved_workflow(&test.store, ids).await;
    let path = test.folder.path().join("copy.db");
    test.store.backup(&path).await.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    // Every page but the first, which holds the schema, loses its head.
    for page in 2..pages {
        bytes[page * 4096..page * 4096 + 16].fill(0xAA);
    }
    fs::write(&path, bytes).unwrap();
    match try_open(&path) {
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
        Ok(store) => match store.integrity_check().await {
            Ok(problems) => assert!(!problems.is_empty()),
            Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
        },
    }
}

#[test]
fn a_newer_database_is_refused_with_both_versions() {
    let test = TestFile::new();
    let path = test.folder.path().join("newer.db");
    drop(open(&path));
    execute(&path, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    let error = try_open(&path).unwrap_err();
    assert!(matches!(&error, StoreError::TooNew { found, .. } if found == "99990101000000"), "{error:?}");
    let error = SqliteStore::migration_status(&path).unwrap_err();
    assert!(matches!(error, StoreError::TooNew { .. }), "{error:?}");
}

/// How many migrations there are.
const MIGRATIONS: usize = 4;

#[test]
fn a_database_is_created_and_migrated_only_when_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("branchline.db");
    let missing = SqliteStore::open(&path, OpenOptions { create: false, migrate: true }).unwrap_err();
    assert!(matches!(missing, StoreError::Unavailable { .. }), "{missing:?}");
    assert!(!path.exists());
    let empty = SqliteStore::open(&path, OpenOptions { create: true, migrate: false }).unwrap_err();
    assert!(matches!(empty, StoreError::Unavailable { .. }), "{empty:?}");
    assert_eq!(SqliteStore::migration_status(&path).unwrap().applied, Vec::<String>::new());
    drop(SqliteStore::open(&path, OpenOptions::default()).unwrap());
    let status = SqliteStore::migration_status(&path).unwrap();
    assert_eq!((status.applied.len(), status.pending.len()), (MIGRATIONS, 0));
    drop(SqliteStore::open(&path, OpenOptions { create: false, migrate: false }).unwrap());
}

#[test]
fn starters_at_the_same_time_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("branchline.db");
    std::thread::scope(|scope| {
        let starters: Vec<_> = (0..8).map(|_| scope.spawn(|| try_open(&path).map(drop))).collect();
        for starter in starters {
            assert_eq!(starter.join().unwrap(), Ok(()));
        }
    });
    assert_eq!(SqliteStore::migration_status(&path).unwrap().applied.len(), MIGRATIONS);
}

#[test]
fn a_path_through_a_file_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = try_open(&file.join("branchline.db")).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(error.is_retryable());
}
