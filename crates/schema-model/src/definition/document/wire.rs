//! The workflow file as its author writes it, as types, for the JSON Schema that editors use.
//!
//! The definition types hold what a workflow means; an author may write most of it in a shorter form. These types spell
//! all the forms out. Nothing is ever read into them: `decode` reads, with better messages than a schema can give, and
//! a test holds the keys of both sides together. Their doc comments are what an editor shows.
#![expect(dead_code, reason = "the fields are there for their names, types and comments")]

mod flow;
mod step;
mod types;
mod workflow;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;

/// The JSON Schema (draft-07, which every editor knows) of a workflow file.
pub fn workflow_schema() -> Json {
    let settings = SchemaSettings::draft07().with_transform(Tidy);
    let mut schema = settings.into_generator().into_root_schema_for::<workflow::Workflow>();
    schema.insert("title".to_owned(), "Branchline workflow".into());
    schema.to_value()
}

/// Removes what says nothing: the sizes of numbers in Rust, and empty lists of required keys.
#[derive(Debug, Clone)]
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut Schema) {
        let is_number = |name: &Json| matches!(name.as_str(), Some("uint32" | "uint64" | "double"));
        if schema.get("format").is_some_and(is_number) {
            schema.remove("format");
        }
        if schema.get("required").and_then(Json::as_array).is_some_and(Vec::is_empty) {
            schema.remove("required");
        }
        transform_subschemas(self, schema);
    }
}

/// One text, or a list of texts.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

/// A duration: `500ms`, `90s`, `2m`, `1.5h`; a bare number counts seconds.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Duration {
    Written(#[schemars(regex(pattern = r"^\s*[0-9]+(\.[0-9]{1,6})?\s*(ms|s|m|h)?\s*$"))] String),
    Seconds(#[schemars(range(min = 0))] f64),
}

/// Anything, as its reader wants it.
type Settings = BTreeMap<String, Json>;
