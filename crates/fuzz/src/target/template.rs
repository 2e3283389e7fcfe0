//! Prompt templates, checked and rendered: one that checks renders with every value of its type.
//!
//! An input is a prompt; behind each line `%%` stands a partial: `p1`, `p2`, and so on.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use branchline_runtime::prompt::{Branch, render};
use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::{SourceMap, Workflow};
use branchline_schema_model::plan::Plan;
use branchline_schema_model::prompt::{Partials, PathPart, Prompt, Usage, read as read_prompt};
use serde_json::{Value as Json, json};

use crate::seen::Seen;

pub(super) const WORDS: &[&str] = &[
    "{{",
    "}}",
    "{{{",
    "}}}",
    "{{#if ",
    "{{#unless ",
    "{{#each ",
    "{{#with ",
    "{{else}}",
    "{{else if ",
    "{{/if}}",
    "{{/unless}}",
    "{{/each}}",
    "{{/with}}",
    "{{^}}",
    "{{> p1}}",
    "{{> p2 chapters}}",
    "{{> p1 title=note}}",
    "{{role \"system\"}}",
    "{{{{raw}}}}",
    "{{{{/raw}}}}",
    "{{!-- ",
    "--}}",
    "{{~",
    "~}}",
    "\\{{",
    " as |x i|}}",
    "../",
    "this",
    "this.",
    "@index",
    "@first",
    "@last",
    "@key",
    "@root.",
    "(eq ",
    "(not ",
    "(and ",
    "(or ",
    "(default ",
    "(lookup ",
    ")",
    "join ",
    "json ",
    "truncate ",
    "lines ",
    "len ",
    "upper ",
    "lower ",
    "date ",
    "gt ",
    "lte ",
    "pretty=true",
    "title",
    "note",
    "count",
    "tags",
    "chapters",
    "chapters.[0].title",
    "verdict.score",
    "verdict",
    "open.any",
    "maybe.text",
    "branch.number",
    "subs",
    "kind",
    "\", \"",
    "12",
    "0.5",
    "null",
    "true",
    "[",
    "]",
    ".",
    "\n%%\n",
    "*",
    "#",
    "[a b]",
];

const CHAPTER: &str = r#"{"type":"object","additionalProperties":false,"required":["title","subs"],"properties":{
    "title":{"type":"string"},"subs":{"type":"array","items":{"type":"string"}},"score":{"type":"number"},
    "kind":{"enum":["long","short"]},
    "parts":{"type":"array","items":{"type":"object","properties":{"text":{"type":"string"}}}}}}"#;

static ATTRIBUTES: LazyLock<Json> = LazyLock::new(|| {
    let chapter: Json = serde_json::from_str(CHAPTER).expect("the schema of a chapter is JSON");
    let one = |value_type: Json| json!({ "type": value_type, "input": true });
    let maybe = |value_type: Json| json!({ "type": value_type, "input": true, "optional": true });
    json!({
        "title": one(json!("string")), "note": maybe(json!("string")), "count": one(json!("integer")),
        "ratio": one(json!("number")), "done": one(json!("boolean")), "tags": one(json!("string[]")),
        "chapters": one(json!({ "type": "array", "items": chapter })), "verdict": one(chapter.clone()),
        "open": one(json!("object")), "maybe": maybe(chapter.clone()), "rows": maybe(json!("object[]")),
    })
});

/// Values of these types: all of them, and as few as may be.
static VALUES: LazyLock<[BTreeMap<String, Json>; 2]> = LazyLock::new(|| {
    let full = json!({ "title": "T {{x}}", "subs": ["a", "b"], "score": 1.5, "kind": "long", "parts": [{ "text": "p" }, {}] });
    let bare = json!({ "title": "", "subs": [] });
    let all = json!({
        "title": "Über {{title}}", "note": "n", "count": 3, "ratio": 0.1, "done": true, "tags": ["x", "2026-11-22"],
        "chapters": [full, bare], "verdict": full, "open": { "any": [1, { "text": null }] }, "maybe": full,
        "rows": [{ "a": 1 }, {}],
    });
    let few = json!({
        "title": "", "count": -1, "ratio": 0, "done": false, "tags": [], "chapters": [], "verdict": bare, "open": {},
    });
    [all, few].map(|values| serde_json::from_value(values).expect("the values are an object"))
});

pub(super) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let (prompt, partials) = parts(text);
    note_prompt(&read_prompt(&prompt, &Partials::compile(&partials)), &mut seen);
    let step = json!({ "name": "Step", "prompt": prompt });
    let workflow = json!({
        "name": "w", "model": "mock", "attributes": *ATTRIBUTES, "partials": partials,
        "sections": [{ "name": "Section", "steps": [step] }],
    });
    let workflow: Workflow = serde_json::from_value(workflow).expect("the workflow around it is one");
    let checked = check(&workflow, &SourceMap::default(), &CheckContext::default());
    seen.diagnostics(&checked.diagnostics);
    if let Some(plan) = &checked.plan {
        hold_rendering(plan, &mut seen);
    }
    seen
}

fn parts(text: &str) -> (String, BTreeMap<String, String>) {
    let mut parts = text.split("\n%%\n").map(str::to_owned);
    let prompt = parts.next().unwrap_or_default();
    (prompt, parts.enumerate().map(|(at, partial)| (format!("p{}", at + 1), partial)).collect())
}

fn hold_rendering(plan: &Plan, seen: &mut Seen) {
    let Some(step) = plan.steps.last().filter(|step| step.prompt.is_some()) else { return };
    for values in VALUES.iter() {
        match render(plan, step.index, values, Some(Branch { number: 1, count: 2 })) {
            Ok(rendered) => {
                seen.size("messages", rendered.messages.len());
                seen.size("missing", rendered.missing.len());
            }
            // How large a prompt becomes depends on the values.
            Err(error) if error.message.contains("renders to more than") => seen.note("too large"),
            Err(error) => panic!("it checks and does not render: {error}"),
        }
    }
}

fn note_prompt(prompt: &Prompt, seen: &mut Seen) {
    for mention in &prompt.mentions {
        seen.note((
            usage(mention.usage),
            depth(&mention.path),
            mention.guarded,
            mention.at.partial.is_some(),
        ));
    }
    for problem in &prompt.problems {
        seen.note(std::mem::discriminant(&problem.kind));
    }
    seen.size("roles", prompt.roles.len());
}

fn usage(usage: Usage) -> String {
    format!("{usage:?}")
}

fn depth(path: &[PathPart]) -> usize {
    path.iter().filter(|part| **part == PathPart::Item).count()
}

/// The planted panic: a template without a problem that goes through a list within a list, and looks something up.
pub(super) fn is_planted(text: &str) -> bool {
    let (prompt, partials) = parts(text);
    let prompt = read_prompt(&prompt, &Partials::compile(&partials));
    prompt.problems.is_empty()
        && prompt.mentions.iter().any(|mention| depth(&mention.path) == 2)
        && prompt.mentions.iter().any(|mention| mention.usage == Usage::Argument("lookup"))
}
