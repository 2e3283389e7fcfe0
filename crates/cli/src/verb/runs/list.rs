//! `runs list`

use branchline_runtime::clock::now;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::WorkflowRunStatus;
use branchline_schema_model::store::{RunFilter, RunSummary};
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::Text;
use crate::words::{age, duration, run_state, short_id, status_name, tokens};

/// List the runs, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only of this workflow
    #[arg(long, short, value_name = "NAME")]
    workflow: Option<String>,
    /// Only in this state: pending, running, paused, succeeded, failed or cancelled
    #[arg(long, value_name = "STATE")]
    status: Option<WorkflowRunStatus>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=PAGE_ROWS_MAX as i64))]
    limit: u32,
    /// Only older than this run
    #[arg(long, value_name = "RUN")]
    before: Option<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let before = match &args.before {
        Some(text) => Some(store.run_find(text).await?),
        None => None,
    };
    let filter = RunFilter {
        workflow: args.workflow.clone(),
        status: args.status,
        before,
        limit: args.limit as usize,
    };
    let runs = store.run_list(&filter).await?;
    if context.output.is_json() {
        let rows: Vec<_> = runs.iter().map(as_json).collect();
        context.output.json(&json!({ "format": "branchline.runs/1", "runs": rows }))?;
    } else if runs.is_empty() {
        context.output.note(Text::from("No runs. `branchline run WORKFLOW` starts one."));
    } else {
        let head = ["run", "workflow", "state", "label", "age", "time", "calls", "tokens"];
        context.output.table(&head, runs.iter().map(row));
        if runs.len() == filter.limit
            && let Some(last) = runs.last()
        {
            context
                .output
                .note(format!("Older ones: branchline runs list --before {}", short_id(last.run.id)));
        }
    }
    Ok(ExitCode::Ok)
}

fn row(summary: &RunSummary) -> Vec<String> {
    let run = &summary.run;
    let time = run.started_at.map(|start| duration(run.ended_at.unwrap_or_else(now).millis_since(start)));
    vec![
        short_id(run.id),
        format!("{}@{}", summary.workflow_name, summary.workflow_version),
        run_state(run).to_string(),
        run.label.clone().unwrap_or_default(),
        age(run.created_at, now()),
        time.unwrap_or_default(),
        summary.calls.to_string(),
        tokens(summary.usage.input_tokens + summary.usage.output_tokens),
    ]
}

fn as_json(summary: &RunSummary) -> Json {
    let run = &summary.run;
    json!({
        "run": run.id, "workflow": summary.workflow_name, "version": summary.workflow_version,
        "status": status_name(run), "reason": run.reason, "label": run.label, "calls": summary.calls,
        "usage": summary.usage, "created_at": run.created_at, "started_at": run.started_at,
        "ended_at": run.ended_at,
    })
}
