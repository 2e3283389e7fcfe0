//! `workflows`: the stored versions.

mod export;
mod foreign;
mod import;
mod list;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  branchline workflows list
  branchline workflows show hello@2
  branchline workflows export hello > hello.json
  branchline workflows export hello --format folder -o copy/hello
  branchline workflows import hello.json
  branchline workflows import old-export.json -o workflows/old-export

A stored version never changes: changed content becomes the next version, equal content makes nothing.";

/// Look at, export and import stored workflow versions
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Export(export::Args),
    Import(import::Args),
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::List(args) => list::run(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Import(args) => import::run(context, args).await,
    }
}
