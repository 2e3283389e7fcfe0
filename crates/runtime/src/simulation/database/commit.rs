//! A commit of a run's changes: all of it, or nothing.

use std::sync::Arc;

use branchline_schema_model::run::{AttemptOutcome, RunEvent, Status};
use branchline_schema_model::store::{AttemptEnd, Change, RunCommit, StepRunUpdate, StoreError};

use super::{Database, RunTables, holds, not_found};
use crate::planted::{Planted, is_planted};

impl Database {
    /// Checks the fence and applies everything to a copy, which takes the place of the rows when all of it is legal.
    pub(in crate::simulation) fn run_commit(&mut self, commit: &RunCommit) -> Result<(), StoreError> {
        let stored = self.run(commit.fence.run_id)?;
        if !holds(&stored.run, commit.fence) {
            return Err(StoreError::Fenced);
        }
        let mut tables = RunTables::clone(stored);
        let applied = tables.apply(commit);
        if applied.is_ok() {
            self.runs.insert(commit.fence.run_id, Arc::new(tables));
        }
        applied
    }

    /// What a store does whose events are not part of the transaction.
    pub(in crate::simulation) fn keep_events(&mut self, events: &[RunEvent]) {
        let Some(first) = events.first() else { return };
        if let Ok(tables) = self.tables(first.run_id) {
            tables.events.extend(events.iter().cloned().map(Arc::new));
        }
    }
}

impl RunTables {
    fn apply(&mut self, commit: &RunCommit) -> Result<(), StoreError> {
        self.append_events(commit)?;
        let (inserts, updates): (Vec<&Change>, Vec<&Change>) =
            commit.changes.iter().partition(|change| is_insert(change));
        // Every kind before those that refer to it.
        for kind in 0..=5 {
            for change in inserts.iter().filter(|change| order(change) == kind) {
                self.insert(change)?;
            }
        }
        let kept = updates.len() - usize::from(is_planted(Planted::CommitTorn) && updates.len() > 2);
        for change in &updates[..kept] {
            self.update(change)?;
        }
        for id in &commit.messages_applied {
            let open = self.messages.get_mut(id).filter(|message| !message.applied);
            open.ok_or_else(|| not_found("unapplied message", id))?.applied = true;
        }
        Ok(())
    }

    fn append_events(&mut self, commit: &RunCommit) -> Result<(), StoreError> {
        for event in &commit.events {
            let follows = event.sequence == self.last_sequence + 1 || is_planted(Planted::SequenceGap);
            if !follows || event.run_id != commit.fence.run_id {
                let message = format!("event {} does not follow {}", event.sequence, self.last_sequence);
                return Err(StoreError::Unexpected { message });
            }
            self.last_sequence = event.sequence;
            self.events.push(Arc::new(event.clone()));
        }
        Ok(())
    }

    fn insert(&mut self, change: &Change) -> Result<(), StoreError> {
        let is_new = match change {
            Change::SectionRunInsert(row) => {
                let place = (row.section_id, row.item_index, row.iteration);
                !self
                    .section_runs
                    .values()
                    .any(|one| (one.section_id, one.item_index, one.iteration) == place)
                    && self.section_runs.insert(row.id, Arc::new(row.clone())).is_none()
            }
            Change::StepRunInsert(row) => {
                self.section_runs
                    .get(&row.section_run_id)
                    .ok_or_else(|| not_found("section run", row.section_run_id))?;
                let place = (row.section_run_id, row.step_id, &row.branch_path);
                !self
                    .step_runs
                    .values()
                    .any(|one| (one.section_run_id, one.step_id, &one.branch_path) == place)
                    && self.step_runs.insert(row.id, Arc::new(row.clone())).is_none()
            }
            Change::FannedOut(row) => {
                self.fan_outs.insert((row.step_id, row.parent_path.clone()), row.clone());
                true
            }
            Change::AttemptInsert(row) => {
                self.step_runs.get(&row.step_run_id).ok_or_else(|| not_found("step run", row.step_run_id))?;
                let place = (row.step_run_id, row.number);
                !self.attempts.values().any(|one| (one.step_run_id, one.number) == place)
                    && self.attempts.insert(row.id, Arc::new(row.clone())).is_none()
            }
            Change::ValueInsert(row) => {
                self.step_runs.get(&row.step_run_id).ok_or_else(|| not_found("step run", row.step_run_id))?;
                self.values.insert(row.id, Arc::new(row.clone())).is_none()
            }
            Change::DecisionInsert(row) => {
                !self.decisions.values().any(|one| one.step_run_id == row.step_run_id)
                    && self.decisions.insert(row.id, Arc::new(row.clone())).is_none()
            }
            _ => true,
        };
        let message = || format!("a row like this is there already: {change:?}");
        if is_new { Ok(()) } else { Err(StoreError::Unexpected { message: message() }) }
    }

