//! The database of Branchline: the store traits of `branchline-schema-model` on SQLite, with Diesel.
//!
//! This crate is for rows, queries and transactions. It is not for meaning: what a workflow is, which moves are legal
//! and what happens next is decided elsewhere, and arrives here as data. It is the only crate that names Diesel.
//!
//! ```text
//!  store traits ──▶ store ──▶ writer thread (one connection, group commit) ──▶ query ──▶ SQLite file
//!                     │                                                          ▲
//!                     └─────▶ a few reader connections on blocking threads ──────┘
//!                             row: what is stored ◀──▶ domain records
//! ```
//!
//! Every write goes through one thread, which takes what is waiting, runs it in one transaction and commits once; an
//! answer is given only after that commit. A caller that goes away leaves nothing open, because no database work runs
//! inside its future. Reads never wait for writes.
//!
//! All operations fail with [`StoreError`](branchline_schema_model::store::StoreError), which says whether to repeat.

mod error;
mod migration;
mod row;
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the form of Diesel's generated schemas"))]
mod schema;
mod sql_types;
mod sqlite;
mod store;
pub mod testing;

pub use migration::MigrationStatus;
pub use sqlite::introspection::{SchemaColumn, SchemaForeignKey, SchemaTable};
pub use sqlite::url::{DatabaseUrl, ParseDatabaseUrlError};
pub use store::{OpenOptions, SqliteStore};
