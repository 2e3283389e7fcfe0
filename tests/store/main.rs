//! What the store promises, on real SQLite files.
//!
//! `contract` is written over the store traits and holds for every database; `sqlite` is about files, locks and
//! permissions.

mod contract;
mod harness;
mod sqlite;
