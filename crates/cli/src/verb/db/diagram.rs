//! The tables of a database as a Mermaid entity relationship diagram.

use std::fmt::Write as _;

use branchline_persistence::SchemaTable;

/// Every table with its columns, and an edge for every foreign key.
pub(super) fn mermaid(tables: &[SchemaTable]) -> String {
    let mut diagram = "erDiagram\n".to_owned();
    for table in tables {
        let _ = writeln!(diagram, "  {} {{", table.name);
        for column in &table.columns {
            let is_foreign = table.foreign_keys.iter().any(|key| key.column == column.name);
            let keys: Vec<_> = [(column.primary_key > 0).then_some("PK"), is_foreign.then_some("FK")]
                .into_iter()
                .flatten()
                .collect();
            let keys = if keys.is_empty() { String::new() } else { format!(" {}", keys.join(", ")) };
            let optional = if column.nullable { " \"optional\"" } else { "" };
            let _ = writeln!(
                diagram,
                "    {} {}{keys}{optional}",
                column.declared_type.to_lowercase(),
                column.name
            );
        }
        diagram.push_str("  }\n");
    }
    for table in tables {
        for key in &table.foreign_keys {
            let optional = table.columns.iter().any(|column| column.name == key.column && column.nullable);
            let parent = if optional { "|o" } else { "||" };
            let _ = writeln!(diagram, "  {} {parent}--o{{ {} : {}", key.table, table.name, key.column);
        }
    }
    diagram
}
