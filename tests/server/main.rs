//! The server over real HTTP, on a real SQLite file, with the built-in mock model.

mod binary;
mod guard;
mod run;
mod sse;
mod stream;
mod support;
mod task;
mod workflow;
