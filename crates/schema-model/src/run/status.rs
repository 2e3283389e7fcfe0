//! The states of runs and the legal moves between them, once, for whoever writes and whoever reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A pair of states that is not in the table of legal moves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {what} cannot go from `{from}` to `{to}`")]
pub struct IllegalMove {
    what: &'static str,
    from: &'static str,
    to: &'static str,
}

/// What the three kinds of status have in common.
pub trait Status: Copy + Eq + 'static {
    /// What has this status, for messages.
    const WHAT: &'static str;
    /// Every state.
    const ALL: &'static [Self];

    /// The text in the database, the API and the terminal.
    fn name(self) -> &'static str;

    /// Whether nothing can follow on its own.
    fn is_terminal(self) -> bool;

    /// Whether the move to `next` is legal.
    fn may_become(self, next: Self) -> bool;

    /// Whether one or more legal moves lead to `next`: what a row may go through between two commits.
    fn may_reach(self, next: Self) -> bool {
        let mut reached = vec![self];
        let mut looked_at = 0;
        while let Some(from) = reached.get(looked_at).copied() {
            if from.may_become(next) {
                return true;
            }
            let further = Self::ALL.iter().filter(|to| from.may_become(**to) && !reached.contains(to));
            let further: Vec<Self> = further.copied().collect();
            reached.extend(further);
            looked_at += 1;
        }
        false
    }

    /// The state `next`, if the move is legal.
    fn become_checked(self, next: Self) -> Result<Self, IllegalMove> {
        if self.may_become(next) {
            Ok(next)
        } else {
            Err(IllegalMove { what: Self::WHAT, from: self.name(), to: next.name() })
        }
    }
}

macro_rules! statuses {
    ($(#[$doc:meta])* $type:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(format!("`{text}` is not a status of a {}", $what)),
                }
            }
        }

        impl $type {
            const fn name_of(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

statuses! {
    /// The state of a workflow run. `waiting` is shown when every live step waits for a person; it is derived.
    WorkflowRunStatus, "workflow run" {
        /// Created, nothing done.
        Pending = "pending",
        /// Going on, or able to as soon as an engine owns it.
        Running = "running",
        /// Stopped on purpose, with a reason; goes on when told.
        Paused = "paused",
        /// Every step came to its end and none failed the run.
        Succeeded = "succeeded",
        /// A step failed the run.
        Failed = "failed",
        /// Stopped for good by a person.
        Cancelled = "cancelled",
    }
}

statuses! {
    /// The state of a section run.
    SectionRunStatus, "section run" {
        /// No step run of it has started.
        Pending = "pending",
        /// A step run of it has started.
        Running = "running",
        /// All its step runs ended well or were skipped.
        Succeeded = "succeeded",
        /// A step run of it failed.
        Failed = "failed",
        /// All its step runs were skipped.
        Skipped = "skipped",
        /// The run was cancelled first.
        Cancelled = "cancelled",
    }
}

statuses! {
    /// The state of a step run.
    StepRunStatus, "step run" {
        /// Waits for values of earlier steps.
        Blocked = "blocked",
        /// Can start; waits for a free slot or for its retry time.
        Ready = "ready",
        /// Would start, but the run is paused.
        Held = "held",
        /// An attempt is under way.
        Running = "running",
        /// Waits for a person.
        Waiting = "waiting",
        /// Ended with its outputs written.
        Succeeded = "succeeded",
        /// Ended without them.
        Failed = "failed",
        /// Did not have to run, or could not because a needed value is missing.
        Skipped = "skipped",
        /// The run was cancelled first.
        Cancelled = "cancelled",
    }
}

impl Status for WorkflowRunStatus {
    const WHAT: &'static str = "workflow run";
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Running, Self::Paused, Self::Succeeded, Self::Failed, Self::Cancelled];

    fn name(self) -> &'static str {
        self.name_of()
    }

    fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    fn may_become(self, next: Self) -> bool {
        use WorkflowRunStatus::{Cancelled, Failed, Paused, Pending, Running, Succeeded};
        matches!(
            (self, next),
            (Pending | Paused, Running | Cancelled)
                | (Running, Paused | Succeeded | Failed | Cancelled)
                // Only a person's `retry` wakes a failed run.
                | (Failed, Running)
        )
    }
}

