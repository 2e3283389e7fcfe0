//! The server over real HTTP, on a real SQLite file, with the built-in mock model.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

mod binary;
mod guard;
mod run;
mod sse;
mod stream;
mod support;
mod task;
mod workflow;
