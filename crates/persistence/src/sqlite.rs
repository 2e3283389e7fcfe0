//! Everything that is only so on SQLite: connections, the writer thread, who lives, and how queries are mounted.

pub(crate) mod connection;
mod file_system;
pub(crate) mod introspection;
mod maintenance;
mod ownership;
mod reader;
mod sql_type;
pub(crate) mod store;
mod writer;

#[path = "store/operations.rs"]
mod operations;
#[path = "query/tables.rs"]
mod query;

use diesel::prelude::RunQueryDsl;
use maybe_async::must_be_sync as engine;
use store::SqliteStore as Store;

/// The connection the queries run on.
pub(crate) type Conn = diesel::SqliteConnection;

/// An operation as [`Store`] takes it.
macro_rules! operation {
    ($function:path) => {
        $function
    };
}
use operation;
