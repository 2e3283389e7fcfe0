//! The workflow, its sections, its attributes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value as Json;

use super::Texts;
use super::flow::{Repeat, Spread};
use super::step::{Parameters, Step};
use super::types::{Constraints, Type, TypeName};

/// A workflow: sections of steps, and the typed attributes they read and write.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "sections"]))]
pub(super) struct Workflow {
    /// The format of this file; `branchline.workflow/1` when it is absent.
    #[schemars(extend("const" = crate::definition::WORKFLOW_FORMAT))]
    format: String,
    /// The name people use. Versions of one workflow share it.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    /// What the workflow is for.
    description: String,
    /// The model of steps that name none: an alias from branchline.toml (`fast`), or `provider/model`.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    model: String,
    /// Parameters of steps that set none; they may also stand directly on the workflow.
    parameters: ParameterMap,
    #[schemars(flatten)]
    beside: Parameters,
    /// Named types: `Verdict: { score: { type: integer, minimum: 1 }, reason: string }`.
    types: BTreeMap<String, Type>,
    /// Typed variables by name. One that is written by a step and not declared here is a `string`.
    attributes: BTreeMap<String, Attribute>,
    /// The attributes that are the result of a run; when absent, those that no later step reads.
    outputs: Texts,
    /// Texts that prompts include with `{{> name}}`; `prompts/_name.md` is one as well.
    partials: BTreeMap<String, String>,
    /// The sections in order. A branch ends with its section.
    sections: Vec<Section>,
}

/// A section: steps in order.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "steps"]))]
pub(super) struct Section {
    /// Unique within the workflow.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    /// What the section is for.
    description: String,
    /// `false` switches all its steps off.
    enabled: bool,
    /// The condition (CEL) under which its steps run; else they are skipped.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    when: String,
    #[schemars(flatten)]
    spread: Spread,
    /// Runs the section in turns, each of which reads what the one before it wrote.
    repeat: Repeat,
    /// The steps in order.
    steps: Vec<Step>,
}

/// A declared attribute: the name of a type, or a map with more about it. Nothing at all is a `string`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Attribute {
    Type(TypeName),
    Declared(Box<Declared>),
    Nothing(()),
}

/// An attribute with its type and meaning.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Declared {
    /// The type: `string` (the default), `integer`, `number`, `boolean`, `object`, `file`, a named type, a list
    /// (`string[]`), a map of fields, or a JSON Schema.
    #[schemars(rename = "type")]
    value_type: Type,
    /// What the value means.
    description: String,
    /// Whether it is asked for when a run starts.
    input: bool,
    /// Whether a run may go without it.
    optional: bool,
    /// The value it has when nobody gives one.
    default: Json,
    #[schemars(flatten)]
    constraints: Constraints,
}

/// Parameters of a model call. What is absent is left to the provider.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct ParameterMap {
    #[schemars(flatten)]
    parameters: Parameters,
}
