//! The ten tables of the contract, by their exact names.

use crate::harness::TestFile;

/// Table by table, the columns that may never go or change their name.
const CONTRACT: [(&str, &[&str]); 10] = [
    ("workflows", &["id", "name", "description"]),
    ("sections", &["id", "name", "description", "order", "workflow_id"]),
    ("steps", &["id", "name", "description", "order", "section_id", "prompt"]),
    ("attributes", &["id", "name", "type", "is_array", "workflow_id"]),
    ("input_attributes", &["step_id", "attribute_id"]),
    ("output_attributes", &["step_id", "attribute_id"]),
    ("workflow_runs", &["id", "workflow_id"]),
    ("section_runs", &["id", "workflow_run_id", "section_id"]),
    ("step_runs", &["id", "section_run_id", "step_id", "branch_number"]),
    ("attribute_values", &["id", "attribute_id", "step_run_id", "value"]),
];

#[tokio::test]
async fn the_tables_of_the_contract_are_there() {
    let test = TestFile::new();
    let tables = test.store.schema_tables().await.unwrap();
    for (name, columns) in CONTRACT {
        let table =
            tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no table `{name}`"));
        for column in columns {
            assert!(table.columns.iter().any(|found| found.name == *column), "no column `{name}.{column}`");
        }
        assert!(table.sql.as_ref().is_some_and(|sql| sql.ends_with("STRICT")), "{name}");
    }
}

#[tokio::test]
async fn every_reference_is_a_foreign_key() {
    let test = TestFile::new();
    for table in test.store.schema_tables().await.unwrap() {
        for column in &table.columns {
            // The engine is a process, not a row, and the request is the provider's.
            let is_reference = column.name.ends_with("_id")
                && !["owner_id", "provider_request_id"].contains(&column.name.as_str());
            let has_key = table.foreign_keys.iter().any(|key| key.column == column.name);
            assert_eq!(is_reference, has_key, "{}.{}", table.name, column.name);
        }
    }
}
