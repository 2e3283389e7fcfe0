//! `workflows import`

use branchline_schema_model::store::SavedWorkflow;
use serde_json::json;

use super::list::as_json;
use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::Text;
use crate::workflow;

/// Check a workflow and save it as a version
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files (YAML or JSON), folders, or names of workflows of the project
    #[arg(required = true, value_name = "WORKFLOW")]
    workflows: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    // All of them are checked before the first is saved.
    let mut loaded = Vec::new();
    for text in &args.workflows {
        let found = workflow::find_file(context, text)?.ok_or_else(|| workflow::unknown(context, text))?;
        loaded.push(workflow::load_file(context, found)?);
    }
    let engine = engine::start(context, None).await?;
    let mut rows = Vec::new();
    for loaded in &loaded {
        let SavedWorkflow { workflow, created } = engine.workflow_save(&loaded.workflow).await?;
        if context.output.is_json() {
            let mut row = as_json(&workflow);
            row["created"] = json!(created);
            rows.push(row);
        } else {
            let what = if created { "Saved" } else { "Unchanged" };
            let name = format!("{}@{}", workflow.name, workflow.version);
            context.output.result(Text::new().plain(format!("{what} {name}")));
        }
    }
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.import/1", "workflows": rows }))?;
    }
    Ok(ExitCode::Ok)
}
