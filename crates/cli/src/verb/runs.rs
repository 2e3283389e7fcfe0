//! `runs`: what has been run.

mod export;
mod import;
mod list;
mod log;
mod show;
mod values;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  branchline runs list --status failed
  branchline runs show last                        every step
  branchline runs show last:openings.judge/3       one branch: prompt, answer, values
  branchline runs values last page -o page.md
  branchline runs log last --follow
  branchline runs export last -o run.json          for another database, or another program

A run is its id, a unique ending of it of at least four characters, or `last`.";

/// Look at runs: list, show, values, log, export, import
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Args),
    Show(show::Args),
    Values(values::Args),
    Log(log::Args),
    Export(export::Args),
    Import(import::Args),
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.verb {
        Verb::List(args) => list::run(context, args).await,
        Verb::Show(args) => show::run(context, args).await,
        Verb::Values(args) => values::run(context, args).await,
        Verb::Log(args) => log::run(context, args).await,
        Verb::Export(args) => export::run(context, args).await,
        Verb::Import(args) => import::run(context, args).await,
    }
}
