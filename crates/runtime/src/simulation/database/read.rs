//! What is read of the rows.

use std::sync::Arc;

use branchline_schema_model::id::{AttributeValueId, SchedulerId, StepRunId, WorkflowId, WorkflowRunId};
use branchline_schema_model::run::{
    AttributeValue, CandidateAddress, Decision, RunEvent, SectionRun, StepAttempt, StepRun, StepRunAddress,
    StepRunStatus, Usage, WorkflowRunStatus,
};
use branchline_schema_model::store::{
    RunMessage, RunSnapshot, RunSummary, StepRunView, StoreError, ValueFilter, ValueView, WorkflowVersion,
};

use super::{Database, RunTables, not_found};
use crate::planted::{Planted, is_planted};

impl Database {
    pub(in crate::simulation) fn workflow(
        &self,
        id: WorkflowId,
    ) -> Result<&Arc<WorkflowVersion>, StoreError> {
        self.workflows.get(&id).ok_or_else(|| not_found("workflow", id))
    }

    pub(in crate::simulation) fn workflows(&self) -> Vec<WorkflowVersion> {
        self.workflows.values().map(|version| (**version).clone()).collect()
    }

    pub(in crate::simulation) fn run_load(&self, run: WorkflowRunId) -> Result<RunSnapshot, StoreError> {
        let tables = self.run(run)?;
        let outline =
            |value: &Arc<AttributeValue>| AttributeValue { value: String::new(), ..(**value).clone() };
        let open = tables.attempts.values().filter(|attempt| attempt.ended_at.is_none());
        Ok(RunSnapshot {
            run: tables.run.clone(),
            section_runs: tables.section_runs.values().map(|row| (**row).clone()).collect(),
            step_runs: tables.step_runs.values().map(|row| (**row).clone()).collect(),
            fan_outs: tables.fan_outs.values().cloned().collect(),
            values: tables.values.values().map(outline).collect(),
            free_attempts: tables.free_attempts(),
            open_attempts: open.map(|row| (**row).clone()).collect(),
            last_sequence: tables.last_sequence,
        })
    }

    pub(in crate::simulation) fn value_texts(
        &self,
        ids: &[AttributeValueId],
    ) -> Result<Vec<Arc<str>>, StoreError> {
        let text = |id: &AttributeValueId| {
            let value = self.runs.values().find_map(|tables| tables.values.get(id));
            value.map(|value| value.value.as_str().into()).ok_or_else(|| not_found("value", id))
        };
        ids.iter().map(text).collect()
    }

    pub(in crate::simulation) fn message_list(&self, runs: &[WorkflowRunId]) -> Vec<RunMessage> {
        let tables = runs.iter().filter_map(|run| self.runs.get(run));
        let open = tables.flat_map(|tables| tables.messages.values()).filter(|message| !message.applied);
        let mut messages: Vec<RunMessage> = open
            .map(|one| RunMessage {
                id: one.message.id,
                run_id: one.message.run_id,
                kind: one.message.kind.clone(),
                created_at: one.message.created_at,
            })
            .collect();
        messages.sort_by_key(|message| (message.created_at, message.id));
        messages
    }

    /// Runs that want an engine and have none that lives, except for this one.
    pub(in crate::simulation) fn run_orphans(
        &self,
        owner: SchedulerId,
        is_alive: impl Fn(SchedulerId) -> bool,
    ) -> Vec<WorkflowRunId> {
        let is_orphan = |tables: &&Arc<RunTables>| {
            let run = &tables.run;
            let wants = match run.status {
                WorkflowRunStatus::Pending => true,
                WorkflowRunStatus::Running => !run.waiting || tables.has_messages() || run.owner_id.is_some(),
                WorkflowRunStatus::Paused => tables.has_messages(),
                _ => false,
            };
            let is_owned = match run.owner_id {
                Some(own) if own == owner => is_planted(Planted::NoOwnOrphans),
                Some(other) => is_alive(other) || is_planted(Planted::NoTakeOver),
                None => false,
            };
            wants && !is_owned
        };
        self.runs.values().filter(is_orphan).map(|tables| tables.run.id).collect()
    }

    pub(in crate::simulation) fn run_summary(&self, run: WorkflowRunId) -> Result<RunSummary, StoreError> {
        let tables = self.run(run)?;
        let workflow = self.workflow(tables.run.workflow_id)?;
        Ok(RunSummary {
            run: tables.run.clone(),
            workflow_name: workflow.name.clone(),
            workflow_version: workflow.version,
            calls: tables.calls,
            usage: tables.usage,
            steps: Vec::new(),
            tolerated_failures: tables.step_runs.values().filter(|row| row.tolerated.is_some()).count()
                as u32,
        })
    }

