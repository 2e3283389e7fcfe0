//! `worker`: takes runs up and drives them, until it is stopped.

use std::pin::pin;
use std::time::Duration;

use branchline_runtime::engine::{Engine, RunRest, WorkNews};
use branchline_schema_model::limits::PARALLEL_CALLS_MAX;
use branchline_schema_model::run::Status as _;

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::words::{counted, short_id};

/// How long calls in flight may take to end after the first request to stop.
const DRAIN_MAX: Duration = Duration::from_mins(10);

const NOTES: &str = "\
It takes up what `run --detach` left, and what a process that died or was stopped had begun; any number of workers \
share the runs of a database. Ctrl-C or SIGTERM stops it safely: it takes nothing more, calls in flight end, and its \
runs are left to others. A second one drops the calls; they are repeated by whoever goes on.";

/// Drive runs of this database, as many as come, until stopped
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub(crate) struct Args {
    /// Runs driven at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Model calls in flight, over all runs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(PARALLEL_CALLS_MAX)))]
    parallel: Option<u32>,
    /// End when no run wants to be driven
    #[arg(long)]
    until_idle: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let engine = engine::start_worker(context, args.parallel, args.runs as usize).await?;
    let runs = counted(u64::from(args.runs), "run");
    context.output.note(format!("Driving up to {runs} at a time; Ctrl-C stops safely."));
    let mut work = pin!(engine.work(args.until_idle, |news| tell(context, &news)));
    let mut stops = 0;
    loop {
        tokio::select! {
            worked = &mut work => break worked?,
            _ = interrupts.next() => {
                stops += 1;
                stop(context, &engine, stops);
            }
        }
    }
    context.output.note("Stopped; nothing that was answered is lost.");
    Ok(ExitCode::Ok)
}

fn stop(context: &Context, engine: &Engine, stops: u32) {
    let (drain, words) = match stops {
        1 => (DRAIN_MAX, "Stopping: taking nothing more, calls in flight finish first."),
        _ => (Duration::ZERO, "Dropping what is in flight; it is repeated by whoever goes on."),
    };
    context.output.note(Text::new().push(Tone::Warn, words));
    let engine = engine.clone();
    tokio::spawn(async move { engine.shutdown(drain).await });
}

fn tell(context: &Context, news: &WorkNews) {
    let (run, words) = match news {
        WorkNews::TookUp(run) => (run, "taken up".to_owned()),
        WorkNews::Rested(run, rest) => (run, words(rest)),
        WorkNews::Blind(error) => {
            context.output.note(format!("cannot look for runs: {error}"));
            return;
        }
    };
    context.output.note(Text::new().push(Tone::Accent, short_id(*run)).plain(format!(" {words}")));
}

fn words(rest: &RunRest) -> String {
    match rest {
        RunRest::Ended(status) => status.name().to_owned(),
        RunRest::Waiting => "waits for a person".to_owned(),
        RunRest::Paused(reason) => format!("paused: {reason}"),
        RunRest::LetGo => "left to others".to_owned(),
        RunRest::Broken(error) => format!("cannot be driven here: {error}"),
    }
}
