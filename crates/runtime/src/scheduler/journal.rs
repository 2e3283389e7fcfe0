//! The journal of a run: turns what the machine decided into rows, and keeps the ids of the rows there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use branchline_schema_model::hash::sha256_hex;
use branchline_schema_model::id::{
    AttributeValueId, DecisionId, RunMessageId, SectionRunId, StepAttemptId, StepRunId,
};
use branchline_schema_model::plan::{AttributeIndex, Plan};
use branchline_schema_model::run::{
    AttemptOutcome, AttributeValue, BranchPath, Decision, DecisionKind, FanOutRecord, InputBinding, RunEvent,
    SectionRun, StepAttempt, StepRun, Usage, ValueSource,
};
use branchline_schema_model::store::{AttemptEnd, Change, Fence, RunCommit, StepRunUpdate, WorkflowVersion};
use branchline_schema_model::time::Timestamp;

use crate::action::CallRecord;
use crate::clock::new_uuid;
use crate::machine::{RunMachine, SectionKey, StepRunKey, StepRunState, Transition};
use crate::planted::{Planted, is_planted};

/// A value the next commit writes.
pub(super) struct NewValue {
    pub(super) key: StepRunKey,
    pub(super) attribute: AttributeIndex,
    pub(super) id: AttributeValueId,
    pub(super) text: Arc<str>,
    pub(super) source: ValueSource,
    pub(super) author: Option<String>,
}

/// A decision the next commit writes.
pub(super) struct NewDecision {
    pub(super) key: StepRunKey,
    pub(super) kind: DecisionKind,
    pub(super) picked: Vec<u32>,
    pub(super) option_count: u32,
    pub(super) author: Option<String>,
    pub(super) note: Option<String>,
}

/// What goes into a commit beside what the machine decided.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) values: Vec<NewValue>,
    pub(super) records: HashMap<StepRunKey, CallRecord>,
    pub(super) decisions: Vec<NewDecision>,
    pub(super) messages_applied: Vec<RunMessageId>,
}

/// The ids of a run's rows.
pub(super) struct Journal {
    pub(super) fence: Fence,
    workflow: Arc<WorkflowVersion>,
    section_runs: BTreeMap<SectionKey, SectionRunId>,
    step_runs: BTreeMap<StepRunKey, StepRunId>,
    open_attempts: HashMap<StepRunKey, StepAttemptId>,
    last_sequence: u64,
}

impl Journal {
    pub(super) fn new(
        fence: Fence,
        workflow: Arc<WorkflowVersion>,
        section_runs: BTreeMap<SectionKey, SectionRunId>,
        step_runs: BTreeMap<StepRunKey, StepRunId>,
        open_attempts: &[StepAttempt],
        last_sequence: u64,
    ) -> Self {
        let by_step_run: HashMap<StepRunId, StepAttemptId> =
            open_attempts.iter().map(|attempt| (attempt.step_run_id, attempt.id)).collect();
        let open_attempts =
            step_runs.iter().filter_map(|(key, id)| Some((key.clone(), *by_step_run.get(id)?))).collect();
        Self { fence, workflow, section_runs, step_runs, open_attempts, last_sequence }
    }

    pub(super) fn attempt_id(&self, key: &StepRunKey) -> Option<StepAttemptId> {
        self.open_attempts.get(key).copied()
    }

    pub(super) fn step_run_id(&self, key: &StepRunKey) -> Option<StepRunId> {
        self.step_runs.get(key).copied()
    }

