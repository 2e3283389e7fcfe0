//! The child: gives inputs to a target, one after another, on a thread as small as those of the product.

use std::path::Path;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;

use crate::corpus::Corpus;
use crate::ending::{OUT_OF_TIME, PANICKED};
use crate::mutate::mutate;
use crate::target::{self, Target};
use crate::{Arguments, Budget};

/// The stack of a tokio worker, on which the server reads workflows.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// One input of a search by time, in time of a processor: the largest take a few seconds without optimisation. How
/// long that is by the clock depends on what else the machine has to do.
const INPUT_SECONDS_MAX: u64 = 30;

/// One of a certain number of inputs. They have been tried before, so only what never ends is to be found here, and a
/// processor that is slow, or shared with others, is none of their faults.
const KNOWN_INPUT_SECONDS_MAX: u64 = 600;

/// What `/proc/self/stat` counts in, on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// Where the input that is being tried stands, should the process die of it.
pub(crate) const CURRENT: &str = "current";

/// Works until the time is over, or on one input. Ends the process when it does not get through.
pub(crate) fn run(target: &'static Target, arguments: &Arguments) -> Result<()> {
    let plant = arguments.plant;
    let executions = Arc::new(AtomicU64::new(0));
    let (done, is_done) = channel::<()>();
    let counter = Arc::clone(&executions);
    let work: Box<dyn FnOnce() -> Result<()> + Send> = if let Some(input) = &arguments.input {
        let input = std::fs::read(input).with_context(|| format!("cannot read `{}`", input.display()))?;
        Box::new(move || {
            target::run(target, &input, plant);
            Ok(())
        })
    } else {
        let mut random = Rng::with_seed(arguments.seed.unwrap_or_default());
        let folder = arguments.folder()?;
        let (budget, start) = (arguments.budget(target), Instant::now());
        let goes_on = move |tried: u64| match budget {
            Budget::Inputs(inputs) => tried < inputs,
            Budget::Seconds(seconds) => start.elapsed() < Duration::from_secs(seconds),
        };
        Box::new(move || search(target, plant, &mut random, &folder, &goes_on, &counter))
    };
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let _done = done;
        work()
    })?;
    let is_known = arguments.input.is_none() && matches!(arguments.budget(target), Budget::Inputs(_));
    watch(&is_done, &executions, if is_known { KNOWN_INPUT_SECONDS_MAX } else { INPUT_SECONDS_MAX });
    // The panic has been told by its hook.
    worker.join().unwrap_or_else(|_| exit(PANICKED))
}

/// Returns when the work is done; ends the process when one input takes too long.
fn watch(is_done: &Receiver<()>, executions: &AtomicU64, seconds_max: u64) {
    let start = Instant::now();
    let spent = || processor_time().unwrap_or_else(|| start.elapsed());
    let (mut known, mut since) = (0, spent());
    while is_done.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
        let now = executions.load(Ordering::Relaxed);
        if now != known {
            (known, since) = (now, spent());
        } else if spent().saturating_sub(since) > Duration::from_secs(seconds_max) {
            eprintln!("one input takes more than {seconds_max} s");
            exit(OUT_OF_TIME);
        }
    }
}

/// How long processors have worked for this process, where the system tells.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything: the 12th and 13th are the time in the program and in the system.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// Tries the first inputs as they are, then mutated ones.
fn search(
    target: &Target,
    plant: bool,
    random: &mut Rng,
    folder: &Path,
    goes_on: &dyn Fn(u64) -> bool,
    executions: &AtomicU64,
) -> Result<()> {
    let current = folder.join(CURRENT);
    let mut corpus = Corpus::new();
    let mut first = Corpus::first(target)?.into_iter();
    while goes_on(executions.load(Ordering::Relaxed)) {
        let input = match first.next() {
            Some(input) => input,
            None => mutate(corpus.pick(random), corpus.pick(random), target.words, random),
        };
        std::fs::write(&current, &input)?;
        let seen = target::run(target, &input, plant);
        executions.fetch_add(1, Ordering::Relaxed);
        corpus.offer(input, seen, random);
    }
    let (inputs, things) = corpus.size();
    println!("{} inputs tried, {inputs} kept, {things} things met", executions.load(Ordering::Relaxed));
    Ok(())
}
