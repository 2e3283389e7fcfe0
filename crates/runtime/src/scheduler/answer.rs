//! Answers to tasks: checked against the task, and turned into the values its step writes.

use std::collections::BTreeMap;

use branchline_schema_model::definition::{Action, AttributeType};
use branchline_schema_model::plan::{Plan, PlanStep, TaskPlan};
use serde_json::Value as Json;

use crate::engine::Answer;
use crate::provider::mock::shape_true_value;

/// An answer that fits its task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckedAnswer {
    /// The values the step writes, by attribute name.
    pub(crate) values: BTreeMap<String, Json>,
    /// Numbers of the picked options.
    pub(crate) picked: Vec<u32>,
}

/// Checks an answer against a task with these options. `rehearse` fills an `input` without a default with values that
/// are true to its types.
///
/// # Errors
///
/// One sentence for the person who answers.
pub(crate) fn check_answer(
    plan: &Plan,
    step: &PlanStep,
    options: &[Json],
    answer: &Answer,
    rehearse: bool,
) -> Result<CheckedAnswer, String> {
    let Some(task) = &step.task else { return Err(format!("`{}` is not a task", plan.address(step.index))) };
    match (&step.action, answer) {
        (Action::Note, Answer::Default) => fill(plan, step, &BTreeMap::new()),
        (Action::Choose, Answer::Pick(numbers)) => pick(plan, step, task, options, numbers),
        (Action::Choose, Answer::Own(value)) => own(plan, step, task, value),
        (Action::Choose, Answer::Default) => {
            pick(plan, step, task, options, &default_picks(task, options.len()))
        }
        (Action::Choose, Answer::Values(_)) => {
            Err("this task wants a choice: option numbers, or your own text".into())
        }
        // Whoever asks numbers them by the options.
        (Action::Choose, Answer::Branches(_)) => Err("this task wants option numbers".into()),
        (_, Answer::Values(values)) => fill(plan, step, values),
        (_, Answer::Own(value)) => fill(plan, step, &single(plan, step, value)?),
        (_, Answer::Default) => fill(plan, step, &default_values(plan, step, task, rehearse)?),
        (_, Answer::Pick(_) | Answer::Branches(_)) => {
            Err("this task wants values, there is nothing to pick from".into())
        }
    }
}

/// Whether `Answer::Default` can be given to this task without a person.
pub(crate) fn has_default(step: &PlanStep, rehearse: bool) -> bool {
    matches!(step.action, Action::Choose | Action::Note)
        || rehearse
        || step.task.as_ref().is_some_and(|task| task.default.is_some())
}

fn pick(
    plan: &Plan,
    step: &PlanStep,
    task: &TaskPlan,
    options: &[Json],
    numbers: &[u32],
) -> Result<CheckedAnswer, String> {
    let count = numbers.len() as u32;
    if count < task.min {
        return Err(format!("choose at least {} of {} options, {count} given", task.min, options.len()));
    }
    if let Some(max) = task.max.filter(|max| count > *max) {
        return Err(format!("choose at most {max} of {} options, {count} given", options.len()));
    }
    let mut chosen = Vec::with_capacity(numbers.len());
    for (position, number) in numbers.iter().enumerate() {
        if numbers[..position].contains(number) {
            return Err(format!("option {number} is given twice"));
        }
        let option = (*number as usize).checked_sub(1).and_then(|index| options.get(index));
        chosen.push(
            option
                .ok_or_else(|| format!("there is no option {number}; choose from 1 to {}", options.len()))?,
        );
    }
    let (name, value_type) = output(plan, step)?;
    let value = if value_type.is_array {
        Json::Array(chosen.into_iter().cloned().collect())
    } else {
        chosen.first().map(|value| (*value).clone()).ok_or("nothing was chosen")?
    };
    checked(name, value_type, value, numbers.to_vec())
}

fn own(plan: &Plan, step: &PlanStep, task: &TaskPlan, value: &Json) -> Result<CheckedAnswer, String> {
    if !task.own_text {
        return Err("this task takes one of its options only".into());
    }
    let (name, value_type) = output(plan, step)?;
    let value = match value {
        Json::Array(_) => value.clone(),
        value if value_type.is_array => Json::Array(vec![value.clone()]),
        value => value.clone(),
    };
    checked(name, value_type, value, Vec::new())
}

fn checked(
    name: &str,
    value_type: &AttributeType,
    value: Json,
    picked: Vec<u32>,
) -> Result<CheckedAnswer, String> {
    value_type.check(&value).map_err(|problem| format!("`{name}` does not fit `{value_type}`: {problem}"))?;
    value_type.to_stored(&value).map_err(|problem| format!("`{name}`: {problem}"))?;
    Ok(CheckedAnswer { values: BTreeMap::from([(name.to_owned(), value)]), picked })
}

fn fill(plan: &Plan, step: &PlanStep, values: &BTreeMap<String, Json>) -> Result<CheckedAnswer, String> {
    let mut filled = BTreeMap::new();
    for index in &step.writes {
        let attribute = plan.attribute(*index);
        let Some(value) = values.get(&attribute.name) else {
            if plan.may_leave_out(step, *index) {
                continue;
            }
            return Err(format!("`{}` is missing", attribute.name));
        };
        filled.extend(checked(&attribute.name, &attribute.value_type, value.clone(), Vec::new())?.values);
    }
    match values.keys().find(|name| !filled.contains_key(*name)) {
        Some(unknown) => Err(format!("this task does not ask for `{unknown}`")),
        None => Ok(CheckedAnswer { values: filled, picked: Vec::new() }),
    }
}

fn default_picks(task: &TaskPlan, options: usize) -> Vec<u32> {
    let numbers = match &task.default {
        Some(Json::Number(number)) => number.as_u64().map(|number| vec![number as u32]),
        Some(Json::Array(numbers)) => {
            numbers.iter().map(|number| number.as_u64().map(|number| number as u32)).collect()
        }
        _ => None,
    };
    let available = numbers.filter(|numbers| numbers.iter().all(|number| (*number as usize) <= options));
    // Without a default the first options are taken: as few as allowed, but one if there is one.
    available.unwrap_or_else(|| (1..=task.min.max(1).min(options as u32)).collect())
}

fn default_values(
    plan: &Plan,
    step: &PlanStep,
    task: &TaskPlan,
    rehearse: bool,
) -> Result<BTreeMap<String, Json>, String> {
    match &task.default {
        // A single output may be an object itself.
        Some(Json::Object(values))
            if step.writes.len() > 1
                || step.writes.iter().all(|index| values.contains_key(&plan.attribute(*index).name)) =>
        {
            Ok(values.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        Some(value) => single(plan, step, value),
        None if rehearse => {
            let values = step.writes.iter().map(|index| {
                let attribute = plan.attribute(*index);
                let value = shape_true_value(&attribute.value_type.json_schema(), attribute.name.as_bytes());
                (attribute.name.clone(), value)
            });
            Ok(values.collect())
        }
        None => Err("this task has no default".into()),
    }
}

fn single(plan: &Plan, step: &PlanStep, value: &Json) -> Result<BTreeMap<String, Json>, String> {
    let (name, _) = output(plan, step)?;
    Ok(BTreeMap::from([(name.to_owned(), value.clone())]))
}

fn output<'a>(plan: &'a Plan, step: &PlanStep) -> Result<(&'a str, &'a AttributeType), String> {
    match step.writes.as_slice() {
        [index] => {
            let attribute = plan.attribute(*index);
            Ok((&attribute.name, &attribute.value_type))
        }
        _ => Err("this task asks for several values; give them by name".into()),
    }
}
