//! A declared attribute: a typed variable of the workflow.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::types::TypeExpression;

/// An attribute declaration in authored form; its name is the key it stands under.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// What the value means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its type; `string` when nothing is said.
    #[serde(rename = "type", default, skip_serializing_if = "TypeExpression::is_default")]
    pub value_type: TypeExpression,
    /// Whether it is asked for when a run starts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub input: bool,
    /// Whether a run may go without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// The value it has when nobody gives one, as JSON of its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}
