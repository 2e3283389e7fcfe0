//! Taking a run up again from what the store has.
//!
//! Settled step runs and fan-outs are put back as they are; attempts that were under way count as lost. Everything
//! else follows from looking at every step again, so nothing but results has to be stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::id::{AttributeId, SectionId, SectionRunId, StepId, StepRunId};
use branchline_schema_model::limits::RECOVERIES_MAX;
use branchline_schema_model::plan::{AttributeIndex, Plan, SectionIndex, StepIndex};
use branchline_schema_model::run::{
    AttemptOutcome, BranchPath, ErrorClass, EventKind, Failure, FanOutRecord, SectionRun, SectionRunStatus,
    StepRun, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::store::{RunSnapshot, WorkflowVersion};
use branchline_schema_model::time::Timestamp;

use super::binding::Readiness;
use super::level::Branches;
use super::section::{SectionKey, SectionState};
use super::state::{RunMachine, StepRunState};
use super::{IllegalInput, StepRunKey, Transition, Written};
use crate::planted::{Planted, is_planted};

/// What the store has cannot have come from this plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored run does not fit its workflow: {0}")]
pub struct RecoverError(pub String);

/// A machine put back together, and what taking over changed.
#[derive(Debug)]
pub struct Recovered {
    /// The run as it stands now.
    pub machine: RunMachine,
    /// To commit before anything else.
    pub transition: Transition,
    /// Ids of the step runs there are.
    pub step_run_ids: BTreeMap<StepRunKey, StepRunId>,
    /// Ids of the section runs there are.
    pub section_run_ids: BTreeMap<SectionKey, SectionRunId>,
}

/// From database ids to places in the plan.
struct Places {
    sections: BTreeMap<SectionId, SectionIndex>,
    steps: BTreeMap<StepId, StepIndex>,
    attributes: BTreeMap<AttributeId, AttributeIndex>,
}

impl Places {
    fn of(workflow: &WorkflowVersion) -> Self {
        let sections = (0..).map(SectionIndex).zip(&workflow.sections).map(|(index, row)| (row.id, index));
        let steps = workflow.sections.iter().flat_map(|section| &section.steps);
        let steps = (0..).map(StepIndex).zip(steps).map(|(index, row)| (row.id, index));
        let attributes =
            (0..).map(AttributeIndex).zip(&workflow.attributes).map(|(index, row)| (row.id, index));
        Self { sections: sections.collect(), steps: steps.collect(), attributes: attributes.collect() }
    }

    fn step(&self, id: StepId) -> Result<StepIndex, RecoverError> {
        self.steps
            .get(&id)
            .copied()
            .ok_or_else(|| RecoverError(format!("step `{id}` is not in the workflow")))
    }
}

impl RunMachine {
    /// Puts a run back together.
    ///
    /// # Errors
    ///
    /// [`RecoverError`] when rows name steps or attributes the workflow does not have.
    pub fn recover(
        plan: Arc<Plan>,
        takes_slot: Vec<bool>,
        parallel_calls: u32,
        workflow: &WorkflowVersion,
        snapshot: &RunSnapshot,
        now: Timestamp,
    ) -> Result<Recovered, RecoverError> {
        let places = Places::of(workflow);
        let mut machine = Self::new(plan, takes_slot, parallel_calls);
        machine.status = snapshot.run.status;
        machine.waiting = snapshot.run.waiting;
        machine.reason.clone_from(&snapshot.run.reason);
        machine.started_at = snapshot.run.started_at;
        machine.ended_at = snapshot.run.ended_at;
        let section_run_ids = machine.put_sections_back(&places, snapshot)?;
        let step_run_ids = machine.put_step_runs_back(&places, snapshot)?;
        // Outer levels first: an empty inner fan-out closes a place that an outer one has to have opened.
        let mut fan_outs: Vec<_> = snapshot.fan_outs.iter().collect();
        fan_outs.sort_by_key(|record| record.parent_path.depth());
        for record in fan_outs {
            machine.put_branches_back(places.step(record.step_id)?, record)?;
        }
        let mut transition = Transition::default();
        machine.put_settled_back();
        machine.agenda.clear();
        let refused = |error: IllegalInput| RecoverError(error.to_string());
        machine.take_up_live(now, &mut transition).map_err(refused)?;
        if machine.status == WorkflowRunStatus::Running {
            machine.look_at_everything();
        }
        machine.go_on(now, &mut transition).map_err(refused)?;
        Ok(Recovered { machine, transition, step_run_ids, section_run_ids })
    }

    fn put_sections_back(
        &mut self,
        places: &Places,
        snapshot: &RunSnapshot,
    ) -> Result<BTreeMap<SectionKey, SectionRunId>, RecoverError> {
        let mut ids = BTreeMap::new();
        for row in &snapshot.section_runs {
            let missing = || RecoverError(format!("section `{}` is not in the workflow", row.section_id));
            let section = *places.sections.get(&row.section_id).ok_or_else(missing)?;
            let path = BranchPath::new(row.item_index.into_iter().chain(row.iteration).collect());
            let key = SectionKey { section, path };
            let state = SectionState {
                status: row.status,
                any_succeeded: row.status == SectionRunStatus::Succeeded,
                label: row.label.clone(),
                started_at: row.started_at.unwrap_or_default(),
                ended_at: row.ended_at,
            };
            self.sections.put(key.clone(), state);
            ids.insert(key, row.id);
        }
        Ok(ids)
    }

    fn put_branches_back(&mut self, step: StepIndex, record: &FanOutRecord) -> Result<(), RecoverError> {
        let parent = &record.parent_path;
        let plan_step = self.plan.step(step);
        let level = plan_step.scope.get(parent.depth()).filter(|level| plan_step.opens.contains(level));
        let level = *level
            .ok_or_else(|| RecoverError(format!("`{}` does not fan out there", self.plan.address(step))))?;
        // A turn that has ended and was followed by no other is the last.
        let last = parent.child(record.branch_count);
        let has_ended = self.steps[step.get()].runs.get(&last).is_some_and(StepRunState::is_settled);
        let complete = self.plan.level(level).kind.is_branching() || has_ended;
        let branches = Branches { count: record.branch_count, listed: record.numbers.clone(), complete };
        self.open_branches(level, parent, branches);
        Ok(())
    }

    fn put_step_runs_back(
        &mut self,
        places: &Places,
        snapshot: &RunSnapshot,
    ) -> Result<BTreeMap<StepRunKey, StepRunId>, RecoverError> {
        let mut values: BTreeMap<StepRunId, Vec<Written>> = BTreeMap::new();
        for value in &snapshot.values {
            let missing =
                || RecoverError(format!("attribute `{}` is not in the workflow", value.attribute_id));
            let attribute = *places.attributes.get(&value.attribute_id).ok_or_else(missing)?;
            values.entry(value.step_run_id).or_default().push(Written { attribute, id: value.id });
        }
        let sections: BTreeMap<SectionRunId, &SectionRun> =
            snapshot.section_runs.iter().map(|row| (row.id, row)).collect();
        let mut ids = BTreeMap::new();
        for row in &snapshot.step_runs {
            let outside = || RecoverError(format!("step run `{}` has no section run", row.id));
            let section = *sections.get(&row.section_run_id).ok_or_else(outside)?;
            let key = self.key_of(places.step(row.step_id)?, section, row);
            let mut run = state_of(row, values.remove(&row.id).unwrap_or_default());
            run.free_retries = snapshot.free_attempts.get(&row.id).copied().unwrap_or_default();
            self.steps[key.step.get()].runs.insert(key.path.clone(), run);
            ids.insert(key, row.id);
        }
        Ok(ids)
    }

    /// The place of a step run: the numbers of its section run, as far as the step lives in them, then its own.
    fn key_of(&self, step: StepIndex, section: &SectionRun, row: &StepRun) -> StepRunKey {
        let numbers = section.item_index.into_iter().chain(section.iteration);
        let numbers =
            numbers.take(self.plan.step(step).scope.len()).chain(row.branch_path.numbers().iter().copied());
        StepRunKey { step, path: BranchPath::new(numbers.collect()) }
    }

    /// Closes the joins and sections of what has settled.
    fn put_settled_back(&mut self) {
        let mut unused = Transition::default();
        for key in self.keys_where(StepRunState::is_settled) {
            // One above the branches says why there are none; it is no branch itself.
            if key.path.depth() == self.plan.step(key.step).scope.len() {
                self.settle(&key, &mut unused);
            }
        }
        self.failed = self.keys_where(|run| run.status == StepRunStatus::Failed);
        self.put_shortages_back();
    }

    /// Ready ones go back to the queue, waiting ones wait on, and attempts under way count as lost.
    fn take_up_live(&mut self, now: Timestamp, transition: &mut Transition) -> Result<(), IllegalInput> {
        let mut lost_attempts = 0;
        for key in self.keys_where(|run| !run.is_settled()) {
            let status = self.steps[key.step.get()].runs[&key.path].status;
            match status {
                StepRunStatus::Ready => self.put_ready_back(&key, now),
                StepRunStatus::Waiting => {
                    self.rebind(&key);
                    self.waiting_tasks.insert(key.clone());
                    let binding =
                        self.steps[key.step.get()].runs[&key.path].binding.clone().unwrap_or_default();
                    transition.commands.push(super::Command::Ask { key, binding });
                }
                StepRunStatus::Held => self.rebind(&key),
                StepRunStatus::Running => {
                    lost_attempts += 1;
                    self.lose(&key, now, transition)?;
                }
                // Blocked ones are looked at with everything else; terminal ones stay.
                StepRunStatus::Blocked
                | StepRunStatus::Failed
                | StepRunStatus::Succeeded
                | StepRunStatus::Skipped
                | StepRunStatus::Cancelled => {}
            }
        }
        if lost_attempts > 0 {
            transition.events.push(EventKind::RunRecovered { lost_attempts });
        }
        Ok(())
    }

    fn put_ready_back(&mut self, key: &StepRunKey, now: Timestamp) {
        self.rebind(key);
        let due_at = self.steps[key.step.get()].runs[&key.path].available_at;
        match due_at.filter(|due_at| *due_at > now) {
            Some(due_at) => {
                self.delayed.insert((due_at, key.clone()));
            }
            None => self.ready.push(&self.plan, key.clone()),
        }
    }

    fn lose(
        &mut self,
        key: &StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let failure = Failure::new(ErrorClass::Lost, "the process that ran it ended");
        transition.attempts_closed.push((key.clone(), AttemptOutcome::Failed(failure)));
        transition.step_runs.insert(key.clone());
        self.rebind(key);
        let Some(run) = self.steps[key.step.get()].runs.get_mut(&key.path) else { return Ok(()) };
        run.recoveries += 1;
        if run.recoveries > RECOVERIES_MAX && !is_planted(Planted::UnlimitedRecoveries) {
            let message = format!("its process ended {} times while it ran", run.recoveries);
            return self.fail(key, Failure::new(ErrorClass::Poison, message), now, transition);
        }
        if self.status == WorkflowRunStatus::Paused {
            run.status = StepRunStatus::Held;
        } else {
            run.status = StepRunStatus::Ready;
            self.ready.push(&self.plan, key.clone());
        }
        Ok(())
    }

    /// Binds again what was bound before: values never change, so the result is the same.
    fn rebind(&mut self, key: &StepRunKey) {
        let binding = match self.bind(key.step, &key.path) {
            Readiness::Ready(binding) => Some(binding),
            Readiness::Pending | Readiness::Missing { .. } | Readiness::Failed(_) => None,
        };
        if let Some(run) = self.steps[key.step.get()].runs.get_mut(&key.path) {
            run.binding = binding;
        }
    }
}

fn state_of(row: &StepRun, values: Vec<Written>) -> StepRunState {
    let mut run = StepRunState::new(row.status, row.created_at);
    run.tolerated = row.tolerated;
    run.label.clone_from(&row.label);
    run.attempts = row.attempts;
    run.recoveries = row.recoveries;
    run.renewed_attempts = row.renewed_attempts;
    run.available_at = row.available_at;
    run.error.clone_from(&row.error);
    run.prompt_hash.clone_from(&row.prompt_hash);
    run.values = values;
    run.binding_recorded = !row.inputs.is_empty();
    run.started_at = row.started_at;
    run.ended_at = row.ended_at;
    run
}
