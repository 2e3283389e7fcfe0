//! Conditions, checked and evaluated: one that checks fails only for reasons that no type could have told.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use branchline_schema_model::condition::{Condition, ConditionFailureKind, place};
use branchline_schema_model::definition::{AttributeType, TypeExpression};
use serde_json::{Value as Json, json};

use crate::seen::Seen;

pub(super) const WORDS: &[&str] = &[
    "has(",
    "size(",
    ".all(x, ",
    ".exists(x, ",
    ".exists_one(x, ",
    ".map(x, ",
    ".filter(x, ",
    ".contains(",
    ".startsWith(",
    ".endsWith(",
    ".matches(\"a+\")",
    "int(",
    "double(",
    "string(",
    "title",
    "count",
    "ratio",
    "done",
    "tags",
    "kind",
    "verdict.title",
    "verdict.score",
    "verdict",
    "chapters",
    "chapters[0].subs",
    "open.any",
    "branch.number",
    "branch.count",
    " == ",
    " != ",
    " < ",
    " >= ",
    " in ",
    " && ",
    " || ",
    " ? ",
    " : ",
    "!",
    "-",
    " + ",
    " * ",
    " / ",
    " % ",
    "(",
    ")",
    "[",
    "]",
    ", ",
    "\"a\"",
    "'long'",
    "r\"\\d\"",
    "'''",
    "\\u00e9",
    "0",
    "1",
    "1.5",
    "1e3",
    "0x1f",
    "2u",
    "true",
    "null",
    "9223372036854775807",
    "-9223372036854775808",
    "// note\n",
    "{",
    "}",
    "b\"x\"",
];

/// A variable with its type, and a value of it.
static VARIABLES: LazyLock<BTreeMap<&str, (AttributeType, Json)>> = LazyLock::new(|| {
    let chapter = json!({ "type": "object", "additionalProperties": false, "required": ["title", "subs"],
        "properties": { "title": { "type": "string" }, "score": { "type": "number" },
            "subs": { "type": "array", "items": { "type": "string" } } } });
    let variables = [
        ("title", json!("string"), json!("Über \"x\"")),
        ("count", json!("integer"), json!(3)),
        ("ratio", json!("number"), json!(0.5)),
        ("done", json!("boolean"), json!(true)),
        ("kind", json!({ "enum": ["long", "short"] }), json!("long")),
        ("tags", json!("string[]"), json!(["a", "bb", ""])),
        ("verdict", chapter.clone(), json!({ "title": "", "subs": ["x"], "score": 7 })),
        ("chapters", json!({ "type": "array", "items": chapter }), json!([{ "title": "t", "subs": [] }])),
        ("open", json!("object"), json!({ "any": [1, { "text": null }] })),
    ];
    let typed = variables.map(|(name, written, value)| {
        let written: TypeExpression = serde_json::from_value(written).expect("a type is a name or a schema");
        let found = written.resolve(&BTreeMap::new()).expect("the types are built in");
        (name, (found, value))
    });
    typed.into()
});

pub(super) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let types = |name: &str| VARIABLES.get(name).map(|(value_type, _)| value_type.clone());
    let condition = match Condition::parse(text) {
        Ok(condition) => condition,
        Err(error) => {
            seen.sentence(&error.to_string());
            return seen;
        }
    };
    assert!(condition.text() == text, "the condition is another text");
    for mention in condition.mentions() {
        assert!(text.get(mention.at.clone()).is_some(), "`{mention}` stands nowhere");
        seen.note((mention.path.len(), mention.guarded));
    }
    let problems = condition.check(&types);
    for problem in &problems {
        assert!(place(text, &problem.at).line > 0, "a place that is none");
        seen.note(format!("{:?}", problem.kind));
        seen.sentence(&problem.message);
    }
    let known = condition.mentions().iter().all(|mention| VARIABLES.contains_key(mention.name.as_str()));
    if problems.is_empty() && known {
        hold_evaluation(&condition, &types, &mut seen);
    }
    seen
}

fn hold_evaluation(condition: &Condition, types: &dyn Fn(&str) -> Option<AttributeType>, seen: &mut Seen) {
    let values = VARIABLES.iter().map(|(name, (_, value))| ((*name).to_owned(), value.clone())).collect();
    match condition.evaluate(&values, types, Some((1, 2))) {
        Ok(holds) => seen.note(holds),
        Err(failure) => {
            seen.note(format!("{:?}", failure.kind));
            let is_open = condition.mentions().iter().any(|mention| mention.name == "open");
            let is_told = match failure.kind {
                ConditionFailureKind::Absent
                | ConditionFailureKind::NoBranch
                | ConditionFailureKind::Function => true,
                ConditionFailureKind::WrongType => !is_open,
                _ => false,
            };
            assert!(!is_told, "it checks and cannot be evaluated: {failure}");
        }
    }
}
