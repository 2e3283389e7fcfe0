//! `inbox`: what waits for a person.

mod answer;
mod list;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  branchline inbox
  branchline inbox answer last                                  asks at the terminal
  branchline inbox answer 1a2b3c4d:main.pick --choose 1,3 --note 'launch week'
  branchline inbox answer 1a2b3c4d:main.brief --set title=Rain --set text=@text.md

A task is RUN:ADDRESS, the id of its step run, or a run with only one open task.";

/// List and answer the tasks that wait for a person
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Args),
    Answer(answer::Args),
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.verb {
        None => list::run(context, &list::Args::default()).await,
        Some(Verb::List(args)) => list::run(context, args).await,
        Some(Verb::Answer(args)) => answer::run(context, args).await,
    }
}
