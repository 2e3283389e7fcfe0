//! `workflows import`

use std::path::{Path, PathBuf};

use branchline_schema_model::definition::Workflow;
use branchline_schema_model::store::SavedWorkflow;
use serde_json::json;

use super::export::write_folder;
use super::foreign::{self, Foreign};
use super::list::as_json;
use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::WorkflowFile;
use crate::output::Text;
use crate::workflow;

const FOREIGN: &str = "\
Files of the Ruby program that this database schema comes from are imported too: minimal JSON, \
YAML with symbols, full JSON exports, JSON with ids, and POEM workflows with their prompt files. \
`[name]` becomes `{{name}}` where `name` is an attribute. A report says what was changed, \
recognised and not understood; nothing is left out in silence.

A prompt that reads `idea` of a list `ideas` runs once per idea, a step without a prompt named \
`Select …` lets a person choose, one named `Combine …` gathers. `--literal` leaves that out.

Examples:
  branchline workflows import hello.json
  branchline workflows import old-export.json                         save it
  branchline workflows import old-export.json -o workflows/article    write it as files to edit";

/// Check a workflow and save it as a version
#[derive(Debug, clap::Args)]
#[command(after_help = FOREIGN)]
pub(super) struct Args {
    /// Files (YAML or JSON), folders, or names of workflows of the project
    #[arg(required = true, value_name = "WORKFLOW")]
    workflows: Vec<String>,
    /// Write it as a folder of files instead of saving it; takes one workflow
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Recognise no fan-outs, gathers and choices by the names in files of the Ruby program
    #[arg(long)]
    literal: bool,
    /// Show the whole report, not only the first 8 entries of each kind
    #[arg(long)]
    all: bool,
}

/// A workflow to be saved or written.
struct Read {
    workflow: Workflow,
    foreign: Option<Foreign>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    if args.output.is_some() && args.workflows.len() > 1 {
        return Err(Failure::usage("a folder holds one workflow, and several are given")
            .fix("import them one by one, each with a folder of its own"));
    }
    // All of them are checked before the first is saved.
    let mut read = Vec::new();
    for text in &args.workflows {
        read.push(read_one(context, text, args)?);
    }
    if let (Some(folder), [one]) = (&args.output, read.as_slice()) {
        return write(context, one, folder);
    }
    save(context, &read).await
}

fn read_one(context: &Context, text: &str, args: &Args) -> Result<Read, Failure> {
    let file = workflow::find_file(context, text)?.ok_or_else(|| workflow::unknown(context, text))?;
    let Some(foreign) = foreign::read(&file, args.literal)? else {
        return Ok(Read { workflow: workflow::load_file(context, &file)?.workflow, foreign: None });
    };
    foreign.show(context, args.all);
    if args.output.is_none() {
        foreign.check(context)?;
    }
    Ok(Read { workflow: foreign.workflow.clone(), foreign: Some(foreign) })
}

async fn save(context: &Context, read: &[Read]) -> Result<ExitCode, Failure> {
    let engine = engine::start(context, None).await?;
    let mut rows = Vec::new();
    for one in read {
        let SavedWorkflow { workflow, created } = engine.workflow_save(&one.workflow).await?;
        if context.output.is_json() {
            let mut row = as_json(&workflow);
            row["created"] = json!(created);
            if let Some(foreign) = &one.foreign {
                row["form"] = json!(foreign.form);
                row["report"] = json!(foreign.report);
            }
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

/// Writes the files even when they have errors, because there they can be mended.
fn write(context: &Context, read: &Read, folder: &Path) -> Result<ExitCode, Failure> {
    let files = write_folder(context, &read.workflow, folder)?;
    if context.output.is_json() {
        let mut row = json!({ "name": read.workflow.name, "folder": folder, "files": files });
        if let Some(foreign) = &read.foreign {
            row["form"] = json!(foreign.form);
            row["report"] = json!(foreign.report);
        }
        context.output.json(&json!({ "format": "branchline.import/1", "workflows": [row] }))?;
    }
    if let Some(file) = WorkflowFile::in_folder(folder) {
        workflow::load_file(context, &file)?;
    }
    Ok(ExitCode::Ok)
}
