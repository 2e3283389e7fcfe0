//! The engine on a real SQLite file: the acceptance scenarios, and what a crash may cost.

mod article;
mod custom;
mod house;
mod recovery;
mod script;
mod tasks;
