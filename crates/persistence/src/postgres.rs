//! Everything that is only so on PostgreSQL: connections and their pool, transactions, who lives, wake-ups, and how
//! queries are mounted.
//!
//! ```text
//!  operation ──▶ store (a task of its own) ──▶ pool ──▶ transaction: BEGIN … COMMIT, redone, told when unknown
//!                                                │
//!                                  connection: socket ─ TLS ─ error codes ─ protocol
//! ```

mod connection;
mod failure;
mod introspection;
mod migration;
pub(crate) mod ownership;
mod pool;
mod sql_type;
pub(crate) mod store;
mod telegraph;
mod tls;
mod transaction;
pub(crate) mod url;
mod wire;

#[path = "store/operations.rs"]
mod operations;
#[path = "query/tables.rs"]
mod query;

use diesel_async::RunQueryDsl;
use maybe_async::must_be_async as engine;
use store::PostgresStore as Store;

/// The connection the queries run on.
pub(crate) type Conn = diesel_async::AsyncPgConnection;

/// An operation as [`Store`] takes it.
macro_rules! operation {
    ($function:path) => {
        |conn, input| Box::pin($function(conn, input))
    };
}
use operation;
