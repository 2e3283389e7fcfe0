//! `pause`: holds a run back, whoever drives it.

use branchline_schema_model::run::{Status as _, WorkflowRunStatus};
use serde_json::json;

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::words::{run_state, short_id, status_name};

/// Start nothing new in a run until it is resumed; calls under way end and are kept
#[derive(Debug, clap::Args)]
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
    if before.status.is_terminal() || before.status == WorkflowRunStatus::Paused {
        let (id, word) = (short_id(run), run_state(&before).word);
        let what = if before.status.is_terminal() { "is over" } else { "is paused already" };
        return Err(Failure::usage(format!("the run `{id}` {what} ({word}); there is nothing to pause"))
            .fix(format!("`branchline runs show {id}` shows it")));
    }
    let engine = engine::start(context, None).await?;
    engine.run_pause(run, engine::author(args.note.clone())).await?;
    engine.run_rest(run).await?;
    let summary = store.run_fetch(run).await?;
    let id = short_id(run);
    if context.output.is_json() {
        let status = status_name(&summary.run);
        context.output.json(&json!({ "format": "branchline.pause/1", "run": run, "status": status }))?;
    } else if summary.run.status == WorkflowRunStatus::Paused {
        context.output.result(format!("Paused {id}; `branchline resume {id}` goes on"));
    } else {
        context.output.result(format!("The process that drives {id} has been told to pause it"));
    }
    Ok(ExitCode::Ok)
}
