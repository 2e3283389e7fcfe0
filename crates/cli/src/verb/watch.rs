//! `watch`: follows a run that another process drives, by reading its events.

use std::time::Duration;

use branchline_runtime::engine::{Engine, RunRest};
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{Status as _, WorkflowRun, WorkflowRunStatus};

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::follow::catch_up;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::progress::{Painter, Tracker};
use crate::report;
use crate::words::short_id;

/// How often the events are read: other processes cannot call us.
const POLL: Duration = Duration::from_millis(300);

/// Looks at a run without an owner that has work to do before it counts as left alone: owners change.
const LOOKS_MAX: u32 = 10;

/// Follow a run that another process drives; Ctrl-C leaves it going
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    #[arg(default_value = "last")]
    run: String,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let interrupts = Interrupts::listen()?;
    let engine = engine::start(context, None).await?;
    let plan = engine.workflow_plan(store.run_workflow(run).await?).await?;
    follow(context, &engine, run, interrupts, Tracker::new(plan), Painter::new(&context.output)).await
}

/// Follows a run on from what the tracker knows of it.
pub(crate) async fn follow(
    context: &Context,
    engine: &Engine,
    run: WorkflowRunId,
    mut interrupts: Interrupts,
    mut tracker: Tracker,
    mut painter: Painter,
) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let mut poll = tokio::time::interval(POLL);
    let (mut looks, mut told) = (0, false);
    loop {
        tokio::select! {
            _ = poll.tick() => {}
            by_key = interrupts.next() => {
                painter.stopping(by_key);
                context.output.note("Left; the run goes on without you.");
                return Ok(ExitCode::Interrupted);
            }
        }
        // The state is read before the events, so that none of those before it is missed.
        let state = store.run_fetch(run).await?.run;
        catch_up(store, run, &mut tracker, &mut painter).await?;
        painter.tick(&tracker);
        let is_owned = state.owner_id.is_some();
        let is_paused = state.status == WorkflowRunStatus::Paused;
        looks = if is_owned == is_paused && !state.waiting { looks + 1 } else { 0 };
        // Who owns a paused run may have been told to go on, or waits for calls in flight.
        let may_go_on = is_paused && is_owned && looks <= LOOKS_MAX;
        if let Some(rest) = rest_of(&state).filter(|_| !may_go_on) {
            painter.pause();
            return report::end(context, engine, run, rest).await;
        }
        if looks > LOOKS_MAX && state.status == WorkflowRunStatus::Running {
            painter.pause();
            return Err(left_alone(run));
        }
        if looks == LOOKS_MAX && state.status == WorkflowRunStatus::Pending {
            painter.pause();
            context.output.note("It stands in line; a `branchline worker` with room takes it up.");
        }
        if state.waiting && !told {
            painter.pause();
            let inbox =
                Text::new().push(Tone::Warn, "Waiting for a person: ").push(Tone::Accent, "branchline inbox");
            context.output.note(inbox);
        }
        told = state.waiting;
    }
}

fn rest_of(run: &WorkflowRun) -> Option<RunRest> {
    match run.status {
        status if status.is_terminal() => Some(RunRest::Ended(status)),
        WorkflowRunStatus::Paused => Some(RunRest::Paused(run.reason.clone().unwrap_or_default())),
        _ => None,
    }
}

fn left_alone(run: WorkflowRunId) -> Failure {
    let id = short_id(run);
    Failure::new(ExitCode::Interrupted, format!("no process drives the run `{id}`"))
        .fix(format!("go on with it: branchline resume {id}"))
}
