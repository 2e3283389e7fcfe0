//! The live schema as data, for diagrams and generated code.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use super::Conn;
use crate::error::DbError;

/// A table of the live database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaTable {
    /// Its name.
    pub name: String,
    /// The text that created it.
    pub sql: String,
    /// Its columns in order.
    pub columns: Vec<SchemaColumn>,
    /// The tables it refers to.
    pub foreign_keys: Vec<SchemaForeignKey>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaColumn {
    /// Its name.
    pub name: String,
    /// The declared type: `TEXT`, `INT` (32 bits) or `INTEGER` (64 bits).
    pub declared_type: String,
    /// Whether it may be missing.
    pub nullable: bool,
    /// Its place in the primary key, from 1; 0 outside it.
    pub primary_key: u32,
}

/// A column that refers to one of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaForeignKey {
    /// The column.
    pub column: String,
    /// The other table.
    pub table: String,
    /// Its column.
    pub foreign_column: String,
}

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared_type: String,
    #[diesel(sql_type = BigInt)]
    not_null: i64,
    #[diesel(sql_type = BigInt)]
    pk: i64,
}

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Text)]
    foreign_table: String,
    #[diesel(sql_type = Nullable<Text>)]
    foreign_column: Option<String>,
}

/// The tables of the program by name, without SQLite's own and the list of migrations.
pub(crate) fn table_list(conn: &mut Conn) -> Result<Vec<SchemaTable>, DbError> {
    let query = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name <> '__diesel_schema_migrations' ORDER BY name";
    let rows: Vec<TableRow> = diesel::sql_query(query).load(conn)?;
    rows.into_iter()
        .map(|row| {
            let (columns, foreign_keys) = (column_list(conn, &row.name)?, foreign_key_list(conn, &row.name)?);
            Ok(SchemaTable { name: row.name, sql: row.sql, columns, foreign_keys })
        })
        .collect()
}

fn column_list(conn: &mut Conn, table: &str) -> Result<Vec<SchemaColumn>, DbError> {
    let query = "SELECT name, type AS declared_type, \"notnull\" AS not_null, pk FROM pragma_table_info(?) ORDER BY cid";
    let rows: Vec<ColumnRow> = diesel::sql_query(query).bind::<Text, _>(table).load(conn)?;
    let column = |row: ColumnRow| SchemaColumn {
        name: row.name,
        declared_type: row.declared_type,
        nullable: row.not_null == 0,
        primary_key: row.pk as u32,
    };
    Ok(rows.into_iter().map(column).collect())
}

fn foreign_key_list(conn: &mut Conn, table: &str) -> Result<Vec<SchemaForeignKey>, DbError> {
    let query = "SELECT \"from\" AS \"column\", \"table\" AS foreign_table, \"to\" AS foreign_column \
         FROM pragma_foreign_key_list(?) ORDER BY \"from\", id, seq";
    let rows: Vec<ForeignKeyRow> = diesel::sql_query(query).bind::<Text, _>(table).load(conn)?;
    let key = |row: ForeignKeyRow| SchemaForeignKey {
        column: row.column,
        table: row.foreign_table,
        foreign_column: row.foreign_column.unwrap_or_else(|| "id".to_owned()),
    };
    Ok(rows.into_iter().map(key).collect())
}
