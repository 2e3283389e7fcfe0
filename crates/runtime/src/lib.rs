//! The engine of Branchline: it takes a plan and a store, and drives runs to their end.
//!
//! Three things are kept apart. The [`machine`] decides: a pure state machine from inputs to changes and commands,
//! without clock, ids, database or async. The `scheduler` owns runs: it feeds the machine, commits what it decided,
//! and only then performs the commands. [`action`] and [`provider`] do the work outside: render, call models, call
//! registered actions.
//!
//! ```text
//!            inputs                    changes + events              commands (after the commit)
//!  people ──▶ scheduler ──▶ machine ──▶ store (one commit) ──▶ action ──▶ provider ──▶ model
//!                 ▲                                               │
//!                 └────────────────── result ─────────────────────┘
//! ```

pub mod action;
pub mod clock;
pub mod config;
pub mod engine;
pub mod error;
pub mod machine;
pub mod prompt;
pub mod provider;
mod scheduler;
#[cfg(feature = "testing")]
pub mod testing;
