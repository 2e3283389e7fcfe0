//! `workflows export`

use std::path::{Component, Path, PathBuf};

use branchline_schema_model::definition::Workflow;
use branchline_schema_model::import;
use branchline_schema_model::store::WorkflowVersion;
use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::foreign::show_report;
use crate::output::Text;
use crate::sample::write_new;
use crate::workflow::split_version;

/// Write a stored version as canonical JSON, or as a folder of files
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `name`, or `name@version`
    workflow: String,
    /// `json`: the canonical document, whose hash is the version; `folder`: workflow.yaml with its prompt files;
    /// `id-json`: names, order, prompts and ports with their ids, as the tables hold them; what else there is, is
    /// listed and left out
    #[arg(long, short, value_enum, default_value_t, hide_default_value = true)]
    format: Format,
    /// The file, or the folder; without it the JSON goes to the standard output
    #[arg(long, short, value_name = "PATH", required_if_eq("format", "folder"))]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Json,
    Folder,
    IdJson,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let (name, version) = split_version(&args.workflow)?;
    let version = context.store().await?.workflow_find(name, version).await?;
    match (args.format, &args.output) {
        (Format::Folder, Some(folder)) => write_version(context, &version, folder)?,
        (Format::IdJson, file) => {
            let (document, left_out) = import::workflow_document(&version);
            show_report(context, &left_out, true);
            let text = serde_json::to_string_pretty(&document).map_err(Failure::unexpected)?;
            context.output.document_to(file.as_deref(), &format!("{text}\n"))?;
        }
        (_, file) => context.output.document_to(file.as_deref(), &format!("{}\n", version.document))?,
    }
    Ok(ExitCode::Ok)
}

fn write_version(context: &Context, version: &WorkflowVersion, folder: &Path) -> Result<(), Failure> {
    let workflow = Workflow::from_canonical_json(&version.document).map_err(|error| {
        Failure::new(ExitCode::Definition, format!("`{}` cannot be written as files", version.name))
            .cause(error)
    })?;
    let files = write_folder(context, &workflow, folder)?;
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.export/1", "folder": folder, "files": files }))?;
    }
    Ok(())
}

/// Writes a workflow as a folder that is not there yet; the paths of its files.
pub(super) fn write_folder(
    context: &Context,
    workflow: &Workflow,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let files = workflow.to_files();
    let is_inside =
        |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if let Some(path) = files.keys().find(|path| !is_inside(path)) {
        return Err(Failure::new(
            ExitCode::Definition,
            format!("`{}` cannot be written as files", workflow.name),
        )
        .cause(format!("`{path}` is outside the folder")));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (folder.join(path), text)).collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(Failure::usage(format!("`{}` is there already; nothing was written", path.display()))
            .fix("give another folder"));
    }
    for (path, text) in &files {
        write_new(path, text)?;
        context.output.note(Text::new().plain("Wrote ").plain(path.display()));
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
