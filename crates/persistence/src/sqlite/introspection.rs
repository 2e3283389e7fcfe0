//! The live schema.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::Conn;
use crate::error::DbError;
use crate::introspection::{SchemaColumn, SchemaForeignKey, SchemaTable};

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
            Ok(SchemaTable { name: row.name, sql: Some(row.sql), columns, foreign_keys })
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