impl Status for SectionRunStatus {
    const WHAT: &'static str = "section run";
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Running, Self::Succeeded, Self::Failed, Self::Skipped, Self::Cancelled];

    fn name(self) -> &'static str {
        self.name_of()
    }

    fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    fn may_become(self, next: Self) -> bool {
        use SectionRunStatus::{Cancelled, Failed, Pending, Running, Skipped, Succeeded};
        matches!(
            (self, next),
            (Pending, Running | Succeeded | Skipped | Cancelled)
                | (Running, Succeeded | Failed | Skipped | Cancelled)
                | (Failed, Running)
        )
    }
}

impl Status for StepRunStatus {
    const WHAT: &'static str = "step run";
    const ALL: &'static [Self] = &[
        Self::Blocked,
        Self::Ready,
        Self::Held,
        Self::Running,
        Self::Waiting,
        Self::Succeeded,
        Self::Failed,
        Self::Skipped,
        Self::Cancelled,
    ];

    fn name(self) -> &'static str {
        self.name_of()
    }

    fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped | Self::Cancelled)
    }

    fn may_become(self, next: Self) -> bool {
        use StepRunStatus::{Blocked, Cancelled, Failed, Held, Ready, Running, Skipped, Succeeded, Waiting};
        matches!(
            (self, next),
            (Blocked, Ready | Held | Skipped | Cancelled)
                | (Ready, Held | Running | Waiting | Skipped | Cancelled)
                | (Held, Ready | Cancelled)
                // Back to ready: a retry, or the process that ran it died.
                | (Running, Ready | Waiting | Succeeded | Failed | Skipped | Cancelled)
                | (Waiting, Ready | Succeeded | Failed | Skipped | Cancelled)
                // Only a person's `retry` wakes a failed step.
                | (Failed, Ready)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves<S: Status>() -> String {
        let mut table = String::new();
        for from in S::ALL {
            let next: Vec<_> =
                S::ALL.iter().filter(|next| from.may_become(**next)).map(|next| next.name()).collect();
            let next = if next.is_empty() { "-".to_owned() } else { next.join(" ") };
            table = table + from.name() + " -> " + &next + "\n";
        }
        table
    }

    #[test]
    fn step_run_moves_are_exactly_these() {
        expect_test::expect![[r"
            blocked -> ready held skipped cancelled
            ready -> held running waiting skipped cancelled
            held -> ready cancelled
            running -> ready waiting succeeded failed skipped cancelled
            waiting -> ready succeeded failed skipped cancelled
            succeeded -> -
            failed -> ready
            skipped -> -
            cancelled -> -
        "]]
        .assert_eq(&moves::<StepRunStatus>());
    }

    #[test]
    fn several_moves_may_fall_into_one_commit() {
        assert!(StepRunStatus::Running.may_reach(StepRunStatus::Held));
        assert!(StepRunStatus::Blocked.may_reach(StepRunStatus::Succeeded));
        assert!(!StepRunStatus::Succeeded.may_reach(StepRunStatus::Running));
        assert!(!StepRunStatus::Cancelled.may_reach(StepRunStatus::Ready));
    }

    #[test]
    fn workflow_run_moves_are_exactly_these() {
        expect_test::expect![[r"
            pending -> running cancelled
            running -> paused succeeded failed cancelled
            paused -> running cancelled
            succeeded -> -
            failed -> running
            cancelled -> -
        "]]
        .assert_eq(&moves::<WorkflowRunStatus>());
    }

    #[test]
    fn section_run_moves_are_exactly_these() {
        expect_test::expect![[r"
            pending -> running succeeded skipped cancelled
            running -> succeeded failed skipped cancelled
            succeeded -> -
            failed -> running
            skipped -> -
            cancelled -> -
        "]]
        .assert_eq(&moves::<SectionRunStatus>());
    }
}
