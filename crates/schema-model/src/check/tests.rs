//! What the checker promises: each problem is found with its place, and a sound workflow compiles to the right plan.

mod actions;
mod branches;
mod earlier;
mod examples;
mod fields;
mod fixtures;
mod flow;
mod mutation;
mod names;
mod nulls;
mod people;
mod plan;
mod prompts;
mod reads;
mod rule;
mod seen;
mod show;
mod spelling;
mod types;
mod warnings;
mod whole;
