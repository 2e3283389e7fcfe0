//! The verbs, one file each: its arguments, and a function that does it.

pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod inbox;
pub(crate) mod init;
pub(crate) mod lsp;
pub(crate) mod models;
pub(crate) mod pause;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod watch;
pub(crate) mod worker;
pub(crate) mod workflows;

use clap::Subcommand;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// Everything that can be asked for, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Check(check::Args),
    Fmt(fmt::Args),
    Render(render::Args),
    Graph(graph::Args),
    Plan(plan::Args),
    Run(run::Args),
    Watch(watch::Args),
    Pause(pause::Args),
    Resume(resume::Args),
    Cancel(cancel::Args),
    Worker(worker::Args),
    Runs(runs::Args),
    Inbox(inbox::Args),
    Workflows(workflows::Args),
    Models(models::Args),
    Db(db::Args),
    Doctor(doctor::Args),
    Explain(explain::Args),
    Lsp(lsp::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

/// Does what was asked for.
pub(crate) async fn run(context: &Context, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => demo::run(context, &args).await,
        Command::Init(args) => init::run(context, &args),
        Command::Check(args) => check::run(context, &args),
        Command::Fmt(args) => fmt::run(context, &args),
        Command::Render(args) => render::run(context, &args).await,
        Command::Graph(args) => graph::run(context, &args).await,
        Command::Plan(args) => plan::run(context, &args).await,
        Command::Run(args) => run::run(context, &args).await,
        Command::Watch(args) => watch::run(context, &args).await,
        Command::Pause(args) => pause::run(context, &args).await,
        Command::Resume(args) => resume::run(context, &args).await,
        Command::Cancel(args) => cancel::run(context, &args).await,
        Command::Worker(args) => worker::run(context, &args).await,
        Command::Runs(args) => runs::run(context, &args).await,
        Command::Inbox(args) => inbox::run(context, &args).await,
        Command::Workflows(args) => workflows::run(context, &args).await,
        Command::Models(args) => models::run(context, &args).await,
        Command::Db(args) => db::run(context, &args).await,
        Command::Doctor(args) => doctor::run(context, &args).await,
        Command::Explain(args) => explain::run(context, &args),
        Command::Lsp(args) => lsp::run(context, &args),
        Command::Schema(schema::Args {}) => Ok(schema::run(context)),
        Command::Completions(args) => completions::run(context, &args),
    }
}
