//! The tables as Diesel's `table!` macros, in neutral SQL types.

use std::collections::BTreeSet;

use crate::database::{Column, ColumnKind, Table};

const HEADER: &str = "\
//! The tables as Diesel sees them, with the neutral types of [`sql_types`](crate::sql_types).
//!
//! Generated from the migrations by `cargo xtask codegen schema`; not to be edited.
";

/// Column names that Rust keeps for itself.
const RESERVED: [&str; 3] = ["type", "where", "loop"];

pub(super) fn render(tables: &[Table]) -> String {
    let mut text = HEADER.to_owned();
    for table in tables {
        text.push_str(&table_macro(table));
    }
    text.push('\n');
    let joins = joins(tables);
    text.extend(
        joins.iter().map(|(from, to, column)| format!("diesel::joinable!({from} -> {to} ({column}));\n")),
    );
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    text.extend(tables.iter().map(|table| format!("    {},\n", table.name)));
    text + ");\n"
}

fn table_macro(table: &Table) -> String {
    let mut key: Vec<&Column> = table.columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
    let columns: String = table.columns.iter().map(column_line).collect();
    format!(
        "\ndiesel::table! {{\n    use diesel::sql_types::*;\n    use crate::sql_types::*;\n\n    {} ({}) {{\n{columns}    }}\n}}\n",
        table.name,
        key.join(", ")
    )
}

fn column_line(column: &Column) -> String {
    let kind = match column.kind {
        ColumnKind::Id => "Uid",
        ColumnKind::Text => "Text",
        ColumnKind::Document => "Doc",
        ColumnKind::Time => "Instant",
        ColumnKind::Integer => "Integer",
        ColumnKind::BigInteger => "BigInt",
        ColumnKind::Truth => "Bool",
    };
    let kind = if column.nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
    if RESERVED.contains(&column.name.as_str()) {
        return format!("        #[sql_name = \"{0}\"]\n        {0}_ -> {kind},\n", column.name);
    }
    format!("        {} -> {kind},\n", column.name)
}

/// Diesel takes one way to join two tables, so pairs with several references have none.
fn joins(tables: &[Table]) -> BTreeSet<(&str, &str, &str)> {
    let references = tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    let references =
        references.filter_map(|(table, column)| Some((table, column, column.references.as_deref()?)));
    references
        .filter(|(table, _, target)| {
            table.columns.iter().filter(|other| other.references.as_deref() == Some(*target)).count() == 1
                && *target != table.name
        })
        .map(|(table, column, target)| (table.name.as_str(), target, column.name.as_str()))
        .collect()
}
