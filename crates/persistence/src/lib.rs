//! The database of Branchline: the store traits of `branchline-schema-model` on SQLite and PostgreSQL, with Diesel.
//!
//! This crate is for rows, queries and transactions. It is not for meaning: what a workflow is, which moves are legal
//! and what happens next is decided elsewhere, and arrives here as data. It is the only crate that names Diesel.
//!
//! ```text
//!                              ┌▶ sqlite:   writer thread (one connection, group commit), a few readers ─▶ file
//!  store traits ─▶ operations ─┤        ▲
//!                  (store/)    │        └─ query ─ row ◀─▶ domain records
//!                              │        ┌─ (both written once, mounted twice)
//!                              └▶ postgres: tasks of their own, a bounded pool, transactions ─▶ server
//! ```
//!
//! On SQLite every write goes through one thread, which takes what is waiting, runs it in one transaction and commits
//! once; an answer is given only after that commit. Reads never wait for writes. On PostgreSQL every operation is a task
//! with a transaction, redone when another was in the way. On both, a caller that goes away leaves nothing open, because
//! no database work runs inside its future.
//!
//! All operations fail with [`StoreError`](branchline_schema_model::store::StoreError), which says whether to repeat.

mod error;
mod introspection;
mod judge;
mod migration;
mod postgres;
mod row;
#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the form of Diesel's generated schemas"))]
mod schema;
mod sql_types;
mod sqlite;
mod store;
pub mod testing;
mod url;
mod wake;

pub use introspection::{SchemaColumn, SchemaForeignKey, SchemaTable};
pub use migration::MigrationStatus;
pub use postgres::ownership::HeartbeatTiming;
pub use postgres::store::PostgresStore;
pub use postgres::url::PostgresUrl;
pub use sqlite::store::SqliteStore;
pub use store::{Database, OpenOptions};
pub use url::{DatabaseUrl, ParseDatabaseUrlError};
