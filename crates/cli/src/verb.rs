//! The verbs, one file each: its arguments, and a function that does it.

pub(crate) mod completions;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// Everything that can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Completions(completions::Args),
}

/// Does what was asked for.
pub(crate) async fn run(context: &Context, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Completions(args) => completions::run(context, &args),
    }
}
