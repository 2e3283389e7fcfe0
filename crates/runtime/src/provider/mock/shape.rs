//! Values that fit a JSON Schema, made from nothing but a seed.

mod number;
mod pattern;
mod text;

use serde_json::{Map, Value as Json};

use super::random::Sequence;

/// Levels down to which optional properties and list elements are filled; deeper, only what is required. It ends
/// recursive types that have an end.
const FULL_DEPTH: usize = 6;

/// Levels at which generation stops with `null`, for recursive types that have no end.
const DEPTH_MAX: usize = 48;

/// Elements of a list when the schema does not say.
const ITEMS_DEFAULT: (u64, u64) = (3, 5);

/// Elements of a list at the most, whatever the schema asks for.
const ITEMS_MAX: u64 = 1_000;

/// Values made at the most; a schema that asks for more gets `null` for the rest.
const VALUES_MAX: usize = 100_000;

/// A value that fits `schema`; the same schema and seed give the same value.
///
/// It follows `type`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `minItems`, `maxItems`,
/// `uniqueItems`, `enum`, `const`, number and length bounds, `multipleOf`, the common formats, `$ref` within the
/// schema, `allOf` by merging, and the first branch of `anyOf` and `oneOf`. A `pattern` is not followed.
pub fn shape_true_value(schema: &Json, seed: &[u8]) -> Json {
    let mut shape = Shape { root: schema, sequence: Sequence::new(seed), values_left: VALUES_MAX };
    shape.value(schema, "value", 0)
}

struct Shape<'a> {
    root: &'a Json,
    sequence: Sequence,
    values_left: usize,
}

