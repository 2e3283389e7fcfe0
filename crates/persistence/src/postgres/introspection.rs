//! The live schema, and how large the database is.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl as _;

use super::Conn;
use crate::error::DbError;
use crate::introspection::{SchemaColumn, SchemaForeignKey, SchemaTable};

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = BigInt)]
    primary_key: i64,
}

const COLUMNS: &str = "SELECT tables.relname::text AS table_name, columns.attname::text AS name,
        format_type(columns.atttypid, columns.atttypmod) AS declared_type, NOT columns.attnotnull AS nullable,
        coalesce(array_position(keys.conkey, columns.attnum), 0)::bigint AS primary_key
    FROM pg_class AS tables
    JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum > 0 AND NOT columns.attisdropped
    LEFT JOIN pg_constraint AS keys ON keys.conrelid = tables.oid AND keys.contype = 'p'
    WHERE tables.relkind = 'r' AND tables.relnamespace = current_schema()::regnamespace
        AND tables.relname <> '__diesel_schema_migrations'
    ORDER BY tables.relname, columns.attnum";

#[derive(QueryableByName)]
struct ForeignKeyRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    foreign_table: String,
    #[diesel(sql_type = Text)]
    foreign_column: String,
}

const FOREIGN_KEYS: &str = "SELECT tables.relname::text AS table_name, columns.attname::text AS name,
        targets.relname::text AS foreign_table, target_columns.attname::text AS foreign_column
    FROM pg_constraint AS keys
    JOIN pg_class AS tables ON tables.oid = keys.conrelid
    JOIN pg_class AS targets ON targets.oid = keys.confrelid
    JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum = keys.conkey[1]
    JOIN pg_attribute AS target_columns
        ON target_columns.attrelid = targets.oid AND target_columns.attnum = keys.confkey[1]
    WHERE keys.contype = 'f' AND tables.relnamespace = current_schema()::regnamespace
    ORDER BY tables.relname, columns.attname";

/// The tables of the program by name, without the list of migrations.
pub(super) async fn table_list(conn: &mut Conn, (): &()) -> Result<Vec<SchemaTable>, DbError> {
    let mut tables: BTreeMap<String, SchemaTable> = BTreeMap::new();
    for row in diesel::sql_query(COLUMNS).load::<ColumnRow>(conn).await? {
        let table = tables.entry(row.table_name.clone()).or_insert_with(|| SchemaTable {
            name: row.table_name,
            sql: None,
            columns: Vec::new(),
            foreign_keys: Vec::new(),
        });
        table.columns.push(SchemaColumn {
            name: row.name,
            declared_type: row.declared_type,
            nullable: row.nullable,
            primary_key: row.primary_key as u32,
        });
    }
    for row in diesel::sql_query(FOREIGN_KEYS).load::<ForeignKeyRow>(conn).await? {
        if let Some(table) = tables.get_mut(&row.table_name) {
            table.foreign_keys.push(SchemaForeignKey {
                column: row.name,
                table: row.foreign_table,
                foreign_column: row.foreign_column,
            });
        }
    }
    Ok(tables.into_values().collect())
}

/// Bytes of the database.
pub(super) async fn size(conn: &mut Conn, (): &()) -> Result<u64, DbError> {
    let size = diesel::select(sql::<BigInt>("pg_database_size(current_database())"));
    Ok(size.get_result::<i64>(conn).await? as u64)
}
