//! The queries, one file per table, written once for every database.
//!
//! A database's own module mounts this file with `#[path]` and supplies what the queries take from it: `Conn`, its
//! connection; `RunQueryDsl`, with which Diesel runs a query on it; and `engine`, which makes the functions sync or
//! async. Nothing here starts a transaction.

use super::{Conn, RunQueryDsl, engine};

pub(crate) mod attribute;
pub(crate) mod attribute_value;
pub(crate) mod decision;
pub(crate) mod fan_out;
pub(crate) mod port;
pub(crate) mod run_event;
pub(crate) mod run_message;
pub(crate) mod section;
pub(crate) mod section_run;
pub(crate) mod step;
pub(crate) mod step_attempt;
pub(crate) mod step_run;
pub(crate) mod workflow;
pub(crate) mod workflow_run;

/// Rows of one insert statement: the widest table has 18 columns, and SQLite takes 32,766 binds.
const ROWS_PER_INSERT: usize = 500;
