//! Attempts: how many there may be, what they cost, and why one is repeated.

use branchline_schema_model::definition::OnError;
use branchline_schema_model::id::StepRunId;
use branchline_schema_model::limits::{ATTEMPTS_DEFAULT, ATTEMPTS_MAX, RECOVERIES_MAX};
use branchline_schema_model::run::{
    AttemptOutcome, ErrorClass, Status as _, StepAttempt, StepRun, StepRunStatus,
};
use branchline_schema_model::store::{AttemptEnd, Change, RunCommit};

use super::super::state::State;
use super::{Problems, Seen};

/// Remembers who began which attempt, and counts what is worth seeing in a sweep.
pub(super) fn note(state: &mut State, process: usize, commit: &RunCommit) {
    for change in &commit.changes {
        match change {
            Change::AttemptInsert(attempt) => {
                state.begun_by.insert(attempt.id, process);
            }
            Change::AttemptUpdate(end) => {
                if let AttemptOutcome::Failed(failure) = &end.outcome {
                    state.count(match failure.class {
                        ErrorClass::Lost => "attempts lost",
                        ErrorClass::Timeout => "attempts timed out",
                        ErrorClass::Cancelled => "attempts cancelled",
                        _ => "attempts failed",
                    });
                }
                if end.calls > 1 {
                    state.count("answers asked for again");
                }
            }
            Change::StepRunUpdate(update) => {
                if update.error.as_ref().is_some_and(|error| error.contains("(poison)")) {
                    state.count("steps poisoned");
                }
                if update.tolerated.is_some() {
                    state.count("failures tolerated");
                }
            }
            _ => {}
        }
    }
}

impl Seen<'_> {
    /// `OneOwner`, `CallBound`, `RecoveryBound`, `CostAccounted`, `RepeatHasCause`, `FailsNotEarly`.
    pub(super) fn check_attempts(&self, state: &State, problems: &mut Problems) {
        for change in &self.commit.changes {
            match change {
                Change::AttemptInsert(attempt) => problems.extend(self.bound_problem(attempt)),
                Change::AttemptUpdate(end) => {
                    problems.extend(cost_problem(state, end));
                    problems.extend(cause_problem(state, end));
                }
                Change::StepRunUpdate(update) => {
                    if let Some(row) = self.after.step_runs.get(&update.id) {
                        problems.extend(self.open_problem(row));
                        problems.extend(self.early_problem(row));
                    }
                }
                Change::StepRunInsert(row) => problems.extend(self.open_problem(row)),
                _ => {}
            }
        }
    }

    fn attempts_of(&self, step_run: StepRunId) -> impl Iterator<Item = &StepAttempt> {
        self.after.attempts.values().map(|attempt| &**attempt).filter(move |one| one.step_run_id == step_run)
    }

    /// Attempts that failed and count.
    fn counted(&self, step_run: StepRunId) -> u32 {
        let counts = |attempt: &&StepAttempt| match &attempt.outcome {
            Some(AttemptOutcome::Failed(failure)) => {
                !failure.class.is_free() && !matches!(failure.class, ErrorClass::Lost | ErrorClass::Cancelled)
            }
            _ => false,
        };
        self.attempts_of(step_run).filter(counts).count() as u32
    }

    fn allowed(&self, row: &StepRun) -> u32 {
        let retry = self.plan.step(self.steps[&row.step_id]).retry.as_ref();
        retry.map_or(ATTEMPTS_DEFAULT, |retry| retry.attempts.min(ATTEMPTS_MAX))
    }

    /// Whoever resumes such a step gives it all its attempts again.
    fn is_renewed(&self, row: &StepRun) -> bool {
        self.plan.step(self.steps[&row.step_id]).on_error == OnError::Pause
    }

    /// A step run is running exactly when one attempt of it is open.
    fn open_problem(&self, row: &StepRun) -> Option<(&'static str, String)> {
        let open = self.attempts_of(row.id).filter(|attempt| attempt.ended_at.is_none()).count();
        let expected = usize::from(row.status == StepRunStatus::Running);
        if open != expected {
            let what = format!("`{}` is {} with {open} open attempts", self.address(row), row.status);
            return Some(("OneOwner", what));
        }
        let too_often = row.recoveries > RECOVERIES_MAX && !row.status.is_terminal() && !self.is_renewed(row);
        too_often.then(|| {
            ("RecoveryBound", format!("`{}` goes on after {} recoveries", self.address(row), row.recoveries))
        })
    }

    fn bound_problem(&self, attempt: &StepAttempt) -> Option<(&'static str, String)> {
        let row = self.after.step_runs.get(&attempt.step_run_id)?;
        let (counted, allowed) = (self.counted(row.id), self.allowed(row));
        (counted >= allowed && !self.is_renewed(row)).then(|| {
            let what =
                format!("`{}` is tried again after {counted} of {allowed} attempts", self.address(row));
            ("CallBound", what)
        })
    }

    /// A step that may be tried again is.
    fn early_problem(&self, row: &StepRun) -> Option<(&'static str, String)> {
        let was = self.before.step_runs.get(&row.id)?;
        let failed = row.status == StepRunStatus::Failed || row.tolerated.is_some();
        if was.status.is_terminal() || !failed {
            return None;
        }
        let last = self.attempts_of(row.id).max_by_key(|attempt| attempt.number)?;
        let Some(AttemptOutcome::Failed(failure)) = &last.outcome else { return None };
        let class = failure.class;
        let may_repeat = class.is_retryable() && !class.is_free();
        let enough = !matches!(class, ErrorClass::Truncated | ErrorClass::Lost);
        (may_repeat && enough && self.counted(row.id) < self.allowed(row)).then(|| {
            let what =
                format!("`{}` was given up after {} attempts", self.address(row), self.counted(row.id));
            ("FailsNotEarly", what)
        })
    }
}

/// What was paid is what is recorded.
fn cost_problem(state: &State, end: &AttemptEnd) -> Option<(&'static str, String)> {
    if end.calls == 0 {
        return None;
    }
    let billed = state.billed.get(&end.id).copied().unwrap_or_default();
    ((billed.calls, billed.usage) != (end.calls, end.usage)).then(|| {
        let what = format!(
            "{} calls with {:?} were billed, {} with {:?} recorded",
            billed.calls, billed.usage, end.calls, end.usage
        );
        ("CostAccounted", what)
    })
}

/// An attempt is lost only to a process that died, was told to stop, or was taken for dead.
fn cause_problem(state: &State, end: &AttemptEnd) -> Option<(&'static str, String)> {
    let AttemptOutcome::Failed(failure) = &end.outcome else { return None };
    let process = *state.begun_by.get(&end.id)?;
    let uncaused = failure.class == ErrorClass::Lost && !state.processes[process].interrupted;
    uncaused.then(|| ("RepeatHasCause", format!("a call of p{process}, which never stopped, was given up")))
}
