//! What a template can see: the step's values, and the place of its branch.

use std::collections::{BTreeMap, BTreeSet};

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::plan::{Plan, ReadRole, StepIndex};
use serde_json::{Value as Json, json};

/// The innermost branch a step run is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// From 1.
    pub number: u32,
    /// How many there are.
    pub count: u32,
}

/// Values by name, and which absent ones are no mistake.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The root of the template: an object.
    pub(super) values: Json,
    /// Optional names without a value. They are null in `values`.
    pub(super) absent: BTreeSet<String>,
    /// Fields that the types of the values declare, so that one that is not there is an optional one. The checker has
    /// seen to it that they are read where they belong.
    pub(super) declared_fields: BTreeSet<String>,
}

impl Scope {
    pub(super) fn of_step(
        plan: &Plan,
        step: StepIndex,
        inputs: &BTreeMap<String, Json>,
        branch: Option<Branch>,
    ) -> Self {
        let mut values = serde_json::Map::from_iter([("branch".to_owned(), branch_value(branch))]);
        values.extend(inputs.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut scope = Self::default();
        for read in plan.step(step).reads.iter().filter(|read| read.role == ReadRole::Prompt) {
            for attribute in read.source.attributes() {
                if let Some(schema) = &plan.attribute(attribute).value_type.schema {
                    collect_fields(schema, &mut scope.declared_fields);
                }
            }
            if read.optional && inputs.get(&read.name).is_none_or(Json::is_null) {
                values.insert(read.name.clone(), Json::Null);
                scope.absent.insert(read.name.clone());
            }
        }
        scope.values = Json::Object(values);
        scope
    }

    /// An element with what surrounds it.
    pub(super) fn of_values(values: &BTreeMap<String, Json>, item: &AttributeType, branch: Branch) -> Self {
        let mut scope = Self::default();
        if let Some(schema) = &item.schema {
            collect_fields(schema, &mut scope.declared_fields);
        }
        let branch = ("branch".to_owned(), branch_value(Some(branch)));
        let values = values.iter().map(|(name, value)| (name.clone(), value.clone()));
        scope.values = Json::Object([branch].into_iter().chain(values).collect());
        scope
    }

    /// Whether a path that leads nowhere reads something optional.
    pub(super) fn may_be_absent(&self, path: &str) -> bool {
        let mut names = names(path);
        names.next().is_some_and(|root| self.absent.contains(root) || self.declared_fields.contains(root))
            || names.any(|name| self.declared_fields.contains(name))
    }

    /// The absent input a path begins with.
    pub(super) fn absent_root<'a>(&self, path: &'a str) -> Option<&'a str> {
        names(path).next().filter(|root| self.absent.contains(*root))
    }
}

/// Outside any fan-out number and count are there and render as nothing.
fn branch_value(branch: Option<Branch>) -> Json {
    json!({ "number": branch.map(|branch| branch.number), "count": branch.map(|branch| branch.count) })
}

/// The names of a path such as `../verdict.score` or `this.[a]/b`.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '/'])
        .map(|name| name.trim_start_matches('[').trim_end_matches(']'))
        .filter(|name| !matches!(*name, "" | "this" | "@root"))
}

/// Schemas are bounded in depth like every definition document.
fn collect_fields(schema: &Json, fields: &mut BTreeSet<String>) {
    match schema {
        Json::Object(members) => {
            if let Some(Json::Object(properties)) = members.get("properties") {
                fields.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| collect_fields(member, fields));
        }
        Json::Array(items) => items.iter().for_each(|item| collect_fields(item, fields)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
