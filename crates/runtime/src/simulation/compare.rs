//! One history beside the one in which nothing went wrong.

use std::collections::{BTreeMap, BTreeSet};

use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::{StepRunStatus, ValueSource, WorkflowRunStatus};

use super::database::RunTables;
use super::invariant::{place, step_indices};
use super::model::SCRIPTED;
use super::state::State;

/// What a step run read and wrote: texts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StepRecord {
    status: Option<StepRunStatus>,
    inputs: BTreeMap<String, Vec<String>>,
    outputs: BTreeMap<String, String>,
}

/// What is left of a history.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    status: Option<WorkflowRunStatus>,
    steps: BTreeMap<String, StepRecord>,
    contested: BTreeSet<String>,
    /// Something failed that does not fail without faults, or somebody cancelled.
    differs: bool,
}

impl Record {
    pub(super) fn of(state: &State, plan: &Plan, tables: &RunTables, quiet: bool) -> Self {
        let steps = step_indices(state);
        let names: BTreeMap<_, _> = state
            .version
            .iter()
            .flat_map(|version| &version.attributes)
            .map(|row| (row.id, &row.name))
            .collect();
        let mut record = Self {
            status: Some(tables.run.status),
            contested: state.contested.clone(),
            differs: tables.run.status == WorkflowRunStatus::Cancelled,
            ..Self::default()
        };
        for row in tables.step_runs.values() {
            let (step, path) = place(plan, &steps, tables, row);
            let failed = row.status == StepRunStatus::Failed || row.tolerated.is_some();
            // What the scenario refuses is refused in every history.
            record.differs |= !quiet && failed && !row.error.as_ref().is_some_and(|error| is_scripted(error));
            let text = |id| tables.values.get(id).map(|value| value.value.clone()).unwrap_or_default();
            let inputs = row.inputs.iter().map(|(name, ids)| (name.clone(), ids.iter().map(text).collect()));
            let own = tables.values.values().filter(|value| value.step_run_id == row.id);
            let own = own.filter(|value| value.source != ValueSource::Item);
            let name_of = |id| names.get(id).map(|name| (*name).clone()).unwrap_or_default();
            let outputs = own.map(|value| (name_of(&value.attribute_id), value.value.clone()));
            record.steps.insert(
                plan.run_address(step, &path).to_string(),
                StepRecord { status: Some(row.status), inputs: inputs.collect(), outputs: outputs.collect() },
            );
        }
        record
    }
}

fn is_scripted(error: &str) -> bool {
    error.contains(SCRIPTED) || error.contains("(missing_input)")
}

/// What is not the same although it should be.
pub(super) fn problem(expected: &Record, lived: &Record) -> Option<String> {
    let contested = |address: &str| lived.contested.contains(address);
    for (address, one) in &lived.steps {
        let Some(other) = expected.steps.get(address) else { continue };
        let both = one.status == Some(StepRunStatus::Succeeded) && one.status == other.status;
        if both && one.inputs == other.inputs && one.outputs != other.outputs && !contested(address) {
            return Some(format!(
                "`{address}` wrote {:?}, and {:?} without faults",
                one.outputs, other.outputs
            ));
        }
    }
    if lived.differs || !lived.contested.is_empty() {
        return None;
    }
    if lived.status != expected.status {
        return Some(format!("the run {:?}, and {:?} without faults", lived.status, expected.status));
    }
    let all: BTreeSet<&String> = lived.steps.keys().chain(expected.steps.keys()).collect();
    let different = all.into_iter().find(|address| lived.steps.get(*address) != expected.steps.get(*address));
    different.map(|address| {
        let (one, other) = (lived.steps.get(address), expected.steps.get(address));
        format!("`{address}` is {one:?}, and {other:?} without faults")
    })
}
