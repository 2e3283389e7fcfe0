//! Promises of conditions: what they mean, what is found before a run, and that nothing ends the process.

mod absence;
mod calls;
mod evaluation;
mod hostile;
mod judge;
mod mentions;
mod parsing;
mod pattern;
mod property;
mod random;
mod typing;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::Condition;
use crate::definition::{AttributeType, TypeExpression};

/// The types the tests use.
fn types() -> BTreeMap<String, AttributeType> {
    let verdict = json!({
        "type": "object",
        "properties": {
            "score": { "type": "integer" },
            "weight": { "type": "number" },
            "kind": { "type": "string", "enum": ["good", "bad"] },
            "kept": { "type": "boolean" },
            "note": { "type": "string" },
            "tags": { "type": "array", "items": { "type": "string" } },
        },
        "required": ["score", "weight", "kind", "kept", "tags"],
        "additionalProperties": false,
    });
    let named = BTreeMap::from([("Verdict".to_owned(), verdict)]);
    let declared = [
        ("title", json!("string")),
        ("language", json!({ "type": "string", "enum": ["en", "de"] })),
        ("count", json!("integer")),
        ("price", json!("number")),
        ("done", json!("boolean")),
        ("words", json!("string[]")),
        ("counts", json!("integer[]")),
        ("open", json!("object")),
        ("verdict", json!("Verdict")),
        ("verdicts", json!("Verdict[]")),
        ("rank", json!({ "type": ["integer", "null"] })),
        ("remark", json!({ "anyOf": [{ "type": "null" }, { "type": "string", "enum": ["a", "b"] }] })),
    ];
    let resolve = |(name, written): (&str, Json)| {
        let written: TypeExpression = serde_json::from_value(written).expect("a type");
        (name.to_owned(), written.resolve(&named).expect("a known type"))
    };
    declared.into_iter().map(resolve).collect()
}

fn type_of(name: &str) -> Option<AttributeType> {
    static TYPES: LazyLock<BTreeMap<String, AttributeType>> = LazyLock::new(types);
    TYPES.get(name).cloned()
}

fn read(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
