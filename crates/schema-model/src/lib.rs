//! The domain of Branchline: what a workflow is, whether it is right, what it compiles to, and what happened.
//!
//! This crate is for meaning. It holds the definition language and its checker, the plan a checked definition
//! compiles to, the records of a run with their legal moves, and the traits a store has to implement. It is not
//! for effects: no database, no async runtime, no clock, no files, no network. Everything here is data and
//! functions over data.
//!
//! ```text
//!  YAML / JSON text ──▶ definition ──▶ check ──▶ plan ──────────────▶ (runtime drives it)
//!                          │             │                                  │
//!                          │             └─▶ diagnostics for people         ▼
//!                          └───────────────────────────────▶ store traits ◀─ run records
//! ```

pub mod check;
pub mod condition;
pub mod definition;
pub mod graph;
pub mod hash;
pub mod id;
pub mod import;
pub mod limits;
pub mod money;
pub mod name;
pub mod occurrence;
pub mod plan;
pub mod prompt;
pub mod run;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
