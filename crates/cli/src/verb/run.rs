//! `run`: starts a workflow and follows it to its end.

use std::collections::BTreeMap;

use branchline_runtime::engine::{Engine, RunOptions};
use branchline_schema_model::limits::PARALLEL_CALLS_MAX;
use serde_json::{Value as Json, json};

use crate::ask;
use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::follow::Follow;
use crate::foresight;
use crate::inputs::InputArgs;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::words::short_id;
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline run hello -i topic=rain
  branchline run workflows/hello -i topic=@topic.txt --model mock
  branchline run hello --inputs values.json --unattended --json > result.json
  branchline run hello --rehearse                          no key, no cost, nobody asked
  branchline run hello -i topic=rain --detach              leave it to a worker

The outputs go to the standard output, progress to the standard error. Ctrl-C stops safely and \
shows the command that goes on.";

/// Start a workflow and follow it to its end
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A file, a folder, the name of a workflow of the project, or `name` or `name@version` of a stored one;
    /// not needed when the project has only one
    workflow: Option<String>,
    #[command(flatten)]
    start: StartArgs,
}

/// How a run is started.
#[derive(Debug, clap::Args)]
pub(crate) struct StartArgs {
    #[command(flatten)]
    values: InputArgs,
    /// A model that replaces the one of every step: `mock`, an alias, or `provider/model`
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Tasks take their default or the first option by themselves; values without a default are still waited for
    #[arg(long)]
    unattended: bool,
    /// Try it out: the mock model, made-up inputs, nobody asked
    #[arg(long)]
    rehearse: bool,
    /// Model calls in flight
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(PARALLEL_CALLS_MAX)))]
    parallel: Option<u32>,
    /// Leave the run to a `branchline worker`, and print its id
    #[arg(long)]
    detach: bool,
    /// A name for the run, for people
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let loaded = workflow::load_only(context, args.workflow.as_deref()).await?;
    begin(context, loaded, &args.start, BTreeMap::new()).await
}

/// Starts a run and follows it. Values from a file of another program are under those that are given.
pub(crate) async fn begin(
    context: &Context,
    loaded: workflow::Loaded,
    args: &StartArgs,
    imported: BTreeMap<String, Json>,
) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let given = args.values.read(&loaded.plan)?;
    let imported_names = imported.keys().filter(|name| !given.contains_key(*name)).cloned().collect();
    let mut inputs = imported;
    inputs.extend(given);
    let given = args.model.clone().or_else(|| args.rehearse.then(|| "mock".to_owned()));
    let model = given.or(context.settings()?.model.as_ref().map(|model| model.value.clone()));
    if let Some(model) = &model {
        let resolved = context.catalog()?.resolve(model).map(|_| ());
        resolved.map_err(|unknown| Failure::usage(&unknown).fix(&unknown.hint))?;
    }
    if context.output.can_ask()
        && !args.rehearse
        && !args.unattended
        && !ask::run_inputs(&context.output, &loaded.plan, &mut inputs, &mut interrupts).await
    {
        return Err(Failure::new(ExitCode::Interrupted, "nothing was started"));
    }
    let options = RunOptions {
        inputs,
        imported: imported_names,
        label: args.label.clone(),
        model,
        unattended: args.unattended || args.rehearse,
        rehearse: args.rehearse,
        parallel_calls: args.parallel,
        idempotency_key: None,
    };
    let start_with = foresight::Start { model: options.model.as_deref(), parallel: args.parallel };
    for remark in foresight::remarks(context, &loaded.plan, &start_with)? {
        context.output.note(Text::new().push(Tone::Warn, "warning").plain(": ").plain(remark));
    }
    let engine = engine::start(context, args.parallel).await?;
    if args.detach {
        return detach(context, &engine, loaded, options).await;
    }
    start(context, &engine, loaded, options, interrupts).await
}

/// Saves a workflow, and leaves a run of it to the workers.
async fn detach(
    context: &Context,
    engine: &Engine,
    loaded: workflow::Loaded,
    options: RunOptions,
) -> Result<ExitCode, Failure> {
    let version = loaded.save(engine).await?;
    let run = engine.run_queue(version.id, options).await?;
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.detach/1", "run": run, "status": "pending" }))?;
    } else {
        context.output.result(run.to_string());
    }
    let watch = format!("branchline watch {}", short_id(run));
    context.output.note(
        Text::new()
            .plain("Left to a worker (`branchline worker`); follow it with ")
            .push(Tone::Accent, watch),
    );
    Ok(ExitCode::Ok)
}

/// Saves a workflow, starts a run of it, and follows it.
pub(crate) async fn start(
    context: &Context,
    engine: &Engine,
    loaded: workflow::Loaded,
    options: RunOptions,
    interrupts: Interrupts,
) -> Result<ExitCode, Failure> {
    let version = loaded.save(engine).await?;
    let run = engine.run_start(version.id, options).await?;
    let name = format!("{}@{}", version.name, version.version);
    context
        .output
        .note(Text::new().push(Tone::Strong, name).plain("  run ").push(Tone::Accent, short_id(run)));
    Follow::from_start(context, engine, run, interrupts).await?.finish().await
}