    /// The rows of a transition. New rows come before those that refer to them.
    pub(super) fn commit(
        &mut self,
        machine: &mut RunMachine,
        transition: &Transition,
        mut extras: Extras,
        now: Timestamp,
    ) -> RunCommit {
        let mut changes = Vec::new();
        self.section_changes(machine, transition, &mut changes);
        self.step_run_changes(machine, transition, &mut changes);
        for fanned_out in &transition.fan_outs {
            changes.push(Change::FannedOut(FanOutRecord {
                workflow_run_id: self.fence.run_id,
                step_id: self.step_id(machine.plan(), fanned_out.step),
                parent_path: fanned_out.parent.clone(),
                branch_count: fanned_out.count,
                numbers: fanned_out.numbers.clone(),
            }));
        }
        self.attempt_changes(transition, &mut extras.records, now, &mut changes);
        changes.extend(extras.values.into_iter().map(|value| self.value_change(machine.plan(), value, now)));
        changes.extend(extras.decisions.into_iter().map(|decision| self.decision_change(decision, now)));
        if transition.run {
            changes.push(run_change(machine));
        }
        let events = transition.events.iter().cloned().map(|kind| {
            let gap = u64::from(is_planted(Planted::SequenceGap) && self.last_sequence == 5);
            self.last_sequence += 1 + gap;
            RunEvent { run_id: self.fence.run_id, sequence: self.last_sequence, at: now, kind }
        });
        let events = events.collect();
        RunCommit { fence: self.fence, changes, events, messages_applied: extras.messages_applied }
    }

    fn section_changes(&mut self, machine: &RunMachine, transition: &Transition, changes: &mut Vec<Change>) {
        for key in &transition.sections {
            let Some(section) = machine.section(key) else { continue };
            let (started_at, ended_at) = (Some(section.started_at), section.ended_at);
            if let Some(id) = self.section_runs.get(key) {
                changes.push(Change::SectionRunUpdate {
                    id: *id,
                    status: section.status,
                    started_at,
                    ended_at,
                });
                continue;
            }
            let id = SectionRunId::from_uuid(new_uuid());
            self.section_runs.insert(key.clone(), id);
            let (item_index, iteration) = machine.plan().section_numbers(key.section, &key.path);
            changes.push(Change::SectionRunInsert(SectionRun {
                id,
                workflow_run_id: self.fence.run_id,
                section_id: self.workflow.sections[key.section.get()].id,
                item_index,
                iteration,
                label: section.label.clone(),
                status: section.status,
                started_at,
                ended_at,
            }));
        }
    }

    fn step_run_changes(
        &mut self,
        machine: &mut RunMachine,
        transition: &Transition,
        changes: &mut Vec<Change>,
    ) {
        let mut updates = Vec::new();
        for key in &transition.step_runs {
            let inputs = machine.inputs_to_record(key);
            let Some(run) = machine.step_run(key) else { continue };
            if let Some(id) = self.step_runs.get(key) {
                updates.push(Change::StepRunUpdate(step_run_update(*id, run, inputs)));
            } else {
                let row = self.new_step_run(machine, key, run, inputs.unwrap_or_default());
                self.step_runs.insert(key.clone(), row.id);
                changes.push(Change::StepRunInsert(row));
            }
        }
        changes.extend(updates);
    }

