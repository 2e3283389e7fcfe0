//! Databases left by every schema there was: each must open, migrate and be whole.

use std::path::{Path, PathBuf};

use branchline_persistence::testing::newest_migration;
use branchline_schema_model::store::{DefinitionStore as _, RunFilter, RunReader as _, RunStore as _};

use crate::harness::open;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/databases")
}

#[tokio::test]
async fn every_earlier_database_can_still_be_used() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let from = entry.unwrap().path();
        let work = tempfile::tempdir().unwrap();
        let path = work.path().join("branchline.db");
        std::fs::copy(&from, &path).unwrap();
        let store = open(&path);
        assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new(), "{}", from.display());
        assert_eq!(store.workflow_find("sample", None).await.unwrap().version, 2);
        let runs = store.run_list(&RunFilter { limit: 10, ..RunFilter::default() }).await.unwrap();
        assert_eq!(runs.len(), 2);
        for run in runs {
            let snapshot = store.run_load(run.run.id).await.unwrap();
            assert!(snapshot.step_runs.len() >= 4);
            assert_eq!(store.message_list(&[run.run.id]).await.unwrap().len(), 1);
        }
        seen.push(from.file_stem().unwrap().to_string_lossy().into_owned());
    }
    let newest = newest_migration().unwrap();
    assert!(
        seen.contains(&newest),
        "the schema `{newest}` has left no fixture; see `testing::write_fixture_database`"
    );
}
