//! A task as a person sees it: the question, the options, the fields of the form.

use std::collections::BTreeMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{Plan, PlanStep, TaskPlan};
use branchline_schema_model::run::BranchPath;
use branchline_schema_model::store::StepRunView;
use serde_json::Value as Json;

use crate::engine::{Task, TaskField, TaskOption};

/// A value a read was bound to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoundValue {
    /// The value.
    pub(crate) value: Json,
    /// The branch that wrote it, for people; empty outside of branches.
    pub(crate) branch: String,
    /// The number of each level of its writer.
    pub(crate) place: BranchPath,
}

/// One option before it is numbered: its value and the branch it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OptionValue {
    /// The value.
    pub(crate) value: Json,
    /// The branch, empty for items of one list.
    pub(crate) branch: String,
    /// The number of each level of its writer.
    pub(crate) place: BranchPath,
    /// Which of the bound values it comes from.
    pub(crate) source: usize,
}

/// What a person sees of a task beside its step.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// The options of a `choose`.
    pub(crate) options: Vec<OptionValue>,
    /// Values by attribute name.
    pub(crate) values: BTreeMap<String, Vec<BoundValue>>,
    /// The rendered prompt.
    pub(crate) text: Option<String>,
}

impl Shown {
    /// What belongs to an option: the values of its branch, else those at its place.
    fn of_option(&self, option: &OptionValue) -> BTreeMap<String, Json> {
        let of = |values: &Vec<BoundValue>| {
            if option.branch.is_empty() {
                return Some(values.get(option.source)?.value.clone());
            }
            let found = values.iter().find(|shown| option.place.starts_with(&shown.place));
            found.map(|shown| shown.value.clone())
        };
        self.values.iter().filter_map(|(name, values)| Some((name.clone(), of(values)?))).collect()
    }

    /// All values, for a task without options.
    fn whole(&self) -> BTreeMap<String, Json> {
        let whole = |values: &Vec<BoundValue>| match values.as_slice() {
            [only] if only.branch.is_empty() => only.value.clone(),
            values => values.iter().map(|one| one.value.clone()).collect(),
        };
        self.values.iter().map(|(name, values)| (name.clone(), whole(values))).collect()
    }
}

/// The options of a choice: each bound value, or the items of it when it is a list.
pub(crate) fn options_of(values: Vec<BoundValue>) -> Vec<OptionValue> {
    let mut options = Vec::new();
    for (source, bound) in values.into_iter().enumerate() {
        let items = match bound.value {
            Json::Array(items) => items,
            value => vec![value],
        };
        options.extend(items.into_iter().map(|value| OptionValue {
            value,
            branch: bound.branch.clone(),
            place: bound.place.clone(),
            source,
        }));
    }
    options
}

/// Puts a task together.
pub(crate) fn task_of(
    plan: &Plan,
    step: &PlanStep,
    task: &TaskPlan,
    view: StepRunView,
    shown: Shown,
) -> Task {
    let chooses = task.from.is_some();
    let show = if chooses { BTreeMap::new() } else { shown.whole() };
    let options = (1..).zip(&shown.options).map(|(number, option)| TaskOption {
        number,
        branch: option.branch.clone(),
        show: shown.of_option(option),
        value: option.value.clone(),
    });
    let options = options.collect();
    let fields = step.writes.iter().map(|index| {
        let attribute = plan.attribute(*index);
        TaskField {
            name: attribute.name.clone(),
            description: attribute.description.clone(),
            type_name: attribute.value_type.to_string(),
            schema: attribute.value_type.json_schema(),
            required: !plan.may_leave_out(step, *index),
        }
    });
    Task {
        run_id: view.run_id,
        address: view.address,
        action: step.action.name().to_owned(),
        question: if step.description.is_empty() { step.name.clone() } else { step.description.clone() },
        text: shown.text,
        show,
        options,
        fields: fields.collect(),
        min: task.min,
        max: task.max,
        own_text: task.own_text && step.action == Action::Choose,
        default: task.default.clone(),
        step_run: view.step_run,
    }
}
