//! The engine on a real database: the acceptance scenarios, and what a crash may cost.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod article;
mod custom;
mod files;
mod flow;
mod house;
mod launch;
mod messages;
mod postgres;
mod recovery;
mod script;
mod storm;
mod tasks;
mod titles;
mod tolerance;
mod wire;
mod worker;
mod workflows;