    fn new_step_run(
        &self,
        machine: &RunMachine,
        key: &StepRunKey,
        run: &StepRunState,
        inputs: InputBinding,
    ) -> StepRun {
        let plan = machine.plan();
        // The first numbers are those of the section run.
        let own = key.path.numbers().iter().skip(plan.section_depth(key.step)).copied();
        let branch_path = BranchPath::new(own.collect());
        let candidate = plan.run_address(key.step, &key.path).candidate.unwrap_or_default();
        StepRun {
            id: StepRunId::from_uuid(new_uuid()),
            section_run_id: self.section_runs[&machine.section_of(key)],
            step_id: self.step_id(plan, key.step),
            branch_number: branch_path.branch_number(),
            branch_path,
            variant: candidate.variant,
            sample: candidate.sample,
            label: run.label.clone(),
            status: run.status,
            tolerated: run.tolerated,
            inputs,
            attempts: run.attempts,
            recoveries: run.recoveries,
            renewed_attempts: run.renewed_attempts,
            available_at: run.available_at,
            error: run.error.clone(),
            prompt_hash: run.prompt_hash.clone(),
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }

    fn attempt_changes(
        &mut self,
        transition: &Transition,
        records: &mut HashMap<StepRunKey, CallRecord>,
        now: Timestamp,
        changes: &mut Vec<Change>,
    ) {
        // An attempt that begins and is cancelled within one commit is there to be closed only after the openings.
        let mut close = |open: &mut HashMap<_, _>, (key, outcome): &(StepRunKey, AttemptOutcome)| {
            let Some(id) = open.remove(key) else { return false };
            let record = records.remove(key).unwrap_or_default();
            changes.push(Change::AttemptUpdate(Box::new(AttemptEnd {
                id,
                ended_at: now,
                outcome: outcome.clone(),
                model: record.model,
                request: record.request,
                response: record.response,
                provider_request_id: record.provider_request_id,
                usage: record.usage,
                calls: record.calls,
            })));
            true
        };
        let closed = transition.attempts_closed.iter();
        let closed_later: Vec<_> = closed.filter(|closed| !close(&mut self.open_attempts, closed)).collect();
        let mut opened = Vec::with_capacity(transition.attempts_opened.len());
        for (key, number) in &transition.attempts_opened {
            let id = StepAttemptId::from_uuid(new_uuid());
            self.open_attempts.insert(key.clone(), id);
            opened.push(Change::AttemptInsert(StepAttempt {
                id,
                step_run_id: self.step_runs[key],
                number: *number,
                started_at: now,
                ended_at: None,
                outcome: None,
                model: None,
                request: None,
                response: None,
                provider_request_id: None,
                usage: Usage::default(),
                calls: 0,
            }));
        }
        for closed in closed_later {
            close(&mut self.open_attempts, closed);
        }
        changes.extend(opened);
    }

    fn value_change(&self, plan: &Plan, value: NewValue, now: Timestamp) -> Change {
        let list = plan.attribute(value.attribute).value_type.is_array;
        let list_length = list.then(|| {
            serde_json::from_str::<Vec<serde::de::IgnoredAny>>(&value.text)
                .map_or(0, |items| items.len() as u32)
        });
        Change::ValueInsert(AttributeValue {
            id: value.id,
            attribute_id: self.workflow.attributes[value.attribute.get()].id,
            step_run_id: self.step_runs[&value.key],
            hash: sha256_hex(value.text.as_bytes()),
            value: value.text.to_string(),
            list_length,
            source: value.source,
            author: value.author,
            created_at: now,
        })
    }

    fn decision_change(&self, decision: NewDecision, now: Timestamp) -> Change {
        Change::DecisionInsert(Decision {
            id: DecisionId::from_uuid(new_uuid()),
            step_run_id: self.step_runs[&decision.key],
            kind: decision.kind,
            picked: decision.picked,
            option_count: decision.option_count,
            author: decision.author,
            note: decision.note,
            created_at: now,
        })
    }

    fn step_id(
        &self,
        plan: &Plan,
        step: branchline_schema_model::plan::StepIndex,
    ) -> branchline_schema_model::id::StepId {
        let plan_step = plan.step(step);
        let section = &plan.sections[plan_step.section.get()];
        let position = step.get() - section.first_step.get();
        self.workflow.sections[plan_step.section.get()].steps[position].id
    }
}

fn step_run_update(id: StepRunId, run: &StepRunState, inputs: Option<InputBinding>) -> StepRunUpdate {
    StepRunUpdate {
        id,
        status: run.status,
        tolerated: run.tolerated,
        inputs,
        attempts: run.attempts,
        recoveries: run.recoveries,
        renewed_attempts: run.renewed_attempts,
        available_at: run.available_at,
        error: run.error.clone(),
        prompt_hash: run.prompt_hash.clone(),
        started_at: run.started_at,
        ended_at: run.ended_at,
    }
}

fn run_change(machine: &RunMachine) -> Change {
    let (started_at, ended_at) = machine.times();
    Change::Run {
        status: machine.status(),
        waiting: machine.is_waiting(),
        reason: machine.reason().map(str::to_owned),
        started_at,
        ended_at,
    }
}
