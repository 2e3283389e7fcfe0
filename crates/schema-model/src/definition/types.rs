//! The types of values: how an author writes them, what they resolve to, and how a value is stored as text.

mod property;
mod reach;
mod reference;
mod validate;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::limits::VALUE_BYTES_MAX;

pub(crate) use property::{Property, property, unless_null};
pub(crate) use validate::{compiled as compiled_schema, item as check_value};

/// A type as written: `string`, `Verdict[]`, or a JSON Schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TypeExpression {
    /// A built-in or named type, with `[]` for a list of it.
    Name(String),
    /// A JSON Schema of one value (short forms already expanded); `type: array` makes it a list.
    Schema(Json),
}

impl Default for TypeExpression {
    fn default() -> Self {
        Self::Name("string".to_owned())
    }
}

impl TypeExpression {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What the expression means, given the named types of its workflow.
    ///
    /// # Errors
    ///
    /// The name nobody knows, when it is neither built in nor in `types`.
    pub fn resolve(&self, types: &BTreeMap<String, Json>) -> Result<AttributeType, String> {
        match self {
            Self::Name(text) => {
                let (name, is_array) =
                    text.strip_suffix("[]").map_or((text.as_str(), false), |name| (name, true));
                if let Some(kind) = TypeKind::from_name(name) {
                    return Ok(AttributeType { is_array, ..AttributeType::of(kind) });
                }
                let schema = types.get(name).ok_or_else(|| name.to_owned())?;
                Ok(AttributeType { is_array, ..AttributeType::from_schema(&reference::written_out(schema)) })
            }
            Self::Schema(schema) => Ok(AttributeType::from_schema(&reference::written_out(schema))),
        }
    }
}

/// The kind of one element (`attributes.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A JSON object, usually with a schema.
    Object,
    /// The path of a file, as text.
    File,
}

impl TypeKind {
    /// The built-in type names, for messages and suggestions.
    pub const NAMES: [&'static str; 6] = ["string", "integer", "number", "boolean", "object", "file"];

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "object" => Self::Object,
            "file" => Self::File,
            _ => return None,
        })
    }

    /// The name as stored and written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::File => "file",
        }
    }
}

/// A resolved type: kind, list or not, and the schema of one element where it says more than the kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeType {
    /// The kind of one element.
    pub kind: TypeKind,
    /// Whether the value is a list of such elements.
    pub is_array: bool,
    /// JSON Schema of one element.
    pub schema: Option<Json>,
    /// What a schema says of the list as a whole (`minItems`, `uniqueItems`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Json>,
}

/// A value does not fit its type: one sentence per problem, each with the place inside the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("; "))]
pub struct ValueProblem {
    /// What is wrong, most important first; never empty.
    pub problems: Vec<String>,
}

impl ValueProblem {
    fn one(problem: impl Into<String>) -> Self {
        Self { problems: vec![problem.into()] }
    }
}

impl AttributeType {
    /// A single text.
    pub const STRING: Self = Self { kind: TypeKind::String, is_array: false, schema: None, list: None };

    /// A single value of a kind, without constraints.
    pub const fn of(kind: TypeKind) -> Self {
        Self { kind, is_array: false, schema: None, list: None }
    }

    fn from_schema(schema: &Json) -> Self {
        if schema.get("type").and_then(Json::as_str) == Some("array") {
            let element = schema.get("items").map_or(Self::STRING, Self::from_schema);
            return Self { is_array: true, list: list_keywords(schema), ..element };
        }
        let kind = schema
            .get("type")
            .and_then(Json::as_str)
            .and_then(TypeKind::from_name)
            .unwrap_or(if is_text(schema) { TypeKind::String } else { TypeKind::Object });
        Self { schema: Some(schema.clone()), ..Self::of(kind) }
    }

    /// The type of one element of this list; of a single value, itself.
    #[must_use]
    pub fn element(&self) -> Self {
        Self { is_array: false, list: None, ..self.clone() }
    }

    /// The list of this type. There are no lists of lists: the list of a list is that list.
    #[must_use]
    pub fn list(&self) -> Self {
        Self { is_array: true, ..self.clone() }
    }

    /// This type with null among its elements.
    #[must_use]
    pub(crate) fn or_null(&self) -> Self {
        let schema = json!({ "anyOf": [self.element_schema(), { "type": "null" }] });
        Self { schema: Some(schema), ..self.clone() }
    }

    /// Whether null is among its elements.
    pub(crate) fn may_be_null(&self) -> bool {
        self.schema.as_ref().is_some_and(|schema| unless_null(schema).is_some())
    }

    /// Whether a value is stored as its bare text.
    pub fn is_plain_text(&self) -> bool {
        !self.is_array && matches!(self.kind, TypeKind::String | TypeKind::File)
    }

