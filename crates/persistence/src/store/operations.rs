//! The store traits over the queries, written once for every database.
//!
//! Like `query`, this is mounted by each database's own module. Besides what the queries take, that module supplies
//! `Store`, which runs an operation in a transaction of its own (`read`, `write`) and knows which engines live, and
//! `operation!`, which makes of a function here what `read` and `write` take. An operation may be run more than once,
//! each time from the same state of the database.

use super::{Conn, Store, engine, operation, query};

mod commit;
mod definition;
mod reader;
mod run;
