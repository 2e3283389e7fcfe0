//! A database in a folder of its own, and a run in it.

use branchline_persistence::testing::{Ids, at, sample_workflow};
use branchline_persistence::{DatabaseUrl, OpenOptions, SqliteStore};
use branchline_schema_model::id::{SchedulerId, WorkflowId, WorkflowRunId};
use branchline_schema_model::store::{DefinitionStore, Fence, NewRun, RunStore, WorkflowVersion};

/// A store whose file goes with it.
pub(crate) struct TestStore {
    pub(crate) store: SqliteStore,
    pub(crate) folder: tempfile::TempDir,
}

impl TestStore {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("branchline.db"));
        Self { store, folder }
    }

    /// Another store on the same file, as another process would have it.
    pub(crate) fn second(&self) -> SqliteStore {
        open(self.store.path())
    }
}

pub(crate) fn open(path: &std::path::Path) -> SqliteStore {
    SqliteStore::open(&DatabaseUrl::file(path), OpenOptions::default()).unwrap()
}

/// A saved sample workflow.
pub(crate) async fn saved_workflow(store: &impl DefinitionStore, ids: &mut Ids) -> WorkflowVersion {
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
pub(crate) async fn claimed_run(store: &impl RunStore, ids: &mut Ids, workflow: WorkflowId) -> Fence {
    let run: WorkflowRunId = store.run_create(new_run(ids, workflow)).await.unwrap();
    let owner: SchedulerId = ids.make();
    store.run_claim(run, owner).await.unwrap().fence
}
