//! `runs import`

use std::path::{Path, PathBuf};

use branchline_runtime::clock::{new_uuid, now};
use branchline_schema_model::import::{
    self, ImportError, ImportReport, RunDocument, RunFile, RunNames, RunTarget, SnapshotFile,
};
use branchline_schema_model::limits::{DEFINITION_BYTES_MAX, IMPORT_RUN_BYTES_MAX};
use branchline_schema_model::run::StepRunStatus;
use serde_json::json;

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::foreign::show_report;
use crate::inputs::read_bounded;
use crate::output::{Text, Tone, counted};
use crate::verb::run::{StartArgs, begin};
use crate::words::short_id;
use crate::workflow::{self, Loaded};

const FORMS: &str = "\
Two kinds of files are understood:
  a run with ids        section runs, step runs and values come in as a run that has ended, to look
                        at. Everything is matched by name. A file without names takes them from its
                        definition, `workflow_<id>.json` beside it, or the file after --definition.
  a run snapshot        what the player page saved: its values start a new run (source `import`).
                        Values that steps write are left out, lists kept as one text are split into
                        lines. Missing inputs are given with -i.

Import the workflow first: branchline workflows import FILE

Examples:
  branchline runs export last -o run.json && branchline runs import run.json --db other.db
  branchline runs import workflow_run_7.json --definition workflow_3.json
  branchline runs import workflow-export-launch-titles.json --model mock";

/// Import a run with its values, or start one with the values of a snapshot
#[derive(Debug, clap::Args)]
#[command(after_help = FORMS)]
pub(super) struct Args {
    /// The file
    file: PathBuf,
    /// The workflow it is a run of, when its name is another one here: `name`, `name@version`, or a path
    #[arg(long, value_name = "WORKFLOW")]
    workflow: Option<String>,
    /// The definition with ids that the ids of the run are of
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    #[command(flatten)]
    start: StartArgs,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let text = read_bounded(&args.file, IMPORT_RUN_BYTES_MAX)?;
    let mut report = ImportReport::default();
    let document = import::read_run_file(&text, &mut report).map_err(|error| cannot(&args.file, &error))?;
    match document {
        RunDocument::Run(file) => import_run(context, args, &file, report).await,
        RunDocument::Snapshot(file) => start_from(context, args, &file, report).await,
    }
}

fn cannot(path: &Path, error: &ImportError) -> Failure {
    Failure::new(ExitCode::Definition, format!("`{}` cannot be imported", path.display())).cause(error)
}

async fn import_run(
    context: &Context,
    args: &Args,
    file: &RunFile,
    mut report: ImportReport,
) -> Result<ExitCode, Failure> {
    let names = definition(args, file)?;
    let called = file.workflow.clone().or_else(|| names.as_ref().map(|names| names.workflow.clone()));
    let loaded = target(context, args, called.as_deref()).await?;
    let engine = engine::start(context, None).await?;
    let plan = loaded.plan.clone();
    let version = loaded.save(&engine).await?;
    let target = RunTarget { version: &version, plan: &plan, names: names.as_ref() };
    let imported = import::run_rows(file, target, &mut new_uuid, now(), &mut report).map_err(|problems| {
        let what = format!(
            "`{}` does not fit {}@{}: {}",
            args.file.display(),
            version.name,
            version.version,
            counted(problems.len(), "contradiction")
        );
        Failure::new(ExitCode::Definition, what)
            .cause(problems.join("\n         "))
            .fix("give the version it is a run of with `--workflow NAME@VERSION`")
    })?;
    let store = context.store().await?;
    let run = store.run_import(imported.run, imported.commit).await?;
    let summary = store.run_fetch(run).await?;
    let count = |status| {
        summary.steps.iter().filter(|step| step.status == status).map(|step| step.count).sum::<u32>()
    };
    if context.output.is_json() {
        context.output.json(&json!({
            "format": "branchline.run-import/1", "run": run, "workflow": version.name, "version": version.version,
            "status": summary.run.status, "report": report,
        }))?;
    } else {
        show_report(context, &report, true);
        let steps = counted(count(StepRunStatus::Succeeded) as usize, "step run");
        let what = format!("  {}@{}, {}, {steps}", version.name, version.version, summary.run.status);
        context
            .output
            .result(Text::new().plain("Imported run ").push(Tone::Accent, short_id(run)).plain(what));
    }
    Ok(ExitCode::Ok)
}

/// The definition the ids of a run are of: the one given, or the one beside it.
fn definition(args: &Args, file: &RunFile) -> Result<Option<RunNames>, Failure> {
    let beside = args.file.with_file_name(format!("workflow_{}.json", file.workflow_id));
    let path = match &args.definition {
        Some(path) => path,
        None if file.workflow.is_none() && beside.is_file() => &beside,
        None if file.workflow.is_none() => {
            let beside = beside.display();
            let message = format!("`{}` has ids and no names", args.file.display());
            return Err(Failure::usage(message)
                .fix(format!("give its definition with `--definition FILE`, or put it at `{beside}`")));
        }
        None => return Ok(None),
    };
    let text = read_bounded(path, DEFINITION_BYTES_MAX)?;
    RunNames::read(&text).map(Some).map_err(|error| cannot(path, &error))
}

/// The workflow given, else the one with the name in the file.
async fn target(context: &Context, args: &Args, name: Option<&str>) -> Result<Loaded, Failure> {
    match &args.workflow {
        Some(text) => workflow::load(context, text).await,
        None => workflow::load_named(context, name.unwrap_or_default()).await.map_err(|failure| {
            failure.fix("import its workflow first, or say which one it is with `--workflow NAME`")
        }),
    }
}

async fn start_from(
    context: &Context,
    args: &Args,
    file: &SnapshotFile,
    mut report: ImportReport,
) -> Result<ExitCode, Failure> {
    let loaded = target(context, args, Some(&file.workflow)).await?;
    let seeds = import::snapshot_inputs(file, &loaded.plan, &mut report);
    let head = Text::new().push(Tone::Strong, args.file.display());
    context
        .output
        .note(head.plain(format!("  run snapshot, {} to begin with", counted(seeds.len(), "value"))));
    show_report(context, &report, true);
    begin(context, loaded, &args.start, seeds).await
}
