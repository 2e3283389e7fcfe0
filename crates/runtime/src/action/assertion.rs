//! `assert`: conditions over what a step read and wrote.

use std::collections::BTreeMap;

use branchline_schema_model::plan::{Plan, PlanStep};
use branchline_schema_model::run::ErrorClass;
use serde_json::Value as Json;

use crate::condition::{Ready, type_of};
use crate::prompt::Branch;

/// What a result does not fulfil, one sentence each. Outputs hide reads of the same name.
pub(crate) fn broken_asserts(
    plan: &Plan,
    step: &PlanStep,
    inputs: &BTreeMap<String, Json>,
    outputs: &BTreeMap<String, Json>,
    branch: Option<Branch>,
) -> Vec<String> {
    if step.asserts.is_empty() {
        return Vec::new();
    }
    let mut values = inputs.clone();
    values.extend(outputs.iter().map(|(name, value)| (name.clone(), value.clone())));
    let types = |name: &str| {
        let mut written = step.writes.iter().map(|index| plan.attribute(*index));
        let written = written.find(|attribute| attribute.name == name);
        written.map(|attribute| attribute.value_type.clone()).or_else(|| type_of(plan, &step.reads, name))
    };
    let branch = branch.map(|branch| (branch.number, branch.count));
    let holds = |text: &str| Ready::new(text, ErrorClass::InvalidOutput)?.holds(&values, &types, branch);
    let problem = |text: &String| match holds(text) {
        Ok(true) => None,
        Ok(false) => Some(format!("it has to hold that `{text}`")),
        Err(failure) => Some(failure.message),
    };
    step.asserts.iter().filter_map(problem).collect()
}
