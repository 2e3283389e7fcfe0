//! `pause`: holds a run back, whoever drives it.

use branchline_schema_model::run::WorkflowRunStatus;
use serde_json::json;

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::words::{short_id, status_name};

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
