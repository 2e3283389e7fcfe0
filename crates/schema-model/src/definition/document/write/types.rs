//! Types in their short forms, as long as reading those gives the same schema.

use serde_json::{Map, Value as Json};

use super::emit::Out;
use crate::definition::TypeKind;
use crate::definition::document::decode::keyword::{CONSTRAINTS, Holds, holds, is_schema_key};

/// A schema as short as it can be said.
pub(super) fn short(schema: &Json) -> Out {
    let Json::Object(fields) = schema else { return Out::json(schema) };
    name(fields).map(|name| Out::text(&name)).or_else(|| object(fields)).unwrap_or_else(|| long(fields))
}

/// A schema as the keys of an attribute: constraints stand beside `type`.
pub(super) fn beside_attribute(schema: &Json) -> Vec<(String, Out)> {
    let under_type = |out: Out| vec![("type".to_owned(), out)];
    let Json::Object(fields) = schema else { return under_type(Out::json(schema)) };
    if let Some(object) = object(fields) {
        return under_type(object);
    }
    let kind = fields.get("type").and_then(Json::as_str);
    let names_its_kind = kind.is_some_and(|kind| kind == "array" || is_kind(kind));
    let says_its_kind =
        !fields.contains_key("type") && (fields.contains_key("enum") || fields.contains_key("const"));
    let has_constraints = fields.keys().any(|key| key != "type");
    let only_constraints = fields.keys().all(|key| key == "type" || CONSTRAINTS.contains(&key.as_str()));
    if has_constraints && only_constraints && (names_its_kind || says_its_kind) {
        return keywords(fields);
    }
    // `type: string` would be the name and not the schema, so the long form says which.
    under_type(long(fields))
}

fn is_kind(name: &str) -> bool {
    TypeKind::from_name(name).is_some_and(|kind| kind != TypeKind::File)
}

/// `string`, or `string[]`.
fn name(fields: &Map<String, Json>) -> Option<String> {
    let kind = fields.get("type")?.as_str()?;
    if fields.len() == 1 && is_kind(kind) {
        return Some(kind.to_owned());
    }
    let items = fields.get("items").filter(|_| fields.len() == 2 && kind == "array")?.as_object()?;
    name(items).filter(|element| !element.ends_with("[]")).map(|element| format!("{element}[]"))
}

/// `{ score: integer, reason: string }`, for an object with exactly these fields.
fn object(fields: &Map<String, Json>) -> Option<Out> {
    let properties = fields.get("properties")?.as_object()?;
    let required: Vec<&str> = properties.keys().map(String::as_str).collect();
    let is_closed = fields.len() == 4
        && fields.get("type")? == "object"
        && fields.get("additionalProperties")? == false
        && fields
            .get("required")?
            .as_array()?
            .iter()
            .map(Json::as_str)
            .eq(required.iter().copied().map(Some));
    let entries: Vec<(String, Out)> =
        properties.iter().map(|(name, schema)| (name.clone(), short(schema))).collect();
    let reads_as_fields = !entries.is_empty()
        && entries.iter().all(|(key, value)| match value {
            Out::Text(text) => !is_schema_key(key, Some(text), false),
            Out::Map(_) | Out::FlowMap(_) => !is_schema_key(key, None, true),
            _ => false,
        });
    (is_closed && reads_as_fields).then(|| Out::map_on_one_line(entries))
}

fn long(fields: &Map<String, Json>) -> Out {
    Out::map_on_one_line(keywords(fields))
}

fn keywords(fields: &Map<String, Json>) -> Vec<(String, Out)> {
    let value = |key: &str, value: &Json| match (holds(key), value) {
        (Holds::Schema, Json::Object(_)) => short(value),
        (Holds::Schemas, Json::Object(schemas)) => {
            Out::map_on_one_line(schemas.iter().map(|(name, schema)| (name.clone(), short(schema))).collect())
        }
        (Holds::SchemaList, Json::Array(schemas)) => Out::List(schemas.iter().map(short).collect()),
        _ => Out::json(value),
    };
    let mut entries: Vec<(String, Out)> =
        fields.iter().map(|(key, field)| (key.clone(), value(key, field))).collect();
    entries.sort_by_key(|(key, _)| key != "type");
    entries
}
