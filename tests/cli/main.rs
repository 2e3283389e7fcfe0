//! The `branchline` command as people use it: the real program, in directories of its own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod database;
mod db_check;
mod fmt;
mod frame;
mod import;
mod import_run;
mod inbox;
mod look;
mod lsp;
mod models;
mod narrow;
mod plan;
mod project;
mod readme;
mod run;
mod runs;
mod schema;
mod stop;
mod versions;
mod worker;
mod workflows;