    fn update(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Run { status, waiting, reason, started_at, ended_at } => {
                check_move(self.run.status, *status)?;
                self.run.status = *status;
                self.run.waiting = *waiting;
                self.run.reason.clone_from(reason);
                self.run.started_at = *started_at;
                self.run.ended_at = *ended_at;
                Ok(())
            }
            Change::SectionRunUpdate { id, status, started_at, ended_at } => {
                let row = self.section_runs.get_mut(id).ok_or_else(|| not_found("section run", id))?;
                check_move(row.status, *status)?;
                let row = Arc::make_mut(row);
                row.status = *status;
                row.started_at = *started_at;
                row.ended_at = *ended_at;
                Ok(())
            }
            Change::StepRunUpdate(update) => self.update_step_run(update),
            Change::AttemptUpdate(end) => self.end_attempt(end),
            _ => Ok(()),
        }
    }

    fn update_step_run(&mut self, update: &StepRunUpdate) -> Result<(), StoreError> {
        let row = self.step_runs.get_mut(&update.id).ok_or_else(|| not_found("step run", update.id))?;
        check_move(row.status, update.status)?;
        let row = Arc::make_mut(row);
        row.status = update.status;
        row.tolerated = update.tolerated;
        if let Some(inputs) = &update.inputs {
            row.inputs.clone_from(inputs);
        }
        row.attempts = update.attempts;
        row.recoveries = update.recoveries;
        row.renewed_attempts = update.renewed_attempts;
        row.available_at = update.available_at;
        row.error.clone_from(&update.error);
        row.prompt_hash.clone_from(&update.prompt_hash);
        row.started_at = update.started_at;
        row.ended_at = update.ended_at;
        Ok(())
    }

    fn end_attempt(&mut self, end: &AttemptEnd) -> Result<(), StoreError> {
        let open = self.attempts.get_mut(&end.id).filter(|attempt| attempt.ended_at.is_none());
        let row = Arc::make_mut(open.ok_or_else(|| not_found("open attempt", end.id))?);
        row.ended_at = Some(end.ended_at);
        row.outcome = Some(end.outcome.clone());
        row.model.clone_from(&end.model);
        row.request.clone_from(&end.request);
        row.response.clone_from(&end.response);
        row.provider_request_id.clone_from(&end.provider_request_id);
        row.usage = end.usage;
        row.calls = end.calls;
        self.calls += u64::from(end.calls);
        self.usage += end.usage;
        Ok(())
    }

    /// Attempts per step run that do not count against its retries.
    pub(super) fn free_attempts(
        &self,
    ) -> std::collections::BTreeMap<branchline_schema_model::id::StepRunId, u32> {
        let mut counts = std::collections::BTreeMap::new();
        for attempt in self.attempts.values() {
            let free =
                matches!(&attempt.outcome, Some(AttemptOutcome::Failed(failure)) if failure.class.is_free());
            if free && !is_planted(Planted::FreeAttemptsForgotten) {
                *counts.entry(attempt.step_run_id).or_default() += 1;
            }
        }
        counts
    }
}

const fn is_insert(change: &Change) -> bool {
    !matches!(
        change,
        Change::Run { .. }
            | Change::SectionRunUpdate { .. }
            | Change::StepRunUpdate(_)
            | Change::AttemptUpdate(_)
    )
}

const fn order(change: &Change) -> u8 {
    match change {
        Change::SectionRunInsert(_) => 0,
        Change::StepRunInsert(_) => 1,
        Change::FannedOut(_) => 2,
        Change::AttemptInsert(_) => 3,
        Change::ValueInsert(_) => 4,
        _ => 5,
    }
}

/// A row may be written with a state to which legal moves lead, or with the one it has if that may still change.
fn check_move<S: Status>(from: S, to: S) -> Result<(), StoreError> {
    if from.may_reach(to) || from == to && !to.is_terminal() {
        return Ok(());
    }
    let message = format!("a {} cannot go from `{}` to `{}`", S::WHAT, from.name(), to.name());
    Err(StoreError::Unexpected { message })
}
