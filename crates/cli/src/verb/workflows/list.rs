//! `workflows list`

use branchline_schema_model::store::WorkflowVersion;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::minute;

/// List the stored workflows
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// All versions, not only the newest
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let mut versions = context.store().await?.workflow_list().await?;
    if !args.all {
        // They stand by name, newest first.
        versions.dedup_by(|later, first| later.name == first.name);
    }
    if context.output.is_json() {
        let rows: Vec<_> = versions.iter().map(as_json).collect();
        context.output.json(&json!({ "format": "branchline.workflows/1", "workflows": rows }))?;
    } else if versions.is_empty() {
        context.output.note(
            "Nothing is stored yet: `branchline run` and `branchline workflows import` save a workflow.",
        );
    } else {
        context.output.previews(&["workflow", "version", "saved", "description"], versions.iter().map(row));
    }
    Ok(ExitCode::Ok)
}

fn row(version: &WorkflowVersion) -> Vec<String> {
    vec![
        version.name.clone(),
        version.version.to_string(),
        minute(version.created_at),
        version.description.lines().next().unwrap_or_default().to_owned(),
    ]
}

/// What identifies a version, without its content.
pub(super) fn as_json(version: &WorkflowVersion) -> serde_json::Value {
    json!({
        "id": version.id, "name": version.name, "version": version.version, "description": version.description,
        "content_hash": version.content_hash, "created_at": version.created_at,
    })
}
