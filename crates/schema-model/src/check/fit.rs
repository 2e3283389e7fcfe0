//! Whether the values of one type can be kept in another.

use serde_json::Value as Json;

use crate::definition::AttributeType;

/// Why elements of one type do not fit another; `None` when they do, or when the schemas do not tell.
///
/// A reason is given for what fails with every value (a field that is required and never there) and for what only a
/// lucky value passes (any text where one of three words is wanted). Bounds and patterns are left to the run.
pub(super) fn misfit(from: &AttributeType, to: &AttributeType) -> Option<String> {
    reason(&from.element().json_schema(), &to.element().json_schema(), "")
}

fn reason(from: &Json, to: &Json, place: &str) -> Option<String> {
    if from == to {
        return None;
    }
    let of = if place.is_empty() { String::new() } else { format!(" of `{place}`") };
    if let Some(words) = to.get("enum").and_then(Json::as_array) {
        let given = from.get("enum").and_then(Json::as_array);
        let is_within = given.is_some_and(|given| given.iter().all(|word| words.contains(word)));
        return (!is_within && from.get("const").is_none())
            .then(|| format!("the value{of} may be none of {}", list(words)));
    }
    let kinds = [from, to].map(|schema| schema.get("type").and_then(Json::as_str));
    if let [Some(given), Some(wanted)] = kinds
        && given != wanted
        && (given, wanted) != ("integer", "number")
    {
        return Some(format!("the value{of} is of type `{given}` instead of `{wanted}`"));
    }
    if let (Some(from), Some(to)) = (from.get("items"), to.get("items")) {
        return reason(from, to, place);
    }
    fields(from, to, place)
}

fn fields(from: &Json, to: &Json, place: &str) -> Option<String> {
    let inner = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let never_there = required(to).find(|name| is_closed(from) && field(from, name).is_none());
    if let Some(name) = never_there {
        return Some(format!("the field `{}` is required and never there", inner(name)));
    }
    let too_much = required(from).find(|name| is_closed(to) && field(to, name).is_none());
    if let Some(name) = too_much {
        return Some(format!("there is no place for the field `{}`", inner(name)));
    }
    let given = from.get("properties").and_then(Json::as_object)?;
    given.iter().find_map(|(name, schema)| reason(schema, field(to, name)?, &inner(name)))
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn field<'a>(schema: &'a Json, name: &str) -> Option<&'a Json> {
    schema.get("properties")?.get(name)
}

fn is_closed(schema: &Json) -> bool {
    schema.get("additionalProperties") == Some(&Json::Bool(false))
        && schema.get("patternProperties").is_none()
}

fn list(words: &[Json]) -> String {
    let shown: Vec<String> = words.iter().take(5).map(|word| format!("`{word}`")).collect();
    shown.join(", ")
}
