//! Imports of real files and of one small file per anomaly, with the report as people read it.

mod anomalies;
mod forms;
mod kept;
mod poem;
mod recognised;
mod texts;

use std::collections::BTreeMap;

use super::{ImportOptions, Imported, workflow};
use crate::check::{CheckContext, Diagnostic, check};
use crate::definition::{SourceMap, Workflow};

const MINIMAL: &str = include_str!("../../../../tests/fixtures/import/workflow.json");
const SYMBOLS: &str = include_str!("../../../../tests/fixtures/import/workflow.yaml");
const FULL: &str = include_str!("../../../../tests/fixtures/import/youtube_script_writer.json");

fn import(text: &str) -> Imported {
    workflow(text, &BTreeMap::new(), ImportOptions::default()).unwrap()
}

fn literal(text: &str) -> Imported {
    workflow(text, &BTreeMap::new(), ImportOptions { literal: true }).unwrap()
}

/// The errors of a workflow; there should be none.
fn errors(workflow: &Workflow) -> Vec<Diagnostic> {
    let checked = check(workflow, &SourceMap::default(), &CheckContext::default());
    checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect()
}

/// The definition as files, without the prompt texts.
fn written(imported: &Imported) -> String {
    imported.workflow.to_files().remove(crate::definition::document::WORKFLOW_FILE).unwrap()
}

/// The report, after the check that nothing in it is an error.
fn report(text: &str) -> String {
    let imported = import(text);
    assert_eq!(errors(&imported.workflow), []);
    imported.report.to_string()
}

/// A minimal file: attributes `name: type` (`[]` makes a list), steps `name: inputs -> outputs: prompt`; a line
/// without a colon opens a section.
fn minimal(attributes: &[(&str, &str)], steps: &[(&str, &str, &str, &str)]) -> String {
    let attributes: serde_json::Map<_, _> = attributes
        .iter()
        .map(|(name, kind)| {
            let attribute = serde_json::json!({ "name": name, "type": kind, "is_array": false });
            ((*name).to_owned(), attribute)
        })
        .collect();
    let mut sections: Vec<serde_json::Value> = Vec::new();
    let names = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (name, inputs, outputs, prompt) in steps {
        if sections.is_empty() || name.starts_with('#') {
            let title = name.strip_prefix('#').map_or("Main", str::trim);
            let order = sections.len() + 1;
            sections.push(serde_json::json!({ "name": title, "order": order, "steps": [] }));
            if name.starts_with('#') {
                continue;
            }
        }
        let steps = sections.last_mut().unwrap()["steps"].as_array_mut().unwrap();
        steps.push(serde_json::json!({
            "name": name, "order": steps.len() + 1, "input_attributes": names(inputs),
            "output_attributes": names(outputs), "prompt": prompt,
        }));
    }
    serde_json::json!({ "name": "w", "sections": sections, "attributes": attributes, "prompts": {} })
        .to_string()
}

/// A full export of one section `Main` with these steps.
fn full(attributes: &serde_json::Value, steps: &serde_json::Value, prompts: &serde_json::Value) -> String {
    serde_json::json!({
        "name": "w", "title": "W", "description": null, "settings": {},
        "sections": [{ "name": "Main", "title": "Main", "order": 1, "description": null, "steps": steps }],
        "attributes": attributes, "prompts": prompts,
    })
    .to_string()
}
