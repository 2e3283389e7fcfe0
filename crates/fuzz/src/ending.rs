//! How a child ends, and which ends are the same finding.

use std::fmt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};

/// Exit code of a child whose target panicked, the one of Rust itself.
pub(crate) const PANICKED: i32 = 101;

/// Exit code of a child that took too long for one input.
pub(crate) const OUT_OF_TIME: i32 = 97;

/// Address space of a child: the largest allowed document takes a fraction of it, one that grows without end does not
/// fit.
const MEMORY_KIB: u64 = 512 * 1024;

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Well, and what it printed.
    Well(String),
    /// With a panic at this place in the source.
    Panic { place: String, message: String },
    /// Otherwise: stack, memory, time, or a signal.
    Died(String),
}

impl Ending {
    /// Whether two ends have one cause, as far as can be told.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Panic { place, .. }, Self::Panic { place: other, .. }) => place == other,
            _ => self == other,
        }
    }

    fn of(output: &Output) -> Self {
        let errors = String::from_utf8_lossy(&output.stderr);
        let told = |mark: &str| errors.lines().any(|line| line.contains(mark));
        if output.status.success() {
            return Self::Well(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        // Before the panic: what ran out of memory may panic on its way out.
        let cause =
            [("has overflowed its stack", "stack overflow"), ("memory allocation of", "out of memory")];
        if let Some((_, cause)) = cause.iter().find(|(mark, _)| told(mark)) {
            return Self::Died((*cause).to_owned());
        }
        if output.status.code() == Some(OUT_OF_TIME) {
            return Self::Died("out of time".to_owned());
        }
        let mut lines = errors.lines().skip_while(|line| !line.contains("panicked at "));
        match lines.next().and_then(|line| line.split_once("panicked at ")) {
            Some((_, place)) => Self::Panic {
                place: place.trim_end_matches(':').to_owned(),
                message: lines.next().unwrap_or_default().chars().take(400).collect(),
            },
            None => Self::Died(format!("{}: {}", output.status, errors.trim())),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well(said) => f.write_str(said),
            Self::Panic { place, message } => write!(f, "panic at {place}: {message}"),
            Self::Died(cause) => f.write_str(cause),
        }
    }
}

/// Runs this program as a child of bounded memory, to its end.
pub(crate) fn run_child(target: &str, plant: bool, arguments: &[(&str, &Path)]) -> Result<Ending> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    // The shell sets the bound for itself and becomes the child. It fails where a stricter bound is set already, which
    // will do.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -v \"$0\" 2>/dev/null || :; exec \"$@\"", &MEMORY_KIB.to_string()]);
    command.arg(program).args([target, "--child"]).args(plant.then_some("--plant"));
    for (name, value) in arguments {
        command.arg(name).arg(value);
    }
    // A backtrace would take memory of its own, and its time.
    command.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0").stdin(Stdio::null());
    Ok(Ending::of(&command.output().context("cannot start `sh`")?))
}
