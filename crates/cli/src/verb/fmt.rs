//! `fmt`: one layout for workflow files.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use branchline_schema_model::check::Diagnostic;
use branchline_schema_model::definition::document::{FormatError, format};
use serde_json::{Value as Json, json};

use super::check::find;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::{Folder, WorkflowFile};
use crate::output::{Text, Tone, counted};
use crate::replace::replace;

const EXAMPLES: &str = "\
Examples:
  branchline fmt                       all workflows of the project
  branchline fmt workflows/hello       one of them
  branchline fmt --check               change nothing, say what would change

Keys stand in one order, texts have the fewest quotes that are safe, long lists and maps have lines of their own. \
Comments stay where they belong, and the content stays the same to the last character: a run of the new file is a run \
of the same version. Prompt files are texts of yours; only a byte order mark and carriage returns go.

Ends with 3 when a file has mistakes in its YAML or JSON; --check ends with 20 when a file would change.";

/// Lay workflow files out in one way; comments and content stay
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Workflow files or folders; all of the project when none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change
    #[arg(long)]
    check: bool,
}

/// What became of one workflow.
struct Formatted {
    file: WorkflowFile,
    /// The files that were changed or would be, as paths to show.
    changed: Vec<String>,
    error: Option<FormatError>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let files = find(context, &args.paths)?;
    if let Some(other) = files.iter().find(|file| !file.is_workflow()) {
        return Err(Failure::usage(format!("`{}` is no workflow file", other.path()))
            .fix("give a `.yaml` or `.json` file, or the folder of a workflow"));
    }
    let workflows: Vec<Formatted> =
        files.into_iter().map(|file| one(file, args.check)).collect::<Result<_, _>>()?;
    if context.output.is_json() {
        let files: Vec<Json> = workflows.iter().map(as_json).collect();
        context.output.json(&json!({ "format": "branchline.fmt/1", "check": args.check, "files": files }))?;
    } else {
        show(context, &workflows, args.check);
    }
    Ok(exit_code(&workflows, args.check))
}

fn one(file: WorkflowFile, check: bool) -> Result<Formatted, Failure> {
    let failed = |path: &str, error: io::Error| {
        Failure::unexpected(format!("`{path}` cannot be written")).cause(error)
    };
    let folder = Folder::open(&file.folder).map_err(|error| {
        Failure::usage(format!("`{}` cannot be opened", file.folder.display())).cause(error)
    })?;
    let (texts, error) = match format(&folder, &file.name) {
        Ok(texts) => (texts, None),
        Err(error) => (BTreeMap::new(), Some(error)),
    };
    let mut changed = Vec::with_capacity(texts.len());
    for (path, text) in texts {
        let shown = format!("{}{path}", file.prefix());
        if !check {
            replace(&file.folder.join(path), &text).map_err(|error| failed(&shown, error))?;
        }
        changed.push(shown);
    }
    Ok(Formatted { file, changed, error })
}

fn show(context: &Context, workflows: &[Formatted], check: bool) {
    let done = if check { "Would change " } else { "Changed " };
    for formatted in workflows {
        for path in &formatted.changed {
            context.output.result(Text::new().plain(done).plain(path));
        }
        match &formatted.error {
            Some(FormatError::Invalid(diagnostics)) => {
                for diagnostic in diagnostics {
                    context.output.diagnostic(diagnostic, &formatted.file.prefix());
                }
            }
            Some(error) => {
                let path = formatted.file.path();
                context.output.result(Text::new().push(Tone::Bad, format!("{path}: {error}")));
            }
            None => {}
        }
    }
    let left = workflows.iter().filter(|formatted| formatted.error.is_some()).count();
    let changed: usize = workflows.iter().map(|formatted| formatted.changed.len()).sum();
    let among = format!(" in {}", counted(workflows.len(), "workflow"));
    let summary = match (changed, left) {
        (0, 0) => Text::new().push(Tone::Good, "✓ nothing to change").plain(among),
        (changed, 0) => Text::new().plain(counted(changed, "file")).plain(among),
        (changed, left) => {
            let left = format!(", {left} left as it is");
            Text::new().plain(counted(changed, "file")).plain(among).push(Tone::Bad, left)
        }
    };
    context.output.result(summary);
}

fn exit_code(workflows: &[Formatted], check: bool) -> ExitCode {
    let errors = || workflows.iter().filter_map(|formatted| formatted.error.as_ref());
    if errors().any(|error| matches!(error, FormatError::Unfaithful { .. })) {
        ExitCode::Unexpected
    } else if errors().next().is_some() {
        ExitCode::Definition
    } else if check && workflows.iter().any(|formatted| !formatted.changed.is_empty()) {
        ExitCode::Differences
    } else {
        ExitCode::Ok
    }
}

fn as_json(formatted: &Formatted) -> Json {
    let diagnostics: &[Diagnostic] = match &formatted.error {
        Some(FormatError::Invalid(diagnostics)) => diagnostics,
        _ => &[],
    };
    json!({
        "file": formatted.file.path(), "folder": formatted.file.prefix(), "changed": formatted.changed,
        "error": formatted.error.as_ref().map(ToString::to_string), "diagnostics": diagnostics,
    })
}
