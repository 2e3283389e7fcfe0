//! What the store promises, on real databases.
//!
//! `contract` is written over the store traits and holds for every database; `sqlite` is about files, locks and
//! permissions, `postgres` about connections, heartbeats and starters.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod contract;
mod harness;
mod postgres;
mod sqlite;
