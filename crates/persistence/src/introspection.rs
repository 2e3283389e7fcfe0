//! The live schema as data, for diagrams.

use serde::Serialize;

/// A table of the live database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaTable {
    /// Its name.
    pub name: String,
    /// The text that created it; PostgreSQL keeps none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
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
    /// The declared type: `TEXT`, `INT` (32 bits) or `INTEGER` (64 bits) on SQLite; as PostgreSQL names it there.
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
