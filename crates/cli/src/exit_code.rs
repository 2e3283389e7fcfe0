//! The numbers the command ends with: an interface for scripts, so they never change their meaning.

use std::process;

use serde::Serialize;

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub(crate) enum ExitCode {
    /// Done.
    Ok = 0,
    /// Something nobody foresaw.
    Unexpected = 1,
    /// The command line or its inputs are wrong.
    Usage = 2,
    /// The definition is wrong.
    Definition = 3,
    /// No valid key, or nobody answers.
    Unreachable = 4,
    /// Locked, read-only, full, damaged, or written by a newer program.
    Database = 5,
    /// The run failed.
    RunFailed = 10,
    /// The run succeeded, although step runs of it failed.
    BranchesFailed = 11,
    /// The run waits for a person.
    Waiting = 12,
    /// The run was cancelled.
    Cancelled = 14,
    /// The run is paused.
    Paused = 15,
    /// There are differences; nothing was changed.
    Differences = 20,
    /// Interrupted; the run is safe and can be resumed.
    Interrupted = 130,
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
