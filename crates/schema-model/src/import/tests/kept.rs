//! Nothing is dropped: what stands in a file beside what is known is kept in the definition or named in the report.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::{ImportOptions, ImportReport, read_run_file, workflow};

/// The maps of a document, each by the way to it.
fn maps(value: &Json, way: &str, found: &mut Vec<String>) {
    match value {
        Json::Object(fields) => {
            found.push(way.to_owned());
            for (key, value) in fields {
                maps(value, &format!("{way}/{key}"), found);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                maps(item, &format!("{way}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// The definition and the report of an import, as one text.
fn everything(text: &str, literal: bool) -> String {
    let imported = workflow(text, &BTreeMap::new(), ImportOptions { literal }).unwrap();
    let files: Vec<String> = imported.workflow.to_files().into_values().collect();
    // Texts of a description are wrapped in lines and quoted in ways that do not matter here.
    format!("{}\n{}\n{}", imported.workflow.to_canonical_json(), files.join("\n"), imported.report)
}

/// Whether a map holds parts by their names, so that a key in it is a part and not a property.
fn is_table(way: &str) -> bool {
    ["/attributes", "/prompts", "/settings", "/mapper", "/inputs", "/outputs"]
        .iter()
        .any(|table| way.ends_with(table))
}

fn hold(document: &Json, write: impl Fn(&Json) -> String) {
    let mut ways = Vec::new();
    maps(document, "", &mut ways);
    assert!(ways.len() > 5, "{ways:?}");
    for way in ways.iter().filter(|way| !is_table(way)) {
        for value in
            [json!("unheard of"), json!(["unheard", "of"]), json!({ "deep": "unheard of" }), json!(null)]
        {
            let mut changed = document.clone();
            changed.pointer_mut(way).unwrap()["odd_key"] = value.clone();
            for literal in [false, true] {
                let text = everything(&write(&changed), literal);
                assert!(text.contains("odd_key"), "{value} at `{way}` is dropped:\n{text}");
                assert!(
                    value.is_null() || text.contains("unheard"),
                    "{value} at `{way}` is dropped:\n{text}"
                );
            }
        }
    }
}

/// Every known key with a value of a shape that is none of its own.
fn hold_shapes(document: &Json, write: impl Fn(&Json) -> String) {
    let mut ways = Vec::new();
    maps(document, "", &mut ways);
    for way in ways.iter().filter(|way| !is_table(way)) {
        let keys: Vec<String> = document.pointer(way).unwrap().as_object().unwrap().keys().cloned().collect();
        // Without these it is a file of another form.
        for key in
            keys.iter().filter(|key| !matches!(key.as_str(), "sections" | "attributes" | "steps" | "id"))
        {
            for odd in [json!({ "zebra": "crossing" }), json!([["zebra"]])] {
                let mut changed = document.clone();
                changed.pointer_mut(way).unwrap()[key] = odd.clone();
                let text = everything(&write(&changed), false);
                assert!(text.contains("zebra"), "{odd} as `{key}` at `{way}` is dropped:\n{text}");
            }
        }
    }
}

fn as_json(document: &Json) -> String {
    document.to_string()
}

fn full() -> Json {
    let port = |name: &str| json!({ "name": name, "type": "string", "is_array": false, "description": null, "title": name });
    json!({
        "name": "w", "title": "W", "description": "d",
        "settings": { "default_llm": { "value": "gpt4o", "description": null, "title": "Default Llm" } },
        "sections": [{ "name": "Main", "title": "Main", "order": 1, "description": null, "steps": [
            { "name": "One", "title": "One", "order": 1, "description": null, "prompt": "Make [b] of [a]",
              "input_attributes": [port("a")], "output_attributes": [port("b")], "language_models": ["gpt4o"] },
            { "name": "Two", "title": "Two", "order": 2, "description": null, "prompt": "two",
              "input_attributes": [port("b")], "output_attributes": [port("c")], "llm": "claude" },
        ] }],
        "attributes": { "a": port("a"), "b": port("b"), "c": port("c") },
        "prompts": {
            "two": { "name": "two", "content": "From [b]", "description": null, "title": "Two" },
            "spare": { "name": "spare", "content": "Of [a]", "description": null, "title": "Spare" },
            "empty": { "name": "empty", "content": "", "description": null, "title": "Empty" },
        },
    })
}

fn minimal() -> Json {
    json!({
        "name": "w",
        "sections": [{ "name": "Main", "order": 1, "steps": [
            { "name": "One", "order": 1, "input_attributes": ["a"], "output_attributes": ["b"], "prompt": "Of [a]" },
        ] }],
        "attributes": { "a": { "name": "a", "type": "string", "is_array": false }, "b": { "name": "b", "type": "array", "is_array": false } },
        "prompts": {},
    })
}

#[test]
fn a_minimal_or_full_file_loses_nothing() {
    hold(&minimal(), as_json);
    hold(&full(), as_json);
    hold_shapes(&full(), as_json);
}

#[test]
fn a_file_with_symbols_loses_nothing() {
    fn symbols(value: &Json) -> Json {
        match value {
            Json::Object(fields) => {
                Json::Object(fields.iter().map(|(key, value)| (format!(":{key}"), symbols(value))).collect())
            }
            Json::Array(items) => items.iter().map(symbols).collect(),
            other => other.clone(),
        }
    }
    // JSON is YAML, and a quoted key is a key.
    hold(&full(), |document| symbols(document).to_string());
}

#[test]
fn a_file_with_ids_loses_nothing() {
    let port = |id: u8, name: &str| json!({ "id": id, "name": name });
    let document = json!({
        "id": 3, "name": "w", "description": "d",
        "sections": [{ "id": 1, "name": "Main", "description": null, "order": 1, "steps": [
            { "id": 2, "name": "One", "description": null, "order": 1, "prompt": "Of [a]",
              "input_attributes": [port(4, "a")], "output_attributes": [port(5, "b")] },
        ] }],
        "attributes": [
            { "id": 4, "name": "a", "type": "string", "is_array": false },
            { "id": 5, "name": "b", "type": "string", "is_array": false },
        ],
    });
    hold(&document, as_json);
}

#[test]
fn a_poem_workflow_loses_nothing() {
    let document = json!({
        "name": "w", "description": "d", "version": "1",
        "sections": [{ "name": "Main", "description": "m", "steps": [
            { "id": "one", "name": "One", "description": "o", "prompt": "Say {{brand}}", "inputs": [{ "name": "brandInfo", "type": "string" }],
              "outputs": ["post"], "mapper": { "brandInfo": "brand" }, "checkpoint": true },
            { "id": "two", "name": "Two", "prompt": "gone.hbs", "inputs": ["post"], "outputs": ["tweet"],
              "mapping": { "inputs": { "post": "text" }, "outputs": { "tweet": "short" } } },
        ] }],
    });
    hold(&document, as_json);
}

#[test]
fn a_run_or_a_snapshot_loses_nothing() {
    let run = json!({ "id": 7, "workflow_id": 3, "section_runs": [{ "id": 1, "section_id": 1, "step_runs": [
        { "id": 2, "step_id": 2, "branch_number": 0, "attribute_values": [{ "id": 5, "name": "b", "value": "x" }] },
    ] }] });
    let attribute = json!({ "name": "a", "type": "string", "is_array": false, "description": null, "title": "A", "value": "x" });
    let snapshot = json!({ "workflow": "w", "section": "S", "step": "T", "timestamp": "2024-08-01", "attributes": { "a": attribute } });
    for document in [run, snapshot] {
        let mut ways = Vec::new();
        maps(&document, "", &mut ways);
        for way in ways.iter().filter(|way| !is_table(way)) {
            let mut changed = document.clone();
            changed.pointer_mut(way).unwrap()["odd_key"] = json!("unheard of");
            let mut report = ImportReport::default();
            read_run_file(&changed.to_string(), &mut report).unwrap();
            assert!(report.to_string().contains("`odd_key`"), "`{way}`: {report}");
        }
    }
}
