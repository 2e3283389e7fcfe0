//! `check`: every mistake in the definitions that can be known before the first call.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::{WorkflowFile, project_workflows};
use crate::output::{Text, Tone, counted};
use crate::workflow::{self, CheckedFile};

const EXAMPLES: &str = "\
Examples:
  branchline check                             all workflows of the project
  branchline check workflows/hello             one of them
  branchline check --json | jq .errors         for programs

Ends with 3 when there is an error; warnings alone end with 0.";

/// Find every mistake in the definitions, with its place and a fix
#[derive(Debug, clap::Args)]
#[command(visible_alias = "validate", after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Workflow files or folders; all of the project when none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show all, not only the first 20 of a file
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let files = find(context, &args.paths)?;
    let check_context = context.check_context()?;
    let files = files.into_iter().map(|file| workflow::check_file(file, &check_context));
    let files: Vec<CheckedFile> = files.collect::<Result<_, _>>()?;
    let errors: usize = files.iter().map(CheckedFile::errors).sum();
    if context.output.is_json() {
        context.output.json(&as_json(&files, errors, started.elapsed()))?;
    } else {
        show(context, &files, args.all);
        summary(context, &files, errors, started.elapsed());
    }
    Ok(if errors > 0 { ExitCode::Definition } else { ExitCode::Ok })
}

/// The workflows at some paths; all of the project when there are none.
pub(super) fn find(context: &Context, paths: &[PathBuf]) -> Result<Vec<WorkflowFile>, Failure> {
    let files = if paths.is_empty() {
        project_workflows(&context.settings()?.root)?
    } else {
        let found: Vec<_> = paths.iter().map(|path| find_in(context, path)).collect::<Result<_, _>>()?;
        found.into_iter().flatten().collect()
    };
    if files.is_empty() { Err(workflow::no_workflows()) } else { Ok(files) }
}

/// A file, the workflow in a folder, or the workflows of a project folder.
fn find_in(context: &Context, path: &Path) -> Result<Vec<WorkflowFile>, Failure> {
    if let Some(file) = workflow::find_file(context, &path.to_string_lossy())? {
        return Ok(vec![file]);
    }
    let files = project_workflows(path)?;
    if files.is_empty() {
        return Err(Failure::usage(format!("there is no workflow at `{}`", path.display()))
            .fix("give a workflow file, its folder, or a project with `workflows/*/workflow.yaml`"));
    }
    Ok(files)
}

fn show(context: &Context, files: &[CheckedFile], all: bool) {
    for checked in files {
        let prefix = checked.file.prefix();
        let limit = if all { usize::MAX } else { workflow::SHOWN_MAX };
        for diagnostic in checked.diagnostics.iter().take(limit) {
            context.output.diagnostic(diagnostic, &prefix);
        }
        let hidden = checked.diagnostics.len().saturating_sub(limit);
        if hidden > 0 {
            context.output.paragraph(2, format!("… and {hidden} more in {} (--all)\n", checked.file.path()));
        }
    }
}

fn summary(context: &Context, files: &[CheckedFile], errors: usize, time: Duration) {
    let warnings = files.iter().map(|file| file.diagnostics.len()).sum::<usize>() - errors;
    let found = match (errors, warnings) {
        (0, 0) => Text::new().push(Tone::Good, "✓ no problems"),
        (0, warnings) => Text::new().push(Tone::Warn, counted(warnings, "warning")),
        (errors, 0) => Text::new().push(Tone::Bad, counted(errors, "error")),
        (errors, warnings) => Text::new()
            .push(Tone::Bad, counted(errors, "error"))
            .plain(", ")
            .push(Tone::Warn, counted(warnings, "warning")),
    };
    let steps = files.iter().filter_map(|file| file.workflow.as_ref());
    let steps = steps.flat_map(|workflow| &workflow.sections).map(|section| section.steps.len()).sum();
    let among = format!(" in {}, {}", counted(files.len(), "workflow"), counted(steps, "step"));
    context.output.paragraph(2, found.plain(among).push(Tone::Dim, format!(" ({} ms)", time.as_millis())));
}

fn as_json(files: &[CheckedFile], errors: usize, time: Duration) -> Json {
    let files: Vec<_> = files
        .iter()
        .map(|checked| {
            json!({
                "file": checked.file.path(), "folder": checked.file.prefix(),
                "workflow": checked.workflow.as_ref().map(|workflow| &workflow.name),
                "errors": checked.errors(), "warnings": checked.diagnostics.len() - checked.errors(),
                "diagnostics": checked.diagnostics,
            })
        })
        .collect();
    let warnings: u64 = files.iter().filter_map(|file| file["warnings"].as_u64()).sum();
    json!({
        "format": "branchline.check/1", "errors": errors, "warnings": warnings,
        "duration_ms": time.as_millis() as u64, "files": files,
    })
}
