//! JSON Schema in the part of it that a provider can hold a model to.
//!
//! What is left out only loosens the schema: every answer is checked against the whole one afterwards.

use serde_json::{Map, Value as Json};

/// The part of JSON Schema a provider takes.
pub(super) struct Dialect {
    /// Bounds it refuses. They are told to the model in the description instead.
    pub(super) unknown: &'static [&'static str],
    /// Whether every property has to be required.
    pub(super) requires_all: bool,
}

/// Words about a schema that change nothing about what fits.
const NOTES: [&str; 6] = ["$schema", "$id", "$comment", "default", "examples", "readOnly"];

/// Formats that all structured-output services know.
const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// Nesting that is followed.
const DEPTH_MAX: usize = 64;

/// `schema` in the dialect: every object closed, unknown bounds moved to descriptions. `None` when it holds something
/// the dialect has no way to say, such as an object with any properties.
pub(super) fn restricted(schema: &Json, dialect: &Dialect) -> Option<Json> {
    dialect.schema(schema, 0)
}

impl Dialect {
    fn schema(&self, schema: &Json, depth: usize) -> Option<Json> {
        let keywords = schema.as_object().filter(|_| depth < DEPTH_MAX)?;
        let says_shape =
            ["type", "$ref", "anyOf", "oneOf", "enum", "const"].iter().any(|key| keywords.contains_key(*key));
        if !says_shape {
            return None;
        }
        let mut restricted = Map::new();
        let mut bounds = Vec::new();
        for (key, value) in keywords {
            match key.as_str() {
                key if NOTES.contains(&key) => {}
                key if self.unknown.contains(&key) => bounds.push(format!("{key}: {value}")),
                "format" if !value.as_str().is_some_and(|format| FORMATS.contains(&format)) => {
                    bounds.push(format!("format: {value}"));
                }
                "properties" | "$defs" => {
                    restricted.insert(key.clone(), self.each_property(value, depth)?);
                }
                "anyOf" | "oneOf" => {
                    let branches = value.as_array()?.iter().map(|branch| self.schema(branch, depth + 1));
                    restricted.insert("anyOf".to_owned(), Json::Array(branches.collect::<Option<_>>()?));
                }
                "items" => {
                    restricted.insert(key.clone(), self.schema(value, depth + 1)?);
                }
                "type" | "description" | "title" | "enum" | "const" | "$ref" | "required" | "format"
                | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
                | "minItems" | "maxItems" => {
                    restricted.insert(key.clone(), value.clone());
                }
                "additionalProperties" if *value == Json::Bool(false) => {}
                // `allOf`, `patternProperties`, open objects, tuples, conditions, …
                _ => return None,
            }
        }
        self.close(&mut restricted)?;
        describe(&mut restricted, &bounds);
        Some(Json::Object(restricted))
    }

    fn each_property(&self, properties: &Json, depth: usize) -> Option<Json> {
        let restricted = properties
            .as_object()?
            .iter()
            .map(|(name, schema)| Some((name.clone(), self.schema(schema, depth + 1)?)));
        Some(Json::Object(restricted.collect::<Option<_>>()?))
    }

    /// Closes an object; `None` when that would forbid what the schema means to allow.
    fn close(&self, keywords: &mut Map<String, Json>) -> Option<()> {
        let is_object = match keywords.get("type") {
            Some(Json::String(name)) => name == "object",
            Some(Json::Array(names)) => names.iter().any(|name| name == "object"),
            _ => keywords.contains_key("properties"),
        };
        if !is_object {
            // A list without element type is open in the same way.
            let is_list = keywords.get("type").is_some_and(|name| name == "array");
            return (!is_list || keywords.contains_key("items")).then_some(());
        }
        let properties = keywords.get("properties")?.as_object()?;
        let required = keywords.get("required").and_then(Json::as_array);
        let is_required =
            |name: &String| required.is_some_and(|names| names.iter().any(|known| known == name));
        if self.requires_all && !properties.keys().all(is_required) {
            return None;
        }
        keywords.insert("additionalProperties".to_owned(), Json::Bool(false));
        Some(())
    }
}

fn describe(keywords: &mut Map<String, Json>, bounds: &[String]) {
    if bounds.is_empty() {
        return;
    }
    let bounds = format!("({})", bounds.join(", "));
    let description = match keywords.get("description").and_then(Json::as_str) {
        Some(description) => format!("{description} {bounds}"),
        None => bounds,
    };
    keywords.insert("description".to_owned(), Json::String(description));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STRICT: Dialect = Dialect { unknown: &["maxLength"], requires_all: true };

    #[test]
    fn objects_are_closed_and_unknown_bounds_told() {
        let schema = json!({
            "type": "object", "required": ["title", "default"],
            "properties": {
                "title": {"type": "string", "maxLength": 60, "description": "A title.", "default": "x"},
                "default": {"type": "array", "minItems": 1, "items": {"oneOf": [{"type": "null"}, {"enum": [1, 2]}]}},
            },
        });
        let expected = json!({
            "type": "object", "required": ["title", "default"], "additionalProperties": false,
            "properties": {
                "title": {"type": "string", "description": "A title. (maxLength: 60)"},
                "default": {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "null"}, {"enum": [1, 2]}]}},
            },
        });
        assert_eq!(restricted(&schema, &STRICT), Some(expected));
    }

    #[test]
    fn what_cannot_be_said_is_not_said_wrongly() {
        let open = json!({"type": "object"});
        let map = json!({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}});
        let optional = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let any = json!({"type": "object", "properties": {"a": {}}, "required": ["a"]});
        let list = json!({"type": "array"});
        for schema in [&open, &map, &optional, &any, &list] {
            assert_eq!(restricted(schema, &STRICT), None, "{schema}");
        }
        let loose = Dialect { unknown: &[], requires_all: false };
        assert!(restricted(&optional, &loose).is_some());
    }
}
