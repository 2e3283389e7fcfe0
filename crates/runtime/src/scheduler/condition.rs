//! Conditions of a step run: evaluated with the texts of what they were bound to.

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::condition::Condition;
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::plan::{Plan, PlanRead, ReadSource};
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

use super::perform::inputs_of;
use crate::machine::Bound;

/// Whether a condition holds for what its reads were bound to.
pub(super) fn holds(
    plan: &Plan,
    text: &str,
    reads: &[PlanRead],
    bound: &[(Bound, Vec<Arc<str>>)],
    branch: Option<(u32, u32)>,
) -> Result<bool, Failure> {
    let values = inputs_of(plan, reads, bound)?;
    evaluate(text, &values, &|name| type_of(plan, reads, name), branch, ErrorClass::MissingInput)
}

/// Evaluates a condition over values by name.
pub(crate) fn evaluate(
    text: &str,
    values: &BTreeMap<String, Json>,
    types: &dyn Fn(&str) -> Option<AttributeType>,
    branch: Option<(u32, u32)>,
    class: ErrorClass,
) -> Result<bool, Failure> {
    let failure = |problem: String| Failure::new(class, format!("`{text}` has no result: {problem}"));
    let condition = Condition::parse(text).map_err(|problem| failure(problem.to_string()))?;
    condition.evaluate(values, types, branch).map_err(|problem| failure(problem.to_string()))
}

/// The type a name has for its reader; nothing is known about rows of several attributes.
pub(crate) fn type_of(plan: &Plan, reads: &[PlanRead], name: &str) -> Option<AttributeType> {
    let read = reads.iter().find(|read| read.name == name)?;
    match (&read.source, read.source.attributes().as_slice()) {
        (ReadSource::Gather { .. }, [attribute]) => {
            let value_type = &plan.attribute(*attribute).value_type;
            Some(if value_type.is_array { value_type.clone() } else { value_type.list() })
        }
        (ReadSource::Value { .. } | ReadSource::Item { .. }, [attribute]) => {
            Some(plan.attribute(*attribute).value_type.clone())
        }
        _ => None,
    }
}
