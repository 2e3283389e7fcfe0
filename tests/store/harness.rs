//! A database of its own for each test, of either kind, and a run in it.

use branchline_persistence::testing::postgres::new_database;
use branchline_persistence::testing::{Ids, at, sample_workflow};
use branchline_persistence::{Database, DatabaseUrl, OpenOptions, SqliteStore};
use branchline_schema_model::id::{SchedulerId, WorkflowId, WorkflowRunId};
use branchline_schema_model::store::{Fence, NewRun, Store, WorkflowVersion};

/// A store whose file, if it is one, goes with it.
pub(crate) struct TestStore {
    pub(crate) store: Database,
    pub(crate) url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

impl TestStore {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("branchline.db"));
        Self { store: open_url(&url).await, url, _folder: Some(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        let url = new_database().await;
        Self { store: open_url(&url).await, url, _folder: None }
    }

    /// Another store on the same database, as another process would have it.
    pub(crate) async fn second(&self) -> Database {
        open_url(&self.url).await
    }
}

async fn open_url(url: &DatabaseUrl) -> Database {
    Database::open(url, OpenOptions::default()).await.unwrap()
}

/// Makes of each function a test on either database.
macro_rules! on_both_databases {
    ($($test:ident)*) => {$(
        mod $test {
            use crate::harness::TestStore;

            #[tokio::test]
            async fn sqlite() {
                super::$test(&TestStore::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$test(&TestStore::postgres().await).await;
            }
        }
    )*};
}
pub(crate) use on_both_databases;

/// A SQLite store.
pub(crate) fn open(path: &std::path::Path) -> SqliteStore {
    SqliteStore::open(path, OpenOptions::default()).unwrap()
}

/// A SQLite store whose file goes with it.
pub(crate) struct TestFile {
    pub(crate) store: SqliteStore,
    pub(crate) folder: tempfile::TempDir,
}

impl TestFile {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("branchline.db"));
        Self { store, folder }
    }
}

/// A saved sample workflow.
pub(crate) async fn saved_workflow(store: &dyn Store, ids: &mut Ids) -> WorkflowVersion {
    store.workflow_save(sample_workflow(ids, "one")).await.unwrap().workflow
}

pub(crate) fn new_run(ids: &mut Ids, workflow_id: WorkflowId) -> NewRun {
    NewRun {
        id: ids.make(),
        workflow_id,
        label: Some("a label".to_owned()),
        options: serde_json::json!({ "parallel": 3 }),
        idempotency_key: None,
        created_at: at(0),
    }
}

/// A new run, claimed by a new engine.
pub(crate) async fn claimed_run(store: &dyn Store, ids: &mut Ids, workflow: WorkflowId) -> Fence {
    let run: WorkflowRunId = store.run_create(new_run(ids, workflow)).await.unwrap();
    let owner: SchedulerId = ids.make();
    store.run_claim(run, owner).await.unwrap().fence
}
