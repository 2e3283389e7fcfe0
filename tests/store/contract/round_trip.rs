//! Folders that go through the database.

use branchline_persistence::testing::{Ids, at};
use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::definition::document::{WORKFLOW_FILE, read};
use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::plan::workflow_version;
use branchline_schema_model::store::WorkflowVersion;
use branchline_schema_model::testing::{Choices, workflow};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{TestStore, on_both_databases};

on_both_databases! {
    a_folder_comes_out_of_the_database_as_it_went_in
}

const WORKFLOWS: i64 = 100;

/// A folder is read, checked and saved; what comes back from the file is the same version with the same rows, and
/// writes the same folder.
async fn a_folder_comes_out_of_the_database_as_it_went_in(test: &TestStore) {
    let ids = &mut Ids::new(7);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let (mut refused, mut saved) = (0, 0);
    while saved < WORKFLOWS {
        let numbers = vec(any::<u16>(), 0..300).new_tree(&mut runner).unwrap().current();
        let folder = workflow(&mut Choices::new(&numbers)).to_files();
        let document = read(&folder, WORKFLOW_FILE);
        assert_eq!(document.diagnostics, [], "{folder:#?}");
        let author = document.workflow.unwrap();
        let found = check(&author, &document.sources, &CheckContext::default());
        let Some(plan) = found.plan else {
            refused += 1;
            // Else the generator of good workflows makes bad ones.
            assert!(refused < WORKFLOWS / 4, "{:#?}", found.diagnostics);
            continue;
        };
        let new_uuid = &mut || ids.make::<WorkflowId>().as_uuid();
        let version = workflow_version(&author, &plan, new_uuid, at(saved));
        let stored = test.store.workflow_save(version.clone()).await.unwrap();
        if !stored.created {
            // Short lists of numbers make equal workflows.
            assert_eq!(stored.workflow.content_hash, version.content_hash);
            continue;
        }
        saved += 1;
        let version = WorkflowVersion { version: stored.workflow.version, ..version };
        let fetched = test.second().await.workflow_fetch(stored.workflow.id).await.unwrap();
        assert_eq!(fetched, version);
        let again = Workflow::from_canonical_json(&fetched.document).unwrap();
        assert_eq!(again.content_hash(), author.content_hash());
        assert_eq!(again.to_files(), folder);
    }
}
