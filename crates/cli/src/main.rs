//! The `branchline` command: words for people around the runtime and the store; it holds no logic of workflows.
//!
//! `args` says what can be typed, [`settings`] what applies, [`context`] opens what a verb needs, each file of
//! [`verb`] is one verb, and [`output`] is the only place that prints.

mod args;
mod ask;
mod context;
mod engine;
mod exit_code;
mod failure;
mod folder;
mod follow;
mod foreign;
mod foresight;
mod inputs;
mod interrupt;
mod output;
mod progress;
mod replace;
mod report;
mod sample;
mod settings;
mod verb;
mod words;
mod workflow;

use std::process;

use clap::Parser as _;

use crate::args::Cli;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> process::ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.global);
    output::start_logging(cli.global.verbose, cli.global.quiet);
    let result = run(cli, output.clone());
    output.finish(result).into()
}

fn run(cli: Cli, output: Output) -> Result<ExitCode, Failure> {
    if let Some(directory) = &cli.global.work_directory {
        std::env::set_current_dir(directory).map_err(|error| {
            Failure::usage(format!("cannot change to the directory `{}`", directory.display())).cause(error)
        })?;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::unexpected)?;
    runtime.block_on(async {
        let context = Context::new(cli.global, output);
        verb::run(&context, cli.command).await
    })
}
