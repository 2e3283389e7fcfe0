//! Chores of the workspace: `cargo xtask VERB`.
//!
//! One file per verb. Whatever can be generated is generated here and compared in `ci`, and whatever the house style
//! promises about layers and licences is checked by `tidy`, so that neither rests on somebody's memory.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a console program for the people who work here"
)]

mod ci;
mod codegen;
mod contract;
mod database;
mod fixture;
mod fuzz;
mod migrate;
mod postgres;
mod simulate;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Chores of the Branchline workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run every test and say how many ran against which database.
    Test(test::Arguments),
    /// Run everything that has to hold before a change lands.
    Ci(ci::Arguments),
    /// Make, run, revert and check migrations.
    Migrate(migrate::Arguments),
    /// Generate files from the migrated database, or check that they are up to date.
    Codegen(codegen::Arguments),
    /// Write the fixture database of the newest migration to `tests/fixtures/databases`.
    Fixture,
    /// Throw mutated files at everything that reads what others wrote.
    Fuzz(fuzz::Arguments),
    /// Live histories of the engine under simulated time, with everything going wrong.
    Simulate(simulate::Arguments),
    /// Check layers, licences, the purity of the machine, and the layout of the tree.
    Tidy,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by `Debug`, which would add a backtrace of this program where its child is to blame.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: &Verb) -> Result<()> {
    match verb {
        Verb::Test(arguments) => test::run(arguments),
        Verb::Ci(arguments) => ci::run(arguments),
        Verb::Migrate(arguments) => migrate::run(arguments),
        Verb::Codegen(arguments) => codegen::run(arguments),
        Verb::Fixture => fixture::run(),
        Verb::Fuzz(arguments) => fuzz::run(arguments),
        Verb::Simulate(arguments) => simulate::run(arguments),
        Verb::Tidy => tidy::run(),
    }
}
