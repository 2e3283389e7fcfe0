//! Workflow versions.

use branchline_persistence::testing::{Ids, sample_workflow};
use branchline_schema_model::store::StoreError;

use crate::harness::{TestStore, on_both_databases};

on_both_databases! {
    a_version_is_read_back_as_it_was_saved
    equal_content_makes_nothing_and_changed_content_makes_the_next_version
    saving_at_the_same_time_gives_each_content_one_version
}

async fn a_version_is_read_back_as_it_was_saved(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let workflow = sample_workflow(ids, "one");
    let saved = test.store.workflow_save(workflow.clone()).await.unwrap();
    assert!(saved.created);
    assert_eq!(saved.workflow, workflow);
    assert_eq!(test.store.workflow_fetch(workflow.id).await.unwrap(), workflow);
    assert_eq!(test.store.workflow_find("sample", None).await.unwrap(), workflow);
}

async fn equal_content_makes_nothing_and_changed_content_makes_the_next_version(test: &TestStore) {
    let ids = &mut Ids::new(1);
    let first = test.store.workflow_save(sample_workflow(ids, "one")).await.unwrap().workflow;
    let again = test.store.workflow_save(sample_workflow(ids, "one")).await.unwrap();
    assert_eq!((again.created, &again.workflow), (false, &first));
    let second = test.store.workflow_save(sample_workflow(ids, "two")).await.unwrap();
    assert_eq!((second.created, second.workflow.version), (true, 2));
    let versions: Vec<_> =
        test.store.workflow_list().await.unwrap().iter().map(|found| found.version).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(test.store.workflow_find("sample", Some(1)).await.unwrap(), first);
    assert_eq!(test.store.workflow_find("sample", None).await.unwrap(), second.workflow);
    let missing = test.store.workflow_find("sample", Some(3)).await.unwrap_err();
    assert_eq!(missing, StoreError::NotFound { what: "workflow", name: "sample@3".to_owned() });
}

async fn saving_at_the_same_time_gives_each_content_one_version(test: &TestStore) {
    let mut saves = tokio::task::JoinSet::new();
    for number in 0..20 {
        let store = test.store.clone();
        let workflow = sample_workflow(&mut Ids::new(number), &format!("content {}", number % 5));
        saves.spawn(async move { store.workflow_save(workflow).await.unwrap().created });
    }
    let created = saves.join_all().await.into_iter().filter(|created| *created).count();
    let mut versions: Vec<_> =
        test.store.workflow_list().await.unwrap().iter().map(|found| found.version).collect();
    versions.sort_unstable();
    assert_eq!((created, versions), (5, vec![1, 2, 3, 4, 5]));
}
