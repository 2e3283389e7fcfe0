//! `resume`: goes on with a run after a stop, a crash, a pause or an answer.

use branchline_schema_model::limits::PARALLEL_CALLS_MAX;
use branchline_schema_model::run::{Status as _, WorkflowRunStatus};

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::follow::Follow;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::words::{counted, run_state, short_id};

/// Go on with a run after a stop, a crash, a pause, or a task that waits
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    run: String,
    /// Model calls in flight
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(PARALLEL_CALLS_MAX)))]
    parallel: Option<u32>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let summary = store.run_fetch(run).await?;
    let id = short_id(run);
    if summary.run.status.is_terminal() {
        let word = run_state(&summary.run).word;
        let failure =
            Failure::usage(format!("the run `{id}` is over: {word}; there is nothing to go on with"));
        return Err(match summary.run.status {
            WorkflowRunStatus::Failed => failure.fix(format!(
                "`branchline runs show {id}` says why, `branchline run {}` starts another; more tries, as in `retry: \
                 {{ attempts: 10, delay: 5s }}` of a step, outlast a longer trouble",
                summary.workflow_name
            )),
            _ => failure.fix(format!("`branchline runs show {id}` shows it")),
        });
    }
    let interrupts = Interrupts::listen()?;
    let engine = engine::start(context, args.parallel).await?;
    let follow = Follow::begin(context, &engine, run, interrupts).await?;
    let name = format!("{}@{}", summary.workflow_name, summary.workflow_version);
    let kept = format!("  {} kept", counted(summary.calls, "call"));
    context.output.note(
        Text::new().push(Tone::Strong, name).plain("  run ").push(Tone::Accent, &id).push(Tone::Dim, kept),
    );
    if !engine.run_resume(run, engine::author(None)).await? {
        context.output.note("Another process drives it, and has been told to go on.");
    }
    follow.finish().await
}
