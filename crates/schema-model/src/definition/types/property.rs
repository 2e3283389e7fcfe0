//! The fields of an object, as its schema tells them.

use serde_json::Value as Json;

/// What a schema says about a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Property<'s> {
    /// The object has it.
    Known {
        /// Its schema.
        schema: &'s Json,
        /// Whether every such object does.
        is_required: bool,
    },
    /// The object may have it.
    Open,
    /// The object does not have it, but these.
    Missing {
        /// The names it has, in the order of the schema.
        known: Vec<String>,
    },
}

/// The schema of the other values, when null is one of its values beside those of another schema.
pub(crate) fn unless_null(schema: &Json) -> Option<&Json> {
    let ways = schema.get("anyOf").or_else(|| schema.get("oneOf"))?;
    let is_null = |way: &Json| way.get("type").is_some_and(|kind| kind == "null");
    match ways.as_array()?.as_slice() {
        [other, null] | [null, other] if is_null(null) && !is_null(other) => Some(other),
        _ => None,
    }
}

/// The field of an object with that schema; without one it is open.
pub(crate) fn property<'s>(object: Option<&'s Json>, field: &str) -> Property<'s> {
    let Some(object) = object else { return Property::Open };
    let Some(properties) = object.get("properties").and_then(Json::as_object) else { return Property::Open };
    if let Some(schema) = properties.get(field) {
        let required = object.get("required").and_then(Json::as_array);
        let is_required = required.is_some_and(|names| names.iter().any(|name| name == field));
        return Property::Known { schema, is_required };
    }
    if object.get("additionalProperties") == Some(&Json::Bool(false)) {
        return Property::Missing { known: properties.keys().cloned().collect() };
    }
    Property::Open
}
