//! Other processes: one that dies, and one that may not write.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use branchline_persistence::testing::Ids;
use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::store::{RunStore as _, StoreError};

use crate::harness::{TestFile, new_run, open, saved_workflow};

/// Set in a child: the database it is to use.
const DATABASE: &str = "BRANCHLINE_TEST_DATABASE";

/// The engine the child claims with.
const CHILD: &str = "01900000-0000-7000-8000-0000000c0de0";

/// This test binary once more, running one test of this file as a child.
fn child(test: &str, database: &std::path::Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("sqlite::process::{test}"), "--nocapture"]).env(DATABASE, database);
    command
}

#[tokio::test]
async fn an_engine_that_was_killed_is_dead_at_once() {
    if let Some(path) = std::env::var_os(DATABASE) {
        let store = open(path.as_ref());
        let run = store.run_orphans(CHILD.parse().unwrap(), 10).await.unwrap()[0];
        store.run_claim(run, CHILD.parse().unwrap()).await.unwrap();
        println!("claimed");
        std::future::pending::<()>().await;
    }
    let test = TestFile::new();
    let ids = &mut Ids::new(1);
    let workflow = saved_workflow(&test.store, ids).await;
    let run: WorkflowRunId = test.store.run_create(new_run(ids, workflow.id)).await.unwrap();
    let mut command = child("an_engine_that_was_killed_is_dead_at_once", test.store.path());
    let mut other = Killed(command.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(other.0.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("claimed")));

    let (mine, theirs): (SchedulerId, SchedulerId) = (ids.make(), CHILD.parse().unwrap());
    assert_eq!(test.store.run_claim(run, mine).await, Err(StoreError::Owned { owner: theirs }));
    drop(other);
    assert_eq!(test.store.run_orphans(mine, 10).await.unwrap(), [run]);
    assert_eq!(test.store.run_claim(run, mine).await.unwrap().previous_owner, Some(theirs));
}

/// Killed and gone when dropped, so that no test leaves a process behind.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_as_such() {
    if let Some(path) = std::env::var_os(DATABASE) {
        let error = SqliteStore::open(path.as_ref(), OpenOptions::default()).unwrap_err();
        assert!(matches!(error, StoreError::NotWritable { .. }), "{error:?}");
        assert!(error.is_retryable());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = child("a_folder_that_cannot_be_written_is_named_as_such", &folder.path().join("a.db"));
    // Permissions do not bind the superuser, so the child is somebody else.
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}
