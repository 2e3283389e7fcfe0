//! The keywords of JSON Schema: which exist, what they hold, and which kinds of value they fit.

use serde_json::{Map, Value as Json, json};

use crate::definition::document::code;
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::name::{is_attribute_name, nearest};

/// Keywords that may stand directly on an attribute, beside `type`, in the order in which they are laid out.
pub(in crate::definition::document) const CONSTRAINTS: [&str; 18] = [
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "items",
];

/// Every other keyword of drafts 7 and 2020-12.
pub(in crate::definition::document) const OTHERS: [&str; 38] = [
    "type",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "additionalItems",
    "propertyNames",
    "patternProperties",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$ref",
    "$defs",
    "definitions",
    "$id",
    "$schema",
    "$comment",
    "$anchor",
    "contentEncoding",
    "contentMediaType",
];

/// What the value of a keyword is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::definition::document) enum Holds {
    Schema,
    SchemaList,
    Schemas,
    Data,
}

pub(in crate::definition::document) fn holds(key: &str) -> Holds {
    match key {
        "items"
        | "additionalProperties"
        | "additionalItems"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::SchemaList,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => Holds::Schemas,
        _ => Holds::Data,
    }
}

/// Whether a map is a JSON Schema and not a map of fields: it is empty, or one of its keys says so.
///
/// A field that is called `type` therefore needs the long form (`{ type: object, properties: … }`).
pub(super) fn is_schema(node: &Node) -> bool {
    let NodeValue::Map(entries) = &node.value else { return false };
    let says_so = |entry: &Entry| {
        is_schema_key(&entry.key, entry.value.as_text(), matches!(entry.value.value, NodeValue::Map(_)))
    };
    entries.is_empty() || entries.iter().any(says_so)
}

/// Whether a key with such a value belongs to a schema: a keyword whose value no field has.
pub(in crate::definition::document) fn is_schema_key(key: &str, text: Option<&str>, is_map: bool) -> bool {
    match (key, text) {
        ("type" | "$ref", _) => !is_map,
        ("properties" | "$defs", _) => is_map,
        (_, Some(text)) => is_keyword(key) && !is_attribute_name(text.trim_end_matches("[]")),
        (_, None) => is_keyword(key) && !is_map,
    }
}

fn is_keyword(key: &str) -> bool {
    CONSTRAINTS.contains(&key) || OTHERS.contains(&key)
}

/// Whether a keyword exists and fits the type beside it; if not, that is reported.
pub(super) fn check(entry: &Entry, base: &Map<String, Json>, report: &mut Report) -> bool {
    let key = entry.key.as_str();
    if !is_keyword(key) && !key.starts_with("x-") {
        let fix = match nearest(key, CONSTRAINTS.into_iter().chain(OTHERS)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "fields of an object stand under `properties`, or in a map without `type`".to_owned(),
        };
        report
            .error(code::UNKNOWN_KEY, &entry.key_span, format!("unknown key `{key}` in this type"))
            .fix(fix);
        return false;
    }
    let kind = base.get("type").and_then(Json::as_str).unwrap_or_default();
    let element =
        base.get("items").and_then(|items| items.get("type")).and_then(Json::as_str).unwrap_or_default();
    let fits = fitting(key);
    if kind.is_empty()
        || fits.is_empty()
        || fits.contains(&kind)
        || (kind == "array" && fits.contains(&element))
    {
        return true;
    }
    let message = format!("`{key}` does not fit the type `{kind}`");
    let kinds = fits.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or ");
    report.error(code::BAD_TYPE, &entry.key_span, message).fix(format!("remove it, or use the type {kinds}"));
    false
}

/// The types a keyword says something about; empty for all.
fn fitting(key: &str) -> &'static [&'static str] {
    match key {
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            &["integer", "number"]
        }
        "minLength" | "maxLength" | "pattern" | "format" => &["string"],
        "minItems" | "maxItems" | "uniqueItems" | "items" | "prefixItems" | "contains" => &["array"],
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" => &["object"],
        _ => &[],
    }
}

/// Puts a keyword into a schema. Beside `T[]`, what says nothing about lists belongs to the elements.
pub(super) fn put(base: &mut Map<String, Json>, key: &str, value: Json, is_list_name: bool) {
    let about_lists = fitting(key).contains(&"array") || matches!(key, "description" | "title" | "default");
    let target = if is_list_name && !about_lists && base.get("items").is_some_and(Json::is_object) {
        base.get_mut("items").and_then(Json::as_object_mut)
    } else {
        Some(base)
    };
    if let Some(target) = target {
        target.insert(key.to_owned(), value);
    }
}

/// An `enum` of numbers or booleans says its type; texts are the default.
pub(super) fn infer_kind(base: &mut Map<String, Json>) {
    if base.contains_key("type") {
        return;
    }
    let Some(Json::Array(values)) = base.get("enum") else { return };
    let kind = if values.is_empty() {
        return;
    } else if values.iter().all(|value| value.is_i64() || value.is_u64()) {
        "integer"
    } else if values.iter().all(Json::is_number) {
        "number"
    } else if values.iter().all(Json::is_boolean) {
        "boolean"
    } else {
        return;
    };
    base.insert("type".to_owned(), json!(kind));
}
