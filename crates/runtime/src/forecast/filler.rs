//! Values in the place of those that only the run will know, of the right shape and of a certain size.

use serde_json::{Map, Value as Json, json};

use super::branch::list_bounds;
use super::tokens::End;

/// No filler is longer than this many bytes: no model reads more, and memory is bounded.
const FILLER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Fields inside fields deeper than this are left out.
const DEPTH_MAX: usize = 8;

/// How a filler is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filler {
    /// Which end of the range.
    pub(super) end: End,
    /// Bytes of a text that nothing bounds.
    pub(super) text_bytes: usize,
}

impl Filler {
    /// A value of a JSON Schema.
    pub(super) fn value(self, schema: &Json) -> Json {
        self.at_depth(schema, 0)
    }

    /// A list of `count` values of a schema. A long one has fewer and larger elements.
    pub(super) fn list(self, schema: &Json, count: u64) -> Json {
        const ELEMENTS_MAX: u64 = 64;
        let shown = count.min(ELEMENTS_MAX);
        let share = count.checked_div(shown).unwrap_or_default().max(1);
        let text_bytes = self.text_bytes.saturating_mul(usize::try_from(share).unwrap_or(usize::MAX));
        let text_bytes = text_bytes.min(FILLER_BYTES_MAX / ELEMENTS_MAX as usize);
        (0..shown).map(|_| Self { text_bytes, ..self }.value(schema)).collect()
    }

    fn at_depth(self, schema: &Json, depth: usize) -> Json {
        if let Some(fixed) = self.fixed(schema) {
            return fixed;
        }
        let kind = schema.get("type").and_then(Json::as_str);
        match kind {
            _ if depth >= DEPTH_MAX => Json::Null,
            Some("array") => {
                let (low, high) = list_bounds(schema);
                let items = schema.get("items").unwrap_or(&Json::Null);
                self.list(items, self.end.of(low, high))
            }
            Some("object") => self.object(schema, depth),
            Some("integer" | "number") => {
                schema.get("minimum").cloned().unwrap_or(json!(self.end.of(1, 1000)))
            }
            Some("boolean") => Json::Bool(true),
            _ => Json::String("x".repeat(self.text_length(schema))),
        }
    }

    /// The only value, or the shortest or longest of a few.
    fn fixed(self, schema: &Json) -> Option<Json> {
        if let Some(value) = schema.get("const") {
            return Some(value.clone());
        }
        let mut values: Vec<&Json> = schema.get("enum")?.as_array()?.iter().collect();
        values.sort_by_key(|value| value.to_string().len());
        match self.end {
            End::Low => values.first().copied().cloned(),
            End::High => values.last().copied().cloned(),
        }
    }

    fn object(self, schema: &Json, depth: usize) -> Json {
        let fields = schema.get("properties").and_then(Json::as_object).into_iter().flatten();
        let value = |(name, field): (&String, &Json)| (name.clone(), self.at_depth(field, depth + 1));
        Json::Object(fields.map(value).collect::<Map<_, _>>())
    }

    fn text_length(self, schema: &Json) -> usize {
        let bound =
            |key: &str| schema.get(key).and_then(Json::as_u64).and_then(|bound| usize::try_from(bound).ok());
        let length = self.text_bytes.max(bound("minLength").unwrap_or(0));
        length.min(bound("maxLength").unwrap_or(usize::MAX)).min(FILLER_BYTES_MAX)
    }
}

/// Whether a schema leaves no text and no list unbounded.
pub(super) fn is_bounded(schema: &Json) -> bool {
    if schema.get("enum").is_some() || schema.get("const").is_some() {
        return true;
    }
    match schema.get("type").and_then(Json::as_str) {
        Some("integer" | "number" | "boolean") => true,
        Some("array") => schema.get("maxItems").is_some() && schema.get("items").is_some_and(is_bounded),
        Some("object") => {
            let fields = schema.get("properties").and_then(Json::as_object);
            fields.is_some_and(|fields| fields.values().all(is_bounded))
        }
        _ => schema.get("maxLength").is_some(),
    }
}
