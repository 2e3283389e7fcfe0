//! Everything that is only so on SQLite: connections, the writer thread, who lives, and how queries are mounted.

pub(crate) mod connection;
pub(crate) mod introspection;
pub(crate) mod ownership;
pub(crate) mod reader;
mod sql_type;
pub(crate) mod url;
pub(crate) mod writer;

#[path = "query/tables.rs"]
pub(crate) mod query;

use diesel::prelude::RunQueryDsl;
use maybe_async::must_be_sync as engine;

/// The connection the queries run on.
pub(crate) type Conn = diesel::SqliteConnection;
