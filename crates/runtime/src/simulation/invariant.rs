//! What has to hold after every transaction, whatever went wrong. Each check looks at the rows alone, beside the plan;
//! what the store refuses is checked here a second time, so that a store that does not refuse it is found out.

mod attempt;
mod join;
mod step;

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::id::StepId;
use branchline_schema_model::plan::{Plan, StepIndex};
use branchline_schema_model::run::{
    BranchPath, EventKind, SectionRunStatus, Status, StepRun, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::store::{Change, RunCommit, StoreError};

use super::database::RunTables;
use super::state::State;

/// Makes a commit, and checks what came of it.
pub(super) fn commit(state: &mut State, process: usize, commit: &RunCommit) -> Result<(), StoreError> {
    let before = Arc::clone(state.database.run(commit.fence.run_id)?);
    let made = state.database.run_commit(commit);
    let epoch = commit.fence.claim_epoch;
    match &made {
        Ok(()) => {
            let events = commit.events.iter().map(|event| format!("\n      {:?}", event.kind));
            let events = events.collect::<String>();
            state.history.tell(&format!("p{process} commits, epoch {epoch}{events}"));
        }
        Err(StoreError::Fenced) => {
            state.count("fenced writes");
            state.history.tell(&format!("p{process} is fenced, epoch {epoch}"));
        }
        Err(error) => state.history.tell(&format!("p{process} commits, epoch {epoch}: {error}")),
    }
    if made.is_ok() {
        let after = Arc::clone(state.database.run(commit.fence.run_id)?);
        attempt::note(state, process, commit);
        let Some(plan) = state.plan.clone() else { return made };
        let steps = step_indices(state);
        let seen = Seen { plan: &plan, steps: &steps, before: &before, after: &after, commit };
        let mut problems = Vec::new();
        seen.check_run(&mut problems);
        seen.check_outbox(&mut problems);
        seen.check_steps(&mut problems);
        seen.check_attempts(state, &mut problems);
        seen.check_joins(&mut problems);
        for (invariant, what) in problems {
            state.violated(invariant, &what);
        }
    }
    made
}

/// From database ids to places in the plan.
pub(super) fn step_indices(state: &State) -> BTreeMap<StepId, StepIndex> {
    let sections = state.version.iter().flat_map(|version| &version.sections);
    (0..)
        .map(StepIndex)
        .zip(sections.flat_map(|section| &section.steps))
        .map(|(at, row)| (row.id, at))
        .collect()
}

/// The place of a step run: the numbers of its section run, then its own.
pub(super) fn place(
    plan: &Plan,
    steps: &BTreeMap<StepId, StepIndex>,
    tables: &RunTables,
    row: &StepRun,
) -> (StepIndex, BranchPath) {
    let step = steps[&row.step_id];
    let section = tables.section_runs.get(&row.section_run_id);
    let numbers =
        section.into_iter().flat_map(|section| section.item_index.into_iter().chain(section.iteration));
    let outer = numbers.take(plan.step(step).scope.len());
    (step, BranchPath::new(outer.chain(row.branch_path.numbers().iter().copied()).collect()))
}

type Problems = Vec<(&'static str, String)>;

/// One commit, with the rows before and after it.
struct Seen<'a> {
    plan: &'a Plan,
    steps: &'a BTreeMap<StepId, StepIndex>,
    before: &'a RunTables,
    after: &'a RunTables,
    commit: &'a RunCommit,
}

impl Seen<'_> {
    fn address(&self, row: &StepRun) -> String {
        let (step, path) = place(self.plan, self.steps, self.after, row);
        self.plan.run_address(step, &path).to_string()
    }

    /// `FenceHolds`, `CancelFinal`, `AdvanceOnce`, `PausedQuiet`, and that nothing is left open in what has ended.
    fn check_run(&self, problems: &mut Problems) {
        let (before, after) = (&self.before.run, &self.after.run);
        let fence = self.commit.fence;
        if (before.owner_id, before.claim_epoch) != (Some(fence.owner_id), fence.claim_epoch) {
            problems.push(("FenceHolds", format!("a write of epoch {} was taken", fence.claim_epoch)));
        }
        if before.status.is_terminal() && !(self.commit.changes.is_empty() && self.commit.events.is_empty()) {
            problems.push(("CancelFinal", format!("a run that has {} was changed", before.status)));
        }
        let begins = self.commit.changes.iter().any(|change| matches!(change, Change::AttemptInsert(_)));
        let paused = WorkflowRunStatus::Paused;
        if begins && before.status == paused && after.status == paused {
            problems.push(("PausedQuiet", "an attempt began in a paused run".to_owned()));
        }
        let moved = before.status != after.status;
        let told = self.commit.events.iter().rev().find_map(|event| match &event.kind {
            EventKind::RunStatus { status, .. } => Some(*status),
            _ => None,
        });
        if told.is_some_and(|told| told != after.status) || moved && told.is_none() {
            problems.push(("OutboxAtomic", format!("the run is {}, {told:?} was said", after.status)));
        }
        if moved && after.status.is_terminal() {
            self.check_end(problems);
        }
        for change in &self.commit.changes {
            let Change::SectionRunUpdate { id, status: SectionRunStatus::Succeeded, .. } = change else {
                continue;
            };
            let open = self
                .after
                .step_runs
                .values()
                .any(|row| row.section_run_id == *id && !row.status.is_terminal());
            if open {
                problems.push((
                    "JoinComplete",
                    "a section succeeded with a step run that had not ended".to_owned(),
                ));
            }
        }
    }

    fn check_end(&self, problems: &mut Problems) {
        let is_live = |row: &&Arc<StepRun>| !row.status.is_terminal() && row.status != StepRunStatus::Blocked;
        if let Some(row) = self.after.step_runs.values().find(is_live) {
            let what =
                format!("the run has {}, `{}` is {}", self.after.run.status, self.address(row), row.status);
            problems.push(("CancelFinal", what));
        }
        if self.after.attempts.values().any(|attempt| attempt.ended_at.is_none()) {
            problems.push(("CostAccounted", "an attempt is open in a run that has ended".to_owned()));
        }
        if self.after.section_runs.values().any(|section| !section.status.is_terminal()) {
            problems.push(("AdvanceOnce", "a section run is open in a run that has ended".to_owned()));
        }
    }

    /// `OutboxAtomic`: events have no gap, and say what was committed with them.
    fn check_outbox(&self, problems: &mut Problems) {
        let first = self.before.events.len();
        let gap = (first..).zip(&self.after.events[first.min(self.after.events.len())..]);
        let gap = gap.clone().find(|(index, event)| event.sequence != *index as u64 + 1);
        if let Some((index, event)) = gap {
            problems
                .push(("OutboxAtomic", format!("event {} stands at place {}", event.sequence, index + 1)));
        }
        let count = |wanted: fn(&EventKind) -> bool| {
            self.commit.events.iter().filter(|event| wanted(&event.kind)).count()
        };
        let changes =
            |wanted: fn(&Change) -> bool| self.commit.changes.iter().filter(|one| wanted(one)).count();
        let begun = changes(|change| matches!(change, Change::AttemptInsert(_)));
        let told = count(|event| matches!(event, EventKind::StepStarted { .. }));
        if begun != told {
            problems.push(("OutboxAtomic", format!("{begun} attempts begin, {told} were told of")));
        }
        let inputs = self.plan.step(StepIndex::INPUTS).index;
        let succeeded = self.after.step_runs.iter().filter(|(id, row)| {
            let was = self.before.step_runs.get(id).map(|row| row.status);
            let step = self.plan.step(self.steps[&row.step_id]);
            row.status == StepRunStatus::Succeeded
                && was != Some(StepRunStatus::Succeeded)
                && step.index != inputs
                && !step.action.is_implicit()
        });
        let succeeded = succeeded.count();
        let told =
            count(|event| matches!(event, EventKind::StepSucceeded { .. } | EventKind::Answered { .. }));
        if succeeded != told {
            problems.push(("OutboxAtomic", format!("{succeeded} step runs succeeded, {told} were told of")));
        }
    }
}
