//! What a template can see: the step's values, and the place of its branch.

use std::collections::{BTreeMap, BTreeSet};

use branchline_schema_model::definition::{AttributeType, TypeKind};
use branchline_schema_model::plan::{Plan, ReadRole, ReadSource, StepIndex};
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
    /// Names that have to have a value and got none.
    pub(super) unfilled: BTreeSet<String>,
    /// Whether there are objects among the values. What is read from them may be absent: their types leave it open or
    /// declare it as optional, else the checker would have refused it.
    pub(super) is_open: bool,
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
            let is_gathered = matches!(read.source, ReadSource::Gather { .. });
            let kinds = read.source.attributes().into_iter().map(|one| plan.attribute(one).value_type.kind);
            scope.is_open |= is_gathered || kinds.into_iter().any(|kind| kind == TypeKind::Object);
            if !read.optional && !inputs.contains_key(&read.name) {
                scope.unfilled.insert(read.name.clone());
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
        let mut scope = Self { is_open: item.kind == TypeKind::Object, ..Self::default() };
        let branch = ("branch".to_owned(), branch_value(Some(branch)));
        let values = values.iter().map(|(name, value)| (name.clone(), value.clone()));
        scope.values = Json::Object([branch].into_iter().chain(values).collect());
        scope
    }

    /// Whether a path that leads nowhere reads something optional.
    pub(super) fn may_be_absent(&self, path: &str) -> bool {
        // A list may be shorter, and what a block says of itself depends on what it goes through.
        let is_item = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        self.is_open && names(path).next().is_none_or(|root| !self.unfilled.contains(root))
            || path.starts_with('@') && !path.starts_with("@root")
            || self.absent_root(path).is_some()
            || names(path).any(is_item)
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
