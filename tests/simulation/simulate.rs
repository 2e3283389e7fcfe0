//! `cargo xtask simulate`: many seeds at once, one seed line by line, and the planted bugs.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a console program for the people who work here"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use branchline_runtime::planted::Planted;
use branchline_runtime::simulation::{Report, simulate};

const USAGE: &str = "simulate [--seeds N] [--from SEED] [--seed SEED [--trace]] [--plant BUG] [--gate]";

/// One seed in so many is lived twice, and has to come out the same.
const TWICE_IN: u64 = 100;

/// A planted bug has to be found within so many seeds.
const GATE_SEEDS: u64 = 5_000;

/// What has to happen in a sweep of some length, or it proves nothing.
const HAS_TO_HAPPEN: [&str; 24] = [
    "answers asked for again",
    "answers racing",
    "attempts cancelled",
    "attempts failed",
    "attempts lost",
    "attempts timed out",
    "clock jumps",
    "failures tolerated",
    "fenced writes",
    "kills",
    "late transactions refused",
    "outages",
    "own runs claimed again",
    "refused transactions",
    "restarts",
    "resumes",
    "runs cancelled",
    "second messages refused",
    "steps poisoned",
    "stops",
    "takeovers",
    "transactions in an outage",
    "unknown commits",
    "model calls",
];

/// Seeds from which on all of that has to happen.
const HAPPENS_IN: u64 = 2_000;

#[derive(Default)]
struct Arguments {
    seeds: u64,
    from: u64,
    seed: Option<u64>,
    trace: bool,
    planted: Option<Planted>,
    gate: bool,
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("error: {problem}\nusage: {USAGE}");
            return ExitCode::from(2);
        }
    };
    let good = match arguments.seed {
        Some(seed) => one(seed, &arguments),
        None if arguments.gate => gate(),
        None => sweep(&arguments),
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn arguments() -> Result<Arguments, String> {
    let mut parsed = Arguments { seeds: 20_000, ..Arguments::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().ok_or_else(|| format!("`{word}` wants a number"))?;
            text.parse::<u64>().map_err(|error| format!("`{text}`: {error}"))
        };
        match word.as_str() {
            "--seeds" => parsed.seeds = number()?,
            "--from" => parsed.from = number()?,
            "--seed" => parsed.seed = Some(number()?),
            "--trace" => parsed.trace = true,
            "--gate" => parsed.gate = true,
            "--plant" => {
                let name = words.next().unwrap_or_default();
                parsed.planted = Some(Planted::named(&name).ok_or_else(|| known_bugs(&name))?);
            }
            _ => return Err(format!("`{word}` is not known")),
        }
    }
    Ok(parsed)
}

fn known_bugs(name: &str) -> String {
    let known: Vec<String> = Planted::ALL.iter().map(|bug| format!("{bug:?}")).collect();
    format!("there is no bug `{name}`; there are {}", known.join(", "))
}

/// Lives one seed and tells it.
fn one(seed: u64, arguments: &Arguments) -> bool {
    let report = simulate(seed, arguments.planted, arguments.trace);
    for line in &report.lines {
        println!("{line}");
    }
    match &report.violation {
        Some(violation) => println!("seed {seed}: {violation}"),
        None => println!("seed {seed}: good, history {:016x}", report.hash),
    }
    report.violation.is_none()
}

/// What many seeds came to.
#[derive(Default)]
struct Tally {
    lived: u64,
    counters: BTreeMap<&'static str, u64>,
    violations: Vec<(u64, String)>,
}

/// Lives seeds on all cores until all are lived, or one is enough and found.
fn live(from: u64, seeds: u64, planted: Option<Planted>, stops_at_first: bool) -> Tally {
    let next = AtomicU64::new(from);
    let stop = AtomicBool::new(false);
    let tally = Mutex::new(Tally::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        break;
                    }
                    let mut report = simulate(seed, planted, false);
                    // What this seed does without the bug says nothing of it.
                    if planted.is_some()
                        && report.violation.is_some()
                        && simulate(seed, None, false).violation.is_some()
                    {
                        report.violation = None;
                    }
                    let differs = planted.is_none() && seed.is_multiple_of(TWICE_IN) && {
                        let again = simulate(seed, None, false);
                        again.hash != report.hash
                    };
                    if stops_at_first && report.violation.is_some() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    note(&tally, report, differs);
                }
            });
        }
    });
    tally.into_inner().expect("no thread panicked")
}

fn note(tally: &Mutex<Tally>, report: Report, differs: bool) {
    let mut tally = tally.lock().expect("no thread panicked");
    tally.lived += 1;
    for (what, count) in report.counters {
        *tally.counters.entry(what).or_default() += count;
    }
    if differs {
        let violation = "Determinism: the same seed gave two histories".to_owned();
        tally.violations.push((report.seed, violation));
    }
    tally.violations.extend(report.violation.map(|violation| (report.seed, violation)));
}

fn sweep(arguments: &Arguments) -> bool {
    let began = Instant::now();
    let mut tally = live(arguments.from, arguments.seeds, arguments.planted, false);
    let seconds = began.elapsed().as_secs_f64();
    println!("{} seeds in {seconds:.1} s, {:.0} a second", tally.lived, tally.lived as f64 / seconds);
    for (what, count) in &tally.counters {
        println!("{count:>10}  {what}");
    }
    tally.violations.sort();
    for (seed, violation) in tally.violations.iter().take(20) {
        println!("{violation}\n  again: cargo xtask simulate --seed {seed} --trace");
    }
    let missing = HAS_TO_HAPPEN.iter().filter(|what| !tally.counters.contains_key(**what));
    let missing: Vec<_> = missing.filter(|_| tally.lived >= HAPPENS_IN).collect();
    for what in &missing {
        println!("did not happen, so nothing is proven of it: {what}");
    }
    println!("{} of {} seeds violate something", tally.violations.len(), tally.lived);
    tally.violations.is_empty() && missing.is_empty()
}

/// Every planted bug has to be found, by a seed that is good without it.
fn gate() -> bool {
    let mut good = true;
    for bug in Planted::ALL {
        let began = Instant::now();
        let tally = live(0, GATE_SEEDS, Some(bug), true);
        let seconds = began.elapsed().as_secs_f64();
        if let Some((seed, violation)) = tally.violations.iter().min() {
            let short: String = violation.chars().take(100).collect();
            println!("{bug:?}: found by seed {seed} after {} in {seconds:.1} s: {short}", tally.lived);
        } else {
            println!("{bug:?}: NOT FOUND in {} seeds, {seconds:.1} s", tally.lived);
            good = false;
        }
    }
    good
}
