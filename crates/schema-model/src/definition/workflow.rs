//! A whole workflow, as its author wrote it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::attribute::Attribute;
use super::section::Section;
use super::step::ModelParameters;

/// The format name of the canonical JSON document; other majors are refused.
pub const WORKFLOW_FORMAT: &str = "branchline.workflow/1";

/// A workflow definition in authored form.
///
/// Serialising it gives the canonical document: sorted keys, no defaults spelled out, prompt texts inline. Equal
/// meaning in this form means equal content hash, whatever the layout of the files it came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// The name people use; versions of one workflow share it.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The model alias or `provider/model` of steps that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Parameters of steps that set none.
    #[serde(default, skip_serializing_if = "ModelParameters::is_empty")]
    pub parameters: ModelParameters,
    /// Named types: each a JSON Schema of one value (short forms already expanded).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, Json>,
    /// Declared attributes by name. An undeclared attribute that a step writes is a `string`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// The attributes that are the result of a run; when absent, those no later step reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<String>>,
    /// Partials by name: texts that prompts include with `{{> name}}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub partials: BTreeMap<String, String>,
    /// Sections in order, without the implicit `Inputs` section.
    pub sections: Vec<Section>,
}
