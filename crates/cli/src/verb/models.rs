//! `models`: which models there are, and whether they answer.

mod list;
mod test;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// List and try the models of the project
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Args),
    Test(test::Args),
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.verb {
        Verb::List(args) => list::run(context, args),
        Verb::Test(args) => test::run(context, args).await,
    }
}