    pub(in crate::simulation) fn step_run_views(
        &self,
        wanted: impl Fn(&RunTables, &StepRun) -> bool,
    ) -> Result<Vec<StepRunView>, StoreError> {
        let mut views = Vec::new();
        for tables in self.runs.values() {
            for row in tables.step_runs.values().filter(|row| wanted(tables, row)) {
                views.push(self.view(tables, row)?);
            }
        }
        Ok(views)
    }

    fn view(&self, tables: &RunTables, row: &StepRun) -> Result<StepRunView, StoreError> {
        let (mut usage, mut calls) = (Usage::default(), 0);
        for attempt in tables.attempts.values().filter(|attempt| attempt.step_run_id == row.id) {
            usage += attempt.usage;
            calls += u64::from(attempt.calls);
        }
        let address = self.address(tables, row)?;
        Ok(StepRunView { step_run: row.clone(), address, run_id: tables.run.id, usage, calls })
    }

    fn address(&self, tables: &RunTables, row: &StepRun) -> Result<String, StoreError> {
        let workflow = self.workflow(tables.run.workflow_id)?;
        let section_run = tables
            .section_runs
            .get(&row.section_run_id)
            .ok_or_else(|| not_found("section run", row.section_run_id))?;
        let section = workflow.sections.iter().find(|section| section.id == section_run.section_id);
        let step = section.and_then(|section| section.steps.iter().find(|step| step.id == row.step_id));
        let (Some(section), Some(step)) = (section, step) else { return Err(not_found("step", row.step_id)) };
        let candidate = CandidateAddress { variant: row.variant.clone(), sample: row.sample };
        let is_candidate = candidate != CandidateAddress::default();
        // The number of a candidate is its name.
        let depth = row.branch_path.depth() - usize::from(is_candidate);
        let address = StepRunAddress {
            section: section.slug.clone(),
            element: section_run.item_index,
            turn: section_run.iteration,
            step: step.slug.clone(),
            path: row.branch_path.prefix(depth),
            candidate: is_candidate.then_some(candidate),
            attempt: None,
        };
        Ok(address.to_string())
    }

    /// The values of a run, in the order they were written.
    pub(in crate::simulation) fn value_views(
        &self,
        run: WorkflowRunId,
        filter: &ValueFilter,
    ) -> Result<Vec<ValueView>, StoreError> {
        let tables = self.run(run)?;
        let workflow = self.workflow(tables.run.workflow_id)?;
        let mut views = Vec::new();
        for value in tables.values.values() {
            let row = tables.step_runs.get(&value.step_run_id);
            let row = row.ok_or_else(|| not_found("step run", value.step_run_id))?;
            let attribute = workflow.attributes.iter().find(|one| one.id == value.attribute_id);
            let attribute = attribute.map(|one| one.name.clone()).unwrap_or_default();
            let is_wanted = filter.attribute.as_ref().is_none_or(|wanted| *wanted == attribute)
                && filter.step_run.is_none_or(|wanted| wanted == row.id)
                && filter.id.is_none_or(|wanted| wanted == value.id)
                && filter.after.is_none_or(|after| value.id > after);
            if is_wanted {
                views.push(ValueView {
                    value: (**value).clone(),
                    attribute,
                    address: self.address(tables, row)?,
                });
            }
        }
        views.truncate(filter.limit.unwrap_or(usize::MAX));
        Ok(views)
    }

    pub(in crate::simulation) fn section_runs(
        &self,
        run: WorkflowRunId,
    ) -> Result<Vec<SectionRun>, StoreError> {
        Ok(self.run(run)?.section_runs.values().map(|row| (**row).clone()).collect())
    }

    pub(in crate::simulation) fn attempts(&self, step_run: StepRunId) -> Vec<StepAttempt> {
        let attempts = self.runs.values().flat_map(|tables| tables.attempts.values());
        attempts.filter(|one| one.step_run_id == step_run).map(|one| (**one).clone()).collect()
    }

    pub(in crate::simulation) fn decisions(&self, run: WorkflowRunId) -> Result<Vec<Decision>, StoreError> {
        Ok(self.run(run)?.decisions.values().map(|row| (**row).clone()).collect())
    }

    pub(in crate::simulation) fn events(
        &self,
        run: WorkflowRunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RunEvent>, StoreError> {
        let events = self.run(run)?.events.iter().filter(|event| event.sequence > after);
        Ok(events.take(limit).map(|event| (**event).clone()).collect())
    }

    /// Whether a step run waits for a person.
    pub(in crate::simulation) fn is_waiting(row: &StepRun) -> bool {
        row.status == StepRunStatus::Waiting
    }
}
