//! Run inputs: what was given, what is declared, and what is missing.

use std::collections::BTreeMap;

use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::ValueSource;
use serde_json::Value as Json;

use crate::engine::RunOptions;
use crate::provider::mock::shape_true_value;

/// One value of the `inputs` step, by attribute name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunInputValue {
    /// The value, of the attribute's type.
    pub(crate) value: Json,
    /// Given, or declared.
    pub(crate) source: ValueSource,
}

/// The values the `inputs` step writes, by attribute name.
///
/// # Errors
///
/// Every problem, one sentence each: names nobody knows, values that do not fit, required inputs that are missing.
pub(crate) fn run_inputs(
    plan: &Plan,
    options: &RunOptions,
) -> Result<BTreeMap<String, RunInputValue>, Vec<String>> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, value) in &options.inputs {
        match given(plan, name, value) {
            Ok(()) => {
                let is_imported = options.imported.contains(name);
                let source = if is_imported { ValueSource::Import } else { ValueSource::Input };
                values.insert(name.clone(), RunInputValue { value: value.clone(), source });
            }
            Err(problem) => problems.push(problem),
        }
    }
    for attribute in &plan.attributes {
        if options.inputs.contains_key(&attribute.name) {
            continue;
        }
        if let Some(default) = &attribute.default {
            let value = RunInputValue { value: default.clone(), source: ValueSource::Default };
            values.insert(attribute.name.clone(), value);
        } else if attribute.run_input.is_some_and(|input| input.required) {
            if options.rehearse {
                let value = shape_true_value(&attribute.value_type.json_schema(), attribute.name.as_bytes());
                values.insert(attribute.name.clone(), RunInputValue { value, source: ValueSource::Input });
            } else {
                problems.push(format!(
                    "the run input `{}` ({}) is missing",
                    attribute.name, attribute.value_type
                ));
            }
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn given(plan: &Plan, name: &str, value: &Json) -> Result<(), String> {
    let attribute = plan.attribute_named(name).map(|index| plan.attribute(index));
    let Some(attribute) =
        attribute.filter(|attribute| attribute.run_input.is_some() || attribute.default.is_some())
    else {
        let known: Vec<&str> = plan.run_inputs().map(|(attribute, _)| attribute.name.as_str()).collect();
        let hint = branchline_schema_model::name::nearest(name, known.iter().copied()).map_or_else(
            || {
                format!(
                    "; run inputs are: {}",
                    if known.is_empty() { "none".into() } else { known.join(", ") }
                )
            },
            |near| format!("; did you mean `{near}`?"),
        );
        return Err(format!("`{name}` is not a run input of this workflow{hint}"));
    };
    let checked =
        attribute.value_type.check(value).and_then(|()| attribute.value_type.to_stored(value).map(|_| ()));
    checked.map_err(|problem| {
        format!("the run input `{name}` does not fit `{}`: {problem}", attribute.value_type)
    })
}
