//! `cancel`: stops a run for good, whoever drives it.

use branchline_schema_model::run::{Status as _, WorkflowRun, WorkflowRunStatus};
use serde_json::json;

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::words::{run_state, short_id, status_name};

const NOTES: &str = "\
A run that is cancelled already stays so, and ends with 0. One that has succeeded or failed is over: ends with 2.";

/// Stop a run for good; what is finished is kept
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub(crate) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    run: String,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let before = store.run_fetch(run).await?.run;
    if before.status == WorkflowRunStatus::Cancelled {
        return said(context, &before, "is cancelled already");
    }
    if before.status.is_terminal() {
        let (id, word) = (short_id(run), run_state(&before).word);
        return Err(Failure::usage(format!("the run `{id}` is over: {word}; there is nothing to cancel"))
            .fix(format!("`branchline runs show {id}` shows it")));
    }
    let engine = engine::start(context, None).await?;
    engine.run_cancel(run, engine::author(args.note.clone())).await?;
    engine.run_rest(run).await?;
    let after = store.run_fetch(run).await?.run;
    if after.status == WorkflowRunStatus::Cancelled {
        return said(context, &after, "is cancelled; what it finished is kept");
    }
    said(context, &after, "goes on until the process that drives it, which has been told, cancels it")
}

fn said(context: &Context, run: &WorkflowRun, words: &str) -> Result<ExitCode, Failure> {
    if context.output.is_json() {
        let status = status_name(run);
        context.output.json(&json!({ "format": "branchline.cancel/1", "run": run.id, "status": status }))?;
    } else {
        context.output.result(format!("The run {} {words}", short_id(run.id)));
    }
    Ok(ExitCode::Ok)
}
