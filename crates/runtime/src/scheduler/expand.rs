//! Taking a list apart into the items of a fan-out.

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::limits::LABEL_CHARS_MAX;
use branchline_schema_model::plan::{FanOut, Plan, PlanStep, ReadSource};
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

use crate::condition::{Ready, type_of};
use crate::prompt::{Branch, LabelTemplate};

/// An element that gets a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Its position in the list, from 1.
    pub(super) number: u32,
    /// Its stored text.
    pub(super) text: String,
    /// A name for people.
    pub(super) label: Option<String>,
}

/// The elements of a fan-out, given the stored texts its list was bound to and the values its `where` reads.
///
/// `branch.count` is the number of elements of the list for `where`, which decides how many branches there will be;
/// everywhere else it is the number of branches.
pub(super) fn elements_of(
    plan: &Plan,
    step: &PlanStep,
    list: &[Arc<str>],
    values: &BTreeMap<String, Json>,
) -> Result<Vec<Element>, Failure> {
    let Some(fan_out) = plan.fan_out(step.index) else { return Ok(Vec::new()) };
    let mut values = values.clone();
    let passed = filtered(plan, fan_out, items_of(plan, step, fan_out, list)?, &mut values)?;
    let label = fan_out.label.as_deref().map(|label| LabelTemplate::compile(label, &plan.partials));
    let label = label.transpose().map_err(Failure::from)?;
    let item = plan.attribute(fan_out.item);
    let count = passed.len() as u32;
    let mut elements = Vec::with_capacity(passed.len());
    for (number, element) in passed {
        let text = stored(&item.value_type, &element)?;
        let label = label.as_ref().and_then(|label| {
            values.insert(item.name.clone(), element);
            label_of(label, &values, &item.value_type, Branch { number, count })
        });
        elements.push(Element { number, text, label });
    }
    Ok(elements)
}

/// The elements that `where` lets through, with their positions in the list.
fn filtered(
    plan: &Plan,
    fan_out: &FanOut,
    all: Vec<Json>,
    values: &mut BTreeMap<String, Json>,
) -> Result<Vec<(u32, Json)>, Failure> {
    let count = all.len() as u32;
    let Some(filter) = &fan_out.filter else { return Ok((1..).zip(all).collect()) };
    let item = plan.attribute(fan_out.item);
    let types = |name: &str| {
        let own = (name == item.name).then(|| item.value_type.clone());
        own.or_else(|| type_of(plan, &filter.reads, name))
    };
    let condition = Ready::new(&filter.text, ErrorClass::MissingInput)?;
    let mut passed = Vec::new();
    for (number, element) in (1..).zip(all) {
        // Before the condition, which takes for granted that it fits.
        item.value_type.check(&element).map_err(|problem| unfit(&problem.to_string()))?;
        values.insert(item.name.clone(), element);
        let holds = condition.holds(values, &types, Some((number, count)))?;
        if let Some(element) = values.remove(&item.name).filter(|_| holds) {
            passed.push((number, element));
        }
    }
    Ok(passed)
}

/// A label on one line, and not longer than a list can show. One that cannot be rendered is no reason to fail.
fn label_of(
    template: &LabelTemplate,
    values: &BTreeMap<String, Json>,
    item_type: &AttributeType,
    branch: Branch,
) -> Option<String> {
    let text = template.render(values, item_type, branch);
    let text =
        text.inspect_err(|problem| tracing::warn!(%problem, "a branch goes without its label")).ok()?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line.chars().take(LABEL_CHARS_MAX).collect()).filter(|line: &String| !line.is_empty())
}

fn items_of(plan: &Plan, step: &PlanStep, fan_out: &FanOut, list: &[Arc<str>]) -> Result<Vec<Json>, Failure> {
    let source = &step.reads[fan_out.list_read].source;
    let attributes = source.attributes();
    let Some(list_type) = attributes.first().map(|index| &plan.attribute(*index).value_type) else {
        return Ok(Vec::new());
    };
    let mut elements = Vec::new();
    for text in list {
        let value = list_type.from_stored(text).map_err(|problem| unfit(&problem.to_string()))?;
        let part = walk(value, &fan_out.path)?;
        match part {
            Json::Array(items) => elements.extend(items),
            // A gathered attribute that is no list: each branch gave one element.
            other if matches!(source, ReadSource::Gather { .. }) => elements.push(other),
            other => return Err(unfit(&format!("expected a list, found {}", kind_of(&other)))),
        }
    }
    Ok(elements)
}

fn walk(mut value: Json, path: &[String]) -> Result<Json, Failure> {
    for field in path {
        value = match value {
            Json::Object(mut fields) => {
                fields.remove(field).ok_or_else(|| unfit(&format!("there is no `{field}`")))?
            }
            other => return Err(unfit(&format!("`{field}` of {}", kind_of(&other)))),
        };
    }
    Ok(value)
}

fn stored(item_type: &AttributeType, element: &Json) -> Result<String, Failure> {
    item_type.check(element).map_err(|problem| unfit(&problem.to_string()))?;
    item_type.to_stored(element).map_err(|problem| unfit(&problem.to_string()))
}

fn unfit(what: &str) -> Failure {
    Failure::new(ErrorClass::MissingInput, format!("the list of the fan-out does not fit: {what}"))
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
