//! Taking a list apart into the items of a fan-out.

use std::sync::Arc;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::plan::{Plan, PlanStep, ReadSource};
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

/// The stored texts of the items of a fan-out, given the stored texts its list was bound to.
pub(super) fn items_of(plan: &Plan, step: &PlanStep, list: &[Arc<str>]) -> Result<Vec<String>, Failure> {
    let Some(fan_out) = plan.fan_out(step.index) else { return Ok(Vec::new()) };
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
    let item_type = &plan.attribute(fan_out.item).value_type;
    elements.iter().map(|element| stored(item_type, element)).collect()
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