    /// JSON Schema of a whole value, for structured answers and forms.
    pub fn json_schema(&self) -> Json {
        let element = self.element_schema().into_owned();
        if !self.is_array {
            return element;
        }
        let mut whole = self.list.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
        whole.insert("type".to_owned(), json!("array"));
        whole.insert("items".to_owned(), element);
        Json::Object(whole)
    }

    /// What is kept as `attributes.schema`: the schema of one element, or of the whole list where it says more.
    pub fn stored_schema(&self) -> Option<Json> {
        if self.list.is_some() { Some(self.json_schema()) } else { self.schema.clone() }
    }

    /// The type behind the columns `type`, `is_array` and `schema` of `attributes`.
    pub fn from_columns(kind: TypeKind, is_array: bool, schema: Option<Json>) -> Self {
        match schema {
            Some(Json::Object(whole))
                if is_array && whole.get("type").is_some_and(|kind| kind == "array") =>
            {
                let list = list_keywords(&Json::Object(whole.clone()));
                Self { kind, is_array, schema: whole.get("items").cloned(), list }
            }
            schema => Self { kind, is_array, schema, list: None },
        }
    }

    /// JSON Schema of one element.
    fn element_schema(&self) -> Cow<'_, Json> {
        let kind = if self.kind == TypeKind::File { TypeKind::String } else { self.kind };
        self.schema.as_ref().map_or_else(|| Cow::Owned(json!({ "type": kind.name() })), Cow::Borrowed)
    }

    /// Checks a value against this type.
    ///
    /// # Errors
    ///
    /// What does not fit, each with the place inside the value.
    pub fn check(&self, value: &Json) -> Result<(), ValueProblem> {
        let schema = self.element_schema();
        if !self.is_array {
            return validate::item(&schema, value);
        }
        validate::list(&schema, value)?;
        self.list.as_ref().map_or(Ok(()), |list| validate::item(list, value))
    }

    /// The text stored in `attribute_values.value`: a single `string` or `file` as itself, everything else as
    /// canonical JSON (sorted keys, no white space).
    pub fn to_stored(&self, value: &Json) -> Result<String, ValueProblem> {
        let text = match value {
            Json::String(text) if self.is_plain_text() => text.clone(),
            _ if self.is_plain_text() => return Err(ValueProblem::one(format!("{value} is not a text"))),
            _ => value.to_string(),
        };
        if text.len() > VALUE_BYTES_MAX {
            return Err(ValueProblem::one(format!(
                "the value has {} bytes, at most {VALUE_BYTES_MAX}",
                text.len()
            )));
        }
        if holds_nul(value) {
            return Err(ValueProblem::one("the value holds a NUL character, which no database can keep"));
        }
        Ok(text)
    }

    /// The value behind a stored text.
    pub fn from_stored(&self, text: &str) -> Result<Json, ValueProblem> {
        if self.is_plain_text() {
            return Ok(Json::String(text.to_owned()));
        }
        serde_json::from_str(text)
            .map_err(|error| ValueProblem::one(format!("the stored text is not JSON: {error}")))
    }

    /// The value a person or a file gave as text: JSON where the type needs it, a list also one item a line.
    pub fn from_text(&self, text: &str) -> Result<Json, ValueProblem> {
        let value = if self.is_plain_text() {
            Json::String(text.to_owned())
        } else {
            match serde_json::from_str(text.trim()) {
                Ok(value) => value,
                Err(_) if self.is_array && matches!(self.kind, TypeKind::String | TypeKind::File) => {
                    Json::Array(
                        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Json::from).collect(),
                    )
                }
                Err(_) if self.kind == TypeKind::String => Json::String(text.trim().to_owned()),
                // Where JSON breaks off says nothing about a single word.
                Err(_) if !self.is_array && self.kind != TypeKind::Object => {
                    return Err(ValueProblem::one(format!("not a JSON value of type `{self}`")));
                }
                Err(error) => {
                    return Err(ValueProblem::one(format!("not a JSON value of type `{self}`: {error}")));
                }
            }
        };
        self.check(&value)?;
        Ok(value)
    }
}

/// The keywords of a list schema that are about the list; `None` when it has none.
fn list_keywords(schema: &Json) -> Option<Json> {
    let about_items =
        ["type", "items", "title", "description", "default", "examples", "$comment", "$defs", "definitions"];
    let keywords = schema.as_object()?.iter().filter(|(key, _)| !about_items.contains(&key.as_str()));
    let keywords: serde_json::Map<_, _> = keywords.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!keywords.is_empty()).then_some(Json::Object(keywords))
}

/// Whether a schema without a type is one of texts, as an `enum` usually is.
fn is_text(schema: &Json) -> bool {
    schema.get("enum").is_some() || schema.get("const").is_some_and(Json::is_string)
}

fn holds_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(fields) => fields.iter().any(|(name, field)| name.contains('\0') || holds_nul(field)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.name(), if self.is_array { "[]" } else { "" })
    }
}

#[cfg(test)]
mod tests;
