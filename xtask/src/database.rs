//! A SQLite database with the migrations of the tree: made, changed, and read back as tables.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::workspace;

/// Opens a database file, or a scratch one in memory.
pub(crate) fn open(path: Option<&Path>) -> Result<SqliteConnection> {
    let name = path.map_or(":memory:".into(), Path::to_string_lossy);
    SqliteConnection::establish(&name).with_context(|| format!("cannot open `{name}`"))
}

/// A scratch database with every migration.
pub(crate) fn migrated() -> Result<SqliteConnection> {
    let mut connection = open(None)?;
    apply(&mut connection)?;
    Ok(connection)
}

/// Runs the migrations a database lacks and gives back their names.
pub(crate) fn apply(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    let applied = connection
        .run_pending_migrations(migrations()?)
        .map_err(|error| anyhow!("cannot migrate: {error}"))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

/// Takes the newest migration back and gives back its name.
pub(crate) fn revert(connection: &mut SqliteConnection) -> Result<String> {
    let reverted =
        connection.revert_last_migration(migrations()?).map_err(|error| anyhow!("cannot revert: {error}"))?;
    Ok(reverted.to_string())
}

/// Takes all migrations back.
pub(crate) fn revert_all(connection: &mut SqliteConnection) -> Result<()> {
    connection.revert_all_migrations(migrations()?).map_err(|error| anyhow!("cannot revert: {error}"))?;
    Ok(())
}

fn migrations() -> Result<FileBasedMigrations> {
    let folder = workspace::root().join("migrations/sqlite");
    FileBasedMigrations::from_path(&folder)
        .map_err(|error| anyhow!("cannot read {}: {error}", folder.display()))
}

/// The moment as migrations are named after it, in UTC.
pub(crate) fn stamp() -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        stamp: String,
    }
    let query = "SELECT strftime('%Y-%m-%d-%H%M%S', 'now') AS stamp";
    Ok(diesel::sql_query(query).get_result::<Row>(&mut open(None)?)?.stamp)
}

/// Every table, index, view and trigger, as `name: definition`, without those of the migrations themselves.
pub(crate) fn definitions(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        definition: String,
    }
    let query = "SELECT name, coalesce(sql, '') AS definition FROM sqlite_schema
        WHERE tbl_name <> '__diesel_schema_migrations' ORDER BY name";
    let rows: Vec<Row> = diesel::sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| format!("{}: {}", row.name, row.definition)).collect())
}

/// A table as it is in the database.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// In the order of their declaration.
    pub(crate) columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    pub(crate) nullable: bool,
    /// Its place in the primary key, from 1; 0 for none.
    pub(crate) key: i32,
    /// The table it refers to.
    pub(crate) references: Option<String>,
}

/// What a column holds, in the terms that mean the same on every database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Id,
    Text,
    Document,
    Time,
    Integer,
    BigInteger,
    Truth,
}

/// Documents are `TEXT` like other texts, so they are named here. `workflows.document` and `attribute_values.value` are
/// texts by contract.
const DOCUMENTS: [&str; 10] = [
    "attributes.schema",
    "attributes.default_value",
    "decisions.picked",
    "fan_outs.numbers",
    "run_events.payload",
    "run_messages.payload",
    "step_attempts.request",
    "step_runs.inputs",
    "steps.options",
    "workflow_runs.options",
];

/// Ends like an id, but somebody else made it.
const FOREIGN_IDS: [&str; 1] = ["step_attempts.provider_request_id"];

/// Every table, by name.
pub(crate) fn tables(connection: &mut SqliteConnection) -> Result<Vec<Table>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        definition: String,
    }
    let query = "SELECT name, sql AS definition FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '__diesel_schema_migrations' ORDER BY name";
    let rows: Vec<Row> = diesel::sql_query(query).load(connection)?;
    rows.into_iter()
        .map(|Row { name, definition }| Ok(Table { columns: columns(connection, &name, &definition)?, name }))
        .collect()
}

fn columns(connection: &mut SqliteConnection, table: &str, definition: &str) -> Result<Vec<Column>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        declared: String,
        #[diesel(sql_type = Bool)]
        nullable: bool,
        #[diesel(sql_type = Integer)]
        key: i32,
        #[diesel(sql_type = Nullable<Text>)]
        target: Option<String>,
    }
    let query =
        "SELECT info.name, info.type AS declared, info.\"notnull\" = 0 AS nullable, info.pk AS \"key\",
            (SELECT \"table\" FROM pragma_foreign_key_list(?1) WHERE \"from\" = info.name) AS target
        FROM pragma_table_info(?1) AS info ORDER BY info.cid";
    let rows: Vec<Row> = diesel::sql_query(query).bind::<Text, _>(table).load(connection)?;
    rows.into_iter()
        .map(|row| {
            let is_truth = definition.contains(&format!("CHECK ({} IN (0, 1))", row.name));
            let kind = kind(table, &row.name, &row.declared, row.target.is_some(), is_truth)?;
            Ok(Column { kind, name: row.name, nullable: row.nullable, key: row.key, references: row.target })
        })
        .collect()
}

/// The conventions of the migrations, which say what a declared type means.
fn kind(table: &str, column: &str, declared: &str, is_reference: bool, is_truth: bool) -> Result<ColumnKind> {
    let name = format!("{table}.{column}");
    let is_id = column == "id" || is_reference || column.ends_with("_id");
    Ok(match declared {
        "TEXT" if is_id && !FOREIGN_IDS.contains(&name.as_str()) => ColumnKind::Id,
        "TEXT" if DOCUMENTS.contains(&name.as_str()) => ColumnKind::Document,
        "TEXT" => ColumnKind::Text,
        "INTEGER" if column.ends_with("_at") => ColumnKind::Time,
        "INTEGER" => ColumnKind::BigInteger,
        "INT" if is_truth => ColumnKind::Truth,
        "INT" => ColumnKind::Integer,
        other => {
            return Err(anyhow!("`{name}` has the type `{other}`, which has no meaning on other databases"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_mean_what_the_conventions_say() {
        let kind =
            |name: &str, declared| super::kind("steps", name, declared, false, name == "enabled").unwrap();
        assert_eq!(kind("section_id", "TEXT"), ColumnKind::Id);
        assert_eq!(kind("prompt", "TEXT"), ColumnKind::Text);
        assert_eq!(kind("options", "TEXT"), ColumnKind::Document);
        assert_eq!(kind("created_at", "INTEGER"), ColumnKind::Time);
        assert_eq!(kind("calls", "INTEGER"), ColumnKind::BigInteger);
        assert_eq!(kind("enabled", "INT"), ColumnKind::Truth);
        assert_eq!(kind("order", "INT"), ColumnKind::Integer);
        assert!(super::kind("steps", "x", "VARCHAR(9)", false, false).is_err());
    }
}
