//! How many step runs a run comes to, as far as its lists and turns are known.
//!
//! Fan-outs inside fan-outs multiply, so each may be within its bound and the run without end. What a list or a turn
//! adds is known before any of it is made, so too many of them are refused before the first call.

use branchline_schema_model::limits::STEP_RUNS_MAX;
use branchline_schema_model::plan::{LevelIndex, LevelKind, Plan, PlanStep};
use branchline_schema_model::run::{ErrorClass, Failure};

use super::level::Branches;
use super::state::RunMachine;

/// Step runs there are, and those that are sure to come if nothing is skipped.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    known: u64,
    /// Per level: what one more branch or turn adds, inner lists not counted.
    per_branch: Vec<u64>,
}

impl Amount {
    pub(super) fn of(plan: &Plan) -> Self {
        let steps = || plan.steps.iter().filter(|step| step.enabled);
        let in_branch = |level: LevelIndex| {
            let own = steps().filter_map(move |step| {
                let depth = step.scope.iter().position(|one| *one == level)?;
                Some(multiple(plan, step, depth + 1))
            });
            own.fold(0, u64::saturating_add)
        };
        Self {
            known: steps().map(|step| multiple(plan, step, 0)).fold(0, u64::saturating_add),
            per_branch: (0..plan.levels.len() as u32).map(LevelIndex).map(in_branch).collect(),
        }
    }

    /// Branches or turns come into being.
    pub(super) fn add(&mut self, level: LevelIndex, count: u32) {
        self.known = self.with(level, count);
    }

    fn with(&self, level: LevelIndex, count: u32) -> u64 {
        self.known.saturating_add(self.per_branch[level.get()].saturating_mul(u64::from(count)))
    }

    #[cfg(test)]
    pub(super) fn fill_up(&mut self) {
        self.known = STEP_RUNS_MAX;
    }
}

/// How many step runs of a step there are in one branch of the levels up to `depth`: none yet below another list.
fn multiple(plan: &Plan, step: &PlanStep, depth: usize) -> u64 {
    let inner = step.scope[depth..].iter().map(|level| match &plan.level(*level).kind {
        LevelKind::Each(_) => 0,
        LevelKind::Candidates(candidates) => u64::from(candidates.count()),
        LevelKind::Turns(_) => 1,
    });
    inner.fold(1, u64::saturating_mul)
}

impl RunMachine {
    /// Counts branches that come into being with what they are sure to bring with them.
    pub(super) fn count_branches(&mut self, level: LevelIndex, branches: &Branches) {
        match self.plan.level(level).kind {
            LevelKind::Each(_) => self.amount.add(level, branches.count),
            // The first one is sure to come.
            LevelKind::Turns(_) => self.amount.add(level, branches.count.saturating_sub(1)),
            // They are as many wherever they are.
            LevelKind::Candidates(_) => {}
        }
    }

    /// Why so many more branches or turns cannot be, if they cannot.
    pub(super) fn too_many(&self, level: LevelIndex, count: usize) -> Option<Failure> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        refusal(self.amount.with(level, count))
    }

    /// Why the run cannot begin, if its candidates alone are too many.
    pub(super) fn too_many_from_the_start(&self) -> Option<Failure> {
        refusal(self.amount.known)
    }
}

fn refusal(step_runs: u64) -> Option<Failure> {
    let message =
        format!("the run would come to {step_runs} step runs, at most {STEP_RUNS_MAX} are possible");
    (step_runs > STEP_RUNS_MAX).then(|| Failure::new(ErrorClass::MissingInput, message))
}
