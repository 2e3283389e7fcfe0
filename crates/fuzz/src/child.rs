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

use crate::Arguments;
use crate::corpus::Corpus;
use crate::ending::{OUT_OF_TIME, PANICKED};
use crate::mutate::mutate;
use crate::target::{self, Target};

/// The stack of a tokio worker, on which the server reads workflows.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// One input: the largest take well under a second, on a machine with other things to do a few.
const INPUT_SECONDS_MAX: u64 = 30;

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
        let (folder, inputs) = (arguments.folder(), arguments.inputs);
        let end = Instant::now() + Duration::from_secs(arguments.seconds);
        let goes_on = move |tried: u64| inputs.map_or_else(|| Instant::now() < end, |inputs| tried < inputs);
        Box::new(move || search(target, plant, &mut random, &folder, &goes_on, &counter))
    };
    let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let _done = done;
        work()
    })?;
    watch(&is_done, &executions);
    // The panic has been told by its hook.
    worker.join().unwrap_or_else(|_| exit(PANICKED))
}

/// Returns when the work is done; ends the process when one input takes too long.
fn watch(is_done: &Receiver<()>, executions: &AtomicU64) {
    let (mut known, mut since) = (0, Instant::now());
    while is_done.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
        let now = executions.load(Ordering::Relaxed);
        if now != known {
            (known, since) = (now, Instant::now());
        } else if since.elapsed() > Duration::from_secs(INPUT_SECONDS_MAX) {
            eprintln!("one input takes more than {INPUT_SECONDS_MAX} s");
            exit(OUT_OF_TIME);
        }
    }
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
