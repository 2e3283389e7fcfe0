//! `inbox answer`

use std::path::Path;

use branchline_runtime::engine::{Answer, Engine, Task};
use branchline_schema_model::id::{StepRunId, WorkflowRunId};
use branchline_schema_model::limits::{PAGE_ROWS_MAX, VALUE_BYTES_MAX};
use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::StepRunAddress;
use branchline_schema_model::store::StepRunFilter;

use crate::ask::{self, Asked};
use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::follow::Follow;
use crate::inputs::read_bounded;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::words::short_id;

/// Answer a task; without an answer it is asked at the terminal, and elsewhere shown with its options
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `RUN:ADDRESS`, the id of the step run, or a run with only one open task
    task: String,
    /// Numbers of options, in the order wanted
    #[arg(long, value_name = "N,N", value_delimiter = ',', group = "answer")]
    choose: Vec<u32>,
    /// Branches whose options are all taken, as they are shown: `@bold`, `2/1`
    #[arg(long, value_name = "BRANCH", value_delimiter = ',', group = "answer")]
    branch: Vec<String>,
    /// A text: one's own instead of the options, or the value asked for; `@file` and `-` are read
    #[arg(long, value_name = "TEXT", group = "answer", allow_hyphen_values = true)]
    text: Option<String>,
    /// A value by name: `name=text` or `name=@file`; repeat it for more
    #[arg(long, value_name = "NAME=VALUE", group = "answer")]
    set: Vec<String>,
    /// The default, or the first option; for a note: it is done
    #[arg(long, group = "answer")]
    default: bool,
    /// Why; kept with the answer
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let engine = engine::start(context, None).await?;
    let task = find(context, &engine, &args.task).await?;
    let run = task.run_id;
    let plan = engine.workflow_plan(context.store().await?.run_workflow(run).await?).await?;
    let Some(answer) = given(args, &plan, &task)? else {
        if !context.output.can_ask() {
            if !context.output.is_json() {
                ask::show(&context.output, &task);
                context.output.say("");
            }
            return Err(Failure::usage("no answer is given")
                .fix("give one with `--choose`, `--branch`, `--text`, `--set` or `--default`"));
        }
        return match ask::one_task(context, &engine, &task, &plan, &mut interrupts).await? {
            Asked::Answered => go_on(context, &engine, run, interrupts).await,
            Asked::Left => Ok(ExitCode::Waiting),
            Asked::Interrupted => Ok(ExitCode::Interrupted),
        };
    };
    let follow = Follow::begin(context, &engine, run, interrupts).await?;
    let decision = engine.task_answer(task.step_run.id, answer, engine::author(args.note.clone())).await?;
    if decision.is_none() {
        context.output.note(left_for_owner(run));
        return Ok(ExitCode::Ok);
    }
    follow.finish().await
}

async fn go_on(
    context: &Context,
    engine: &Engine,
    run: WorkflowRunId,
    interrupts: Interrupts,
) -> Result<ExitCode, Failure> {
    Follow::begin(context, engine, run, interrupts).await?.finish().await
}

fn left_for_owner(run: WorkflowRunId) -> Text {
    let command = format!("branchline watch {}", short_id(run));
    Text::new()
        .plain("Answered. The process that drives the run goes on with it: ")
        .push(Tone::Accent, command)
}

fn given(args: &Args, plan: &Plan, task: &Task) -> Result<Option<Answer>, Failure> {
    if !args.choose.is_empty() {
        return Ok(Some(Answer::Pick(args.choose.clone())));
    }
    if !args.branch.is_empty() {
        return Ok(Some(Answer::Branches(args.branch.clone())));
    }
    if args.default {
        return Ok(Some(Answer::Default));
    }
    if let Some(text) = &args.text {
        return ask::text_answer(plan, task, &text_of(text)?).map(Some);
    }
    if args.set.is_empty() {
        return Ok(None);
    }
    let mut texts = Vec::new();
    for one in &args.set {
        let (name, text) = one.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`--set {one}` has no `=`"))
                .fix("write `--set name=value` or `--set name=@file`")
        })?;
        texts.push((name.to_owned(), text_of(text)?));
    }
    ask::values_answer(plan, task, texts).map(Some)
}

fn text_of(given: &str) -> Result<String, Failure> {
    match given.strip_prefix('@') {
        Some(path) => read_bounded(Path::new(path), VALUE_BYTES_MAX),
        None if given == "-" => read_bounded(Path::new("-"), VALUE_BYTES_MAX),
        None => Ok(given.to_owned()),
    }
}

/// The open task meant by `RUN:ADDRESS`, the id of its step run, or a run that has only one.
async fn find(context: &Context, engine: &Engine, text: &str) -> Result<Task, Failure> {
    let store = context.store().await?;
    if let Some((run, address)) = text.split_once(':') {
        let run = store.run_find(run).await?;
        let wanted: StepRunAddress = address.parse().map_err(Failure::usage)?;
        let filter = StepRunFilter { limit: PAGE_ROWS_MAX, ..StepRunFilter::at(&wanted) };
        let mut views = store.step_run_list(run, &filter).await?;
        let exact = wanted.to_string();
        let place = views.iter().position(|view| view.address == exact);
        // What is the only one may be left out.
        let place = place.or((views.len() == 1).then_some(0));
        let view = place.map(|place| views.swap_remove(place));
        let view = view.ok_or_else(|| none(&format!("the run has no task `{address}` (yet)")))?;
        return Ok(engine.task_fetch(view.step_run.id).await?);
    }
    if let Ok(id) = text.parse::<StepRunId>()
        && store.step_run_fetch(id).await.is_ok()
    {
        return Ok(engine.task_fetch(id).await?);
    }
    let run = store.run_find(text).await?;
    let mut tasks = engine.task_list(Some(run)).await?;
    match (tasks.pop(), tasks.len()) {
        (Some(task), 0) => Ok(task),
        (None, _) => Err(none(&format!("nothing in the run `{}` waits for a person", short_id(run)))),
        (Some(_), others) => Err(none(&format!("the run `{}` has {} open tasks", short_id(run), others + 1))),
    }
}

fn none(message: &str) -> Failure {
    Failure::usage(message).fix("`branchline inbox` lists the open tasks")
}
