//! What can be said of an attribute before anything is bound: for editors.

use serde_json::Value as Json;

use super::field::{self, Walked};
use super::report::Report;
use super::symbol::{Symbol, Symbols};
use crate::definition::{AttributeType, SourceMap, TypeExpression, TypeKind, Workflow};
use crate::prompt::PathPart;

/// An attribute, declared or inferred.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeInfo {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its type; `None` when that is not known.
    pub value_type: Option<AttributeType>,
    /// Its type in the author's words, where there are any: `Verdict[]`.
    pub type_name: String,
    /// Whether a run asks for it when it starts.
    pub is_run_input: bool,
    /// Whether a run may go without it.
    pub is_optional: bool,
    /// Its declared default.
    pub default: Option<Json>,
    /// Whether it is the item of a fan-out.
    pub is_item: bool,
}

impl AttributeInfo {
    /// The fields at the end of a path of fields into its value, with their types; empty when nothing is known of
    /// them. Items of a list have the fields of its elements.
    pub fn fields(&self, path: &[&str]) -> Vec<(String, String)> {
        let path: Vec<_> = path.iter().map(|part| PathPart::Field((*part).to_owned())).collect();
        let found = self.value_type.as_ref().map(|value_type| field::walk(value_type, &path));
        let Some(Walked::Known(found)) = found else { return Vec::new() };
        let fields = found.schema.as_ref().and_then(|schema| schema.get("properties")?.as_object().cloned());
        let fields = fields.filter(|_| found.kind == TypeKind::Object && !found.is_array).unwrap_or_default();
        let type_of = |schema: Json| {
            let resolved = TypeExpression::Schema(schema).resolve(&std::collections::BTreeMap::new());
            resolved.map_or_else(|_| String::new(), |known| known.to_string())
        };
        fields.into_iter().map(|(name, schema)| (name, type_of(schema))).collect()
    }
}

/// Every attribute of a workflow, in alphabetical order.
pub fn attributes(workflow: &Workflow) -> Vec<AttributeInfo> {
    let sources = SourceMap::default();
    let mut report = Report::new(&sources);
    let symbols = Symbols::collect(workflow, &mut report);
    symbols.all.iter().map(|symbol| describe(symbol, workflow)).collect()
}

fn describe(symbol: &Symbol<'_>, workflow: &Workflow) -> AttributeInfo {
    let declared = symbol.declared;
    let is_unwritten = symbol.writers.is_empty() && !symbol.is_item;
    AttributeInfo {
        name: symbol.name.to_owned(),
        description: declared.map(|declared| declared.description.clone()).unwrap_or_default(),
        value_type: symbol.value_type.clone(),
        type_name: type_name(symbol, workflow),
        is_run_input: declared.is_some() && (symbol.is_marked_input() || is_unwritten),
        is_optional: symbol.is_optional(),
        default: declared.and_then(|declared| declared.default.clone()),
        is_item: symbol.is_item,
    }
}

fn type_name(symbol: &Symbol<'_>, workflow: &Workflow) -> String {
    let authored = |name: &str| match workflow.attributes.get(name).map(|declared| &declared.value_type) {
        Some(TypeExpression::Name(name)) => Some(name.clone()),
        _ => None,
    };
    let of_list = || {
        let mut steps = workflow.sections.iter().flat_map(|section| &section.steps);
        let each =
            steps.find_map(|step| step.spread.for_each.as_ref().filter(|each| each.item == symbol.name))?;
        Some(authored(&each.list)?.strip_suffix("[]")?.to_owned())
    };
    let known = || symbol.value_type.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    authored(symbol.name).or_else(of_list).unwrap_or_else(known)
}
