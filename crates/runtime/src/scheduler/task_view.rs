//! A task as a person sees it: the question, the options, the fields of the form.

use std::collections::BTreeMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{Plan, PlanStep, TaskPlan};
use branchline_schema_model::store::StepRunView;
use serde_json::Value as Json;

use crate::engine::{Task, TaskField, TaskOption};

/// One option before it is numbered: its value and the branch it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OptionValue {
    /// The value.
    pub(crate) value: Json,
    /// The branch path, empty for items of one list.
    pub(crate) branch: String,
    /// Which of the bound values it comes from.
    pub(crate) source: usize,
}

/// The options of a choice: each bound value, or the items of it when it is a list.
pub(crate) fn options_of(values: Vec<(Json, String)>) -> Vec<OptionValue> {
    let mut options = Vec::new();
    for (source, (value, branch)) in values.into_iter().enumerate() {
        match value {
            Json::Array(items) => {
                options.extend(items.into_iter().map(|value| OptionValue {
                    value,
                    branch: branch.clone(),
                    source,
                }));
            }
            value => options.push(OptionValue { value, branch, source }),
        }
    }
    options
}

/// Puts a task together. `shown` holds, by attribute name, one value per bound value of the options.
pub(crate) fn task_of(
    plan: &Plan,
    step: &PlanStep,
    task: &TaskPlan,
    view: StepRunView,
    options: Vec<OptionValue>,
    shown: &BTreeMap<String, Vec<Json>>,
) -> Task {
    let fields = step.writes.iter().map(|index| {
        let attribute = plan.attribute(*index);
        TaskField {
            name: attribute.name.clone(),
            description: attribute.description.clone(),
            type_name: attribute.value_type.to_string(),
            schema: attribute.value_type.json_schema(),
        }
    });
    let show_of = |source: usize| {
        let shown =
            shown.iter().filter_map(|(name, values)| Some((name.clone(), values.get(source)?.clone())));
        shown.collect()
    };
    Task {
        run_id: view.run_id,
        address: view.address,
        action: step.action.name().to_owned(),
        question: if step.description.is_empty() { step.name.clone() } else { step.description.clone() },
        options: (1..)
            .zip(options)
            .map(|(number, option)| TaskOption {
                number,
                branch: option.branch,
                show: show_of(option.source),
                value: option.value,
            })
            .collect(),
        fields: fields.collect(),
        min: task.min,
        max: task.max,
        own_text: task.own_text && step.action == Action::Choose,
        default: task.default.clone(),
        step_run: view.step_run,
    }
}