impl Shape<'_> {
    fn value(&mut self, schema: &Json, name: &str, depth: usize) -> Json {
        let Some(keywords) = schema.as_object() else { return self.any(name) };
        if depth > DEPTH_MAX || self.values_left == 0 {
            return Json::Null;
        }
        self.values_left -= 1;
        if let Some(value) = keywords.get("const") {
            return value.clone();
        }
        if let Some(values) = keywords.get("enum").and_then(Json::as_array) {
            return self.sequence.pick(values).cloned().unwrap_or_default();
        }
        if let Some(target) = keywords.get("$ref").and_then(Json::as_str) {
            let target = self.resolve(target).cloned();
            return target.map_or(Json::Null, |target| self.value(&target, name, depth + 1));
        }
        if let Some(merged) = self.without_branches(keywords) {
            return self.value(&Json::Object(merged), name, depth + 1);
        }
        self.typed(keywords, name, depth)
    }

    fn typed(&mut self, keywords: &Map<String, Json>, name: &str, depth: usize) -> Json {
        match type_of(keywords) {
            Some("object") => self.object(keywords, depth),
            Some("array") => self.array(keywords, name, depth),
            Some("string") => Json::String(text::text(&mut self.sequence, keywords, name)),
            Some("integer") => number::integer(&mut self.sequence, keywords),
            Some("number") => number::number(&mut self.sequence, keywords),
            Some("boolean") => Json::Bool(self.sequence.between(0, 1) == 1),
            Some("null") => Json::Null,
            _ => self.any(name),
        }
    }

    /// What stands for a value of any type.
    fn any(&mut self, name: &str) -> Json {
        Json::String(text::text(&mut self.sequence, &Map::new(), name))
    }

    /// `#/$defs/Name` and the like; nothing is read from outside the schema.
    fn resolve(&self, target: &str) -> Option<&Json> {
        self.root.pointer(&target.strip_prefix('#')?.replace("%24", "$"))
    }

    /// The keywords with `allOf`, and the first branch of `anyOf` and `oneOf`, merged in; `None` when there are none.
    fn without_branches(&self, keywords: &Map<String, Json>) -> Option<Map<String, Json>> {
        let branches = |key: &str, count| {
            keywords
                .get(key)
                .and_then(Json::as_array)
                .into_iter()
                .flat_map(move |list| list.iter().take(count))
        };
        let chosen: Vec<&Json> =
            branches("allOf", usize::MAX).chain(branches("anyOf", 1)).chain(branches("oneOf", 1)).collect();
        if chosen.is_empty() {
            return None;
        }
        let mut merged = keywords.clone();
        for key in ["allOf", "anyOf", "oneOf"] {
            merged.remove(key);
        }
        for branch in chosen {
            let target = branch.get("$ref").and_then(Json::as_str).and_then(|target| self.resolve(target));
            merge(&mut merged, target.unwrap_or(branch));
        }
        Some(merged)
    }

    fn object(&mut self, keywords: &Map<String, Json>, depth: usize) -> Json {
        let required: Vec<&str> = strings(keywords.get("required"));
        let mut object = Map::new();
        for (key, schema) in keywords.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if depth < FULL_DEPTH || required.contains(&key.as_str()) {
                object.insert(key.clone(), self.value(schema, key, depth + 1));
            }
        }
        let extra = keywords.get("additionalProperties").cloned().unwrap_or(Json::Bool(true));
        for key in required {
            if !object.contains_key(key) {
                object.insert(key.to_owned(), self.value(&extra, key, depth + 1));
            }
        }
        if object.is_empty() && extra.is_object() && depth < FULL_DEPTH {
            for key in ["first", "second"] {
                object.insert(key.to_owned(), self.value(&extra, key, depth + 1));
            }
        }
        Json::Object(object)
    }

    fn array(&mut self, keywords: &Map<String, Json>, name: &str, depth: usize) -> Json {
        let count = self.item_count(keywords, depth);
        let first = keywords.get("prefixItems").and_then(Json::as_array);
        let rest = keywords.get("items").cloned().unwrap_or(Json::Bool(true));
        let is_unique = keywords.get("uniqueItems").and_then(Json::as_bool).unwrap_or(false);
        let mut items: Vec<Json> = Vec::new();
        // A unique list of few possible values may end early; the bound keeps the search finite.
        for _ in 0..count.saturating_mul(8) {
            if items.len() as u64 >= count {
                break;
            }
            let schema = first.and_then(|schemas| schemas.get(items.len())).unwrap_or(&rest);
            let item = self.value(schema, name, depth + 1);
            if !is_unique || !items.contains(&item) {
                items.push(item);
            }
        }
        Json::Array(items)
    }

    fn item_count(&mut self, keywords: &Map<String, Json>, depth: usize) -> u64 {
        let bound = |key: &str| keywords.get(key).and_then(Json::as_u64);
        let fixed = keywords.get("prefixItems").and_then(Json::as_array).map(|schemas| schemas.len() as u64);
        let min = bound("minItems").unwrap_or(0).max(fixed.unwrap_or(0));
        let is_closed = keywords.get("items") == Some(&Json::Bool(false));
        let max = bound("maxItems").or(fixed.filter(|_| is_closed)).unwrap_or(u64::MAX);
        let (low, high) = if depth < FULL_DEPTH && fixed.is_none() { ITEMS_DEFAULT } else { (min, min) };
        let low = low.clamp(min, max.max(min));
        let high = high.clamp(low, max.max(low));
        self.sequence.between(low, high).min(ITEMS_MAX)
    }
}

/// The type that is generated: the first that is not `null`, or what the other keywords imply.
fn type_of(keywords: &Map<String, Json>) -> Option<&str> {
    let named = strings(keywords.get("type"));
    if let Some(name) = named.iter().find(|name| **name != "null").or(named.first()) {
        return Some(name);
    }
    let implied = [
        ("properties", "object"),
        ("required", "object"),
        ("items", "array"),
        ("minItems", "array"),
        ("minimum", "number"),
        ("maximum", "number"),
        ("minLength", "string"),
        ("format", "string"),
        ("pattern", "string"),
    ];
    implied.into_iter().find(|(key, _)| keywords.contains_key(*key)).map(|(_, name)| name)
}

/// One text or a list of texts.
fn strings(value: Option<&Json>) -> Vec<&str> {
    match value {
        Some(Json::String(text)) => vec![text],
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Adds the keywords of `branch`; `properties` and `required` are united, anything else replaces.
fn merge(keywords: &mut Map<String, Json>, branch: &Json) {
    for (key, value) in branch.as_object().into_iter().flatten() {
        match (keywords.get_mut(key), value) {
            (Some(Json::Object(known)), Json::Object(more)) if key == "properties" => {
                known.extend(more.iter().map(|(name, schema)| (name.clone(), schema.clone())));
            }
            (Some(Json::Array(known)), Json::Array(more)) if key == "required" => {
                known.extend(more.iter().filter(|name| !known.contains(name)).cloned().collect::<Vec<_>>());
            }
            _ => {
                keywords.insert(key.clone(), value.clone());
            }
        }
    }
}
