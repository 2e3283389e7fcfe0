//! The ten tables and their columns that never change their names.

use anyhow::{Result, bail};

use crate::database::Table;

/// Each table with its columns, in the order people read them.
pub(crate) const TABLES: [(&str, &[&str]); 10] = [
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

/// The columns of a table that are in the contract; none for a table that was added beside it.
pub(crate) fn columns(table: &str) -> &'static [&'static str] {
    TABLES.iter().find(|(name, _)| *name == table).map_or(&[], |(_, columns)| columns)
}

/// Fails when a table or column of the contract is gone.
pub(crate) fn check(tables: &[Table]) -> Result<()> {
    for (name, columns) in TABLES {
        let Some(table) = tables.iter().find(|table| table.name == name) else {
            bail!("the table `{name}` is in the contract, but not in the database");
        };
        for column in columns {
            if !table.columns.iter().any(|found| found.name == *column) {
                bail!("the column `{name}.{column}` is in the contract, but not in the database");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_is_named() {
        let mut tables = crate::database::tables(&mut crate::database::migrated().unwrap()).unwrap();
        check(&tables).unwrap();
        let steps = tables.iter_mut().find(|table| table.name == "steps").unwrap();
        steps.columns.retain(|column| column.name != "prompt");
        let error = check(&tables).unwrap_err().to_string();
        assert_eq!(error, "the column `steps.prompt` is in the contract, but not in the database");
    }
}
