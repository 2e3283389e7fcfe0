//! Workflow documents, in YAML and in JSON.

use std::collections::BTreeMap;

use branchline_schema_model::check::{CheckContext, Diagnostic, check};
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::definition::document::{self, ReadDocument, WORKFLOW_FILE};
use branchline_schema_model::graph::{Layer, Picture};
use branchline_schema_model::plan::{AttributeIndex, Plan};

use crate::seen::Seen;

/// Workflows up to this size are also written and read again: near the limits, what is written is too large.
const REREAD_BYTES_MAX: usize = 200_000;

/// Plans up to this size are drawn: nobody looks at a picture of more.
const DRAWN_STEPS_MAX: usize = 40;

pub(super) const WORDS: &[&str] = &[
    "name: ",
    "sections:\n",
    "steps:\n",
    "- name: ",
    "prompt: ",
    "prompt_file: prompts/a.md",
    "outputs: [",
    "attributes:\n",
    "types:\n",
    "inputs: ",
    "gather: ",
    "for_each: x in xs",
    "action: choose",
    "action: template",
    "action: input",
    "action: gather",
    "from: ",
    "show: ",
    "model: ",
    "temperature: 0.5",
    "parallel: 3",
    "retry: ",
    "timeout: 5m",
    "default: ",
    "optional: true",
    "input: true",
    "type: ",
    "enum: [",
    "minimum: ",
    "maxLength: 3",
    "pattern: \"^a\"",
    "properties:",
    "items: ",
    "required: [",
    "$ref: \"#/$defs/A\"",
    "$defs: ",
    "object",
    "string[]",
    "integer",
    "T",
    "T[]",
    "anyOf: [",
    "additionalProperties: false",
    "description: ",
    "enabled: false",
    "with: {",
    "when: ",
    "repeat: { until: done, max: 3 }",
    "where: ",
    "carry: [",
    "assert: ",
    "on_error: skip",
    "at_least: 2",
    "after: [",
    "variants: {",
    "samples: 2",
    "select: { from: a, by: b.c }",
    "budget: { usd: 1 }",
    "partials: {",
    "{{x}}",
    "{{#each xs}}",
    "{{/each}}",
    "{{> p}}",
    "|\n",
    ">-\n",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "- ",
    "&a ",
    "*a",
    "!!map ",
    "%YAML 1.2",
    "# note",
    "\"",
    "''",
    "x",
    "xs",
];

pub(super) const JSON_WORDS: &[&str] = &[
    "\"format\":\"branchline.workflow/1\",",
    "\"name\":",
    "\"sections\":[",
    "\"steps\":[",
    "\"prompt\":\"{{x}}\"",
    "\"outputs\":[\"x\"]",
    "\"attributes\":{",
    "\"types\":{",
    "\"gather\":",
    "\"for_each\":\"x in xs\"",
    "\"action\":\"choose\"",
    "\"partials\":{",
    "\"default\":",
    "\"type\":\"string[]\"",
    "\"enum\":[",
    "\"enabled\":false",
    "\"retry\":{\"attempts\":2}",
    "\"with\":{",
    "\"input\":true",
    "\"optional\":true",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "1e400",
    "\\u0000",
    "\\ud800\\udc00",
    "\"x\"",
    "\"xs\"",
    "null",
    "true",
    "1.0",
    "-1",
];

pub(super) fn yaml(text: &str) -> Seen {
    read("workflow.yaml", text)
}

pub(super) fn json(text: &str) -> Seen {
    read("workflow.json", text)
}

fn read(path: &str, text: &str) -> Seen {
    let mut seen = Seen::default();
    let others =
        [("prompts/a.md", "Write about {{x}}.\n"), ("prompts/_p.md", "{{#each xs}}- {{this}}\n{{/each}}")];
    let mut files: BTreeMap<String, String> =
        others.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    files.insert(path.to_owned(), text.to_owned());
    let read = document::read(&files, path);
    hold_places(&read.diagnostics);
    seen.diagnostics(&read.diagnostics);
    hold_layout(&files, path, &mut seen);
    // The same reader gives the values of inputs.
    match document::read_value(path, text) {
        Ok(value) => seen.size("value", value.to_string().len()),
        Err(problems) => hold_places(&problems),
    }
    if let Some(workflow) = &read.workflow {
        judge(workflow, &read, &mut seen);
    }
    seen
}

fn judge(workflow: &Workflow, read: &ReadDocument, seen: &mut Seen) {
    let checked = check(workflow, &read.sources, &CheckContext::default());
    hold_places(&checked.diagnostics);
    seen.diagnostics(&checked.diagnostics);
    seen.size("steps", workflow.sections.iter().map(|section| section.steps.len()).sum());
    if !read.diagnostics.iter().any(Diagnostic::is_error) {
        hold_round_trip(workflow);
    }
    if let Some(plan) = &checked.plan {
        note_plan(plan, seen);
    }
}

/// A file in the one layout stays as it is. That it says the same, `format` makes sure of itself.
fn hold_layout(files: &BTreeMap<String, String>, path: &str, seen: &mut Seen) {
    match document::format(files, path) {
        Ok(changed) => {
            seen.size("changed", changed.len());
            let mut laid_out = files.clone();
            laid_out.extend(changed);
            let again = document::format(&laid_out, path);
            assert!(again.as_ref().is_ok_and(BTreeMap::is_empty), "the layout changes again: {again:?}");
        }
        Err(error) => seen.note(std::mem::discriminant(&error)),
    }
}

/// What is read without an error can be written and read again.
pub(super) fn hold_round_trip(workflow: &Workflow) {
    let canonical = workflow.to_canonical_json();
    if canonical.len() > REREAD_BYTES_MAX {
        return;
    }
    match Workflow::from_canonical_json(&canonical) {
        Ok(again) => assert!(again == *workflow, "the canonical document is another workflow: {canonical}"),
        Err(error) => panic!("the canonical document is not read: {error}: {canonical}"),
    }
    let again = document::read(&workflow.to_files(), WORKFLOW_FILE);
    let error = again.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    assert!(error.is_none(), "the files written are not read: {error:?}");
    let hash = again.workflow.map(|workflow| workflow.content_hash());
    assert!(hash == Some(workflow.content_hash()), "the files written are another workflow: {canonical}");
}

fn note_plan(plan: &Plan, seen: &mut Seen) {
    for step in &plan.steps {
        seen.note((step.action.to_string(), step.scope.len(), step.reads.len(), step.opens.len()));
    }
    if plan.steps.len() <= DRAWN_STEPS_MAX {
        for layer in [Layer::Control, Layer::Data] {
            let picture = Picture::new(plan, layer, plan.attributes.first().map(|_| AttributeIndex(0)));
            let texts = [picture.text(), picture.mermaid(), picture.dot(), picture.svg()];
            seen.size("picture", texts.iter().map(String::len).sum());
        }
    }
}

fn hold_places(diagnostics: &[Diagnostic]) {
    for place in diagnostics.iter().flat_map(|diagnostic| &diagnostic.places) {
        assert!(place.line > 0 && place.column > 0 && place.length > 0, "a place that is none: {place:?}");
    }
}
