//! Answers of models: read leniently, checked strictly.

use std::sync::LazyLock;

use branchline_runtime::action::read_answer;
use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::{SourceMap, Workflow};
use branchline_schema_model::plan::{Plan, StepIndex};
use serde_json::json;

use crate::seen::Seen;

pub(super) const WORDS: &[&str] = &[
    "```json\n",
    "```",
    "{\"verdict\":",
    "{\"score\":7,\"reason\":\"r\"}",
    "\"score\":",
    "\"reason\":",
    "\"text\":",
    "\"tags\":[",
    "\"kind\":\"long\"",
    "long",
    "short",
    "Here is: ",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\\"",
    "null",
    "true",
    "1.5",
    "7",
    "7.0",
    "1e2",
    "\\u00e9",
    "\\ud83d",
    "\n",
    "[1]",
    "'",
    "//",
    "...",
];

/// What is said of values that do not fit.
const SAID: [&str; 9] = [
    "is missing",
    "holds no complete JSON",
    "is not a JSON object",
    "is not of type",
    "is not one of",
    "is a required property",
    "is less than",
    "is greater than",
    "Additional properties",
];

/// One step for each kind of answer: a text, a word, a number, a list, an object, several.
static PLAN: LazyLock<Option<Plan>> = LazyLock::new(|| {
    let step = |name: &str, outputs: &[&str]| json!({ "name": name, "prompt": "Hi", "outputs": outputs });
    let verdict = json!({ "type": "object", "additionalProperties": false, "required": ["score"],
        "properties": { "score": { "type": "integer", "minimum": 1, "maximum": 10 }, "reason": { "type": "string" } } });
    let workflow = json!({
        "name": "w", "model": "mock",
        "attributes": {
            "kind": { "type": { "enum": ["long", "short"] } }, "count": { "type": "integer" },
            "tags": { "type": "string[]" }, "verdict": { "type": verdict }, "any": { "type": "object" },
            "verdicts": { "type": { "type": "array", "items": verdict } },
        },
        "sections": [{ "name": "S", "steps": [
            step("A", &["text"]), step("B", &["kind"]), step("C", &["count"]), step("D", &["tags"]),
            step("E", &["verdict"]), step("F", &["any"]), step("G", &["verdicts", "title", "score"]), step("H", &[]),
        ] }],
    });
    let workflow: Workflow = serde_json::from_value(workflow).expect("the workflow around it is one");
    check(&workflow, &SourceMap::default(), &CheckContext::default()).plan
});

pub(super) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let Some(plan) = PLAN.as_ref() else { panic!("the workflow of the answers does not check") };
    for step in (1..plan.steps.len()).map(|index| StepIndex(index as u32)) {
        match read_answer(plan, step, text) {
            Ok(values) => {
                for (name, value) in &values {
                    let index = plan.attribute_named(name);
                    let fits =
                        index.is_some_and(|index| plan.attribute(index).value_type.check(value).is_ok());
                    assert!(fits, "`{name}` is taken and does not fit: {value}");
                }
                seen.note((step.0, "taken", values.len()));
            }
            Err(problems) => problems.iter().for_each(|problem| {
                // What a value is quoted with may be anything, so only what is said of it counts.
                let said = SAID.iter().position(|words| problem.contains(words));
                seen.note((step.0, said, problem.contains("at /")));
            }),
        }
    }
    seen
}
