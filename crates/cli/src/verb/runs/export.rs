//! `runs export`

use std::path::PathBuf;

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::import::{self, RunParts};
use branchline_schema_model::run::StepRun;
use branchline_schema_model::store::{StepRunView, ValueFilter, ValueView, WorkflowVersion};
use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::show::all_step_runs;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// Write a run with its values as one JSON document
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// `id-json`: section runs, step runs and values as the tables hold them, which `runs import` reads again;
    /// `json`: everything recorded, with attempts and decisions, for other programs
    #[arg(long, short, value_enum, default_value_t, hide_default_value = true)]
    format: Format,
    /// The file; without it the document goes to the standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    IdJson,
    Json,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let version = store.workflow_fetch(store.run_workflow(run).await?).await?;
    let views = all_step_runs(context, run).await?;
    let values = store.value_list(run, &ValueFilter::default()).await?;
    let document = match args.format {
        Format::IdJson => with_ids(context, run, &version, &views, &values).await?,
        Format::Json => everything(context, run, &version, &views, &values).await?,
    };
    let text = serde_json::to_string_pretty(&document).map_err(Failure::unexpected)?;
    context.output.document_to(args.output.as_deref(), &format!("{text}\n"))?;
    Ok(ExitCode::Ok)
}

async fn with_ids(
    context: &Context,
    run: WorkflowRunId,
    version: &WorkflowVersion,
    views: &[StepRunView],
    values: &[ValueView],
) -> Result<Json, Failure> {
    let store = context.store().await?;
    let step_runs: Vec<StepRun> = views.iter().map(|view| view.step_run.clone()).collect();
    Ok(import::run_document(&RunParts {
        run: &store.run_fetch(run).await?.run,
        version,
        section_runs: &store.section_run_list(run).await?,
        step_runs: &step_runs,
        values,
    }))
}

async fn everything(
    context: &Context,
    run: WorkflowRunId,
    version: &WorkflowVersion,
    views: &[StepRunView],
    values: &[ValueView],
) -> Result<Json, Failure> {
    let store = context.store().await?;
    let mut step_runs = Vec::with_capacity(views.len());
    for view in views {
        let mut row = json!(view);
        row["attempt_list"] = json!(store.attempt_list(view.step_run.id).await?);
        step_runs.push(row);
    }
    let mut document = json!(store.run_fetch(run).await?);
    document["format"] = json!("branchline.run/1");
    document["content_hash"] = json!(version.content_hash);
    document["section_runs"] = json!(store.section_run_list(run).await?);
    document["step_runs"] = json!(step_runs);
    document["values"] = json!(values);
    document["decisions"] = json!(store.decision_list(run).await?);
    Ok(document)
}
