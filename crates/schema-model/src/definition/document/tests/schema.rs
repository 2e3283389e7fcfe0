//! The JSON Schema for editors and the decoder know the same language.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::reading::ARTICLE;
use super::{read_yaml, roundtrip};
use crate::definition::document::decode::keyword::{CONSTRAINTS, OTHERS};
use crate::definition::document::report::Report;
use crate::definition::document::{code, parse_text, workflow_schema};

static SCHEMA: LazyLock<Json> = LazyLock::new(workflow_schema);

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

/// What the schema has against a workflow file.
fn complaints(path: &str, text: &str) -> String {
    let root = parse_text(text.to_owned(), &Arc::from(path), &mut Report::default()).unwrap();
    let value = root.to_json();
    VALIDATOR.iter_errors(&value).map(|error| format!("{}: {error}\n", error.instance_path())).collect()
}

/// The keys of a map of the language, by the name of its definition in the schema.
fn schema_keys(definition: &str) -> BTreeSet<String> {
    let map = if definition == "Workflow" { &*SCHEMA } else { &SCHEMA["definitions"][definition] };
    assert_eq!(map["additionalProperties"], Json::Bool(false), "{definition} takes other keys");
    map["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The keys the decoder takes where `?` stands in a document: it lists them when it meets one it does not know.
fn decoder_keys(yaml: &str) -> BTreeSet<String> {
    let document = read_yaml(&yaml.replace('?', "zzzzzz: 1"));
    let unknown =
        document.diagnostics.iter().find(|diagnostic| diagnostic.message.contains("`zzzzzz`")).unwrap();
    assert_eq!(unknown.code, code::UNKNOWN_KEY, "{yaml}");
    let (_, keys) = unknown.fix.as_ref().unwrap().split_once("llowed keys: ").unwrap();
    keys.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

/// What the decoder calls a map, the definition in the schema, and a document with an unknown key in one.
const MAPS: [(&str, &str, &str); 14] = [
    ("workflow", "Workflow", "{ name: w, sections: [], ? }"),
    ("map of parameters", "ParameterMap", "{ name: w, sections: [], parameters: { ? } }"),
    ("attribute", "Declared", "{ name: w, sections: [], attributes: { a: { ? } } }"),
    ("section", "Section", "{ name: w, sections: [{ name: s, steps: [], ? }] }"),
    ("`repeat` map", "Repeat", "{ name: w, sections: [{ name: s, steps: [], repeat: { max: 1, ? } }] }"),
    ("step", "Step", "{ name: w, sections: [{ name: s, steps: [{ name: t, ? }] }] }"),
    (
        "`for_each` map",
        "ForEachMap",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, for_each: { item: a, list: b, ? } }] }] }",
    ),
    (
        "input",
        "Input",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, inputs: [{ attribute: a, ? }] }] }] }",
    ),
    (
        "`gather` entry",
        "Gather",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, gather: [{ name: a, attributes: b, ? }] }] }] }",
    ),
    ("choice", "ChoiceMap", "{ name: w, sections: [{ name: s, steps: [{ name: t, choice: { ? } }] }] }"),
    (
        "`select` map",
        "Select",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, select: { from: a, by: b, ? } }] }] }",
    ),
    (
        "variant",
        "Variant",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, variants: [{ name: a, ? }] }] }] }",
    ),
    (
        "variant",
        "Changes",
        "{ name: w, sections: [{ name: s, steps: [{ name: t, variants: { a: { ? } } }] }] }",
    ),
    ("`retry` map", "RetryMap", "{ name: w, sections: [{ name: s, steps: [{ name: t, retry: { ? } }] }] }"),
];

/// Maps whose keys the author chooses, or that stand in a prompt file.
const FREE_MAPS: [&str; 3] = ["map of partials", "map of settings", "front matter"];

#[test]
fn schema_and_decoder_have_the_same_keys() {
    for (what, definition, yaml) in MAPS {
        assert_eq!(schema_keys(definition), decoder_keys(yaml), "{what}");
    }
    let keywords: BTreeSet<String> = CONSTRAINTS.iter().chain(&OTHERS).map(|key| (*key).to_owned()).collect();
    assert_eq!(schema_keys("Schema"), keywords);
}

#[test]
fn every_map_the_decoder_reads_is_compared() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/definition/document/decode");
    let sources = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = BTreeSet::new();
    for path in sources.chain([folder.with_extension("rs")]) {
        let source = fs::read_to_string(path).unwrap();
        let calls = source.split("Fields::of(").skip(1);
        found.extend(calls.map(|call| call.split('"').nth(1).unwrap().to_owned()));
    }
    let known = MAPS.iter().map(|(what, ..)| *what).chain(FREE_MAPS);
    assert_eq!(found, known.map(str::to_owned).collect());
}

#[test]
fn every_key_has_a_text_for_its_reader() {
    for (_, definition, _) in MAPS {
        let map = if definition == "Workflow" { &*SCHEMA } else { &SCHEMA["definitions"][definition] };
        for (key, schema) in map["properties"].as_object().unwrap() {
            assert!(schema.get("description").is_some(), "{definition}: {key}");
        }
    }
}

#[test]
fn good_workflows_are_valid() {
    assert_eq!(complaints("workflow.yaml", ARTICLE), "");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut folders = vec![fixtures];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            // What stands there is of other programs.
            if path.is_dir() && name != "import" {
                folders.push(path);
            } else if matches!(name, "workflow.yaml" | "workflow.yml" | "workflow.json") {
                assert_eq!(complaints(name, &fs::read_to_string(&path).unwrap()), "", "{}", path.display());
            }
        }
    }
}

#[test]
fn every_form_an_author_may_write_is_valid() {
    let yaml = r#"
format: branchline.workflow/1
name: w
temperature: 0.5
stop: END
types:
  Mark: { enum: [a, b] }
  Verdict: { score: { type: integer, minimum: 1 }, reason: string, parts: "Mark[]", inner: { x: number } }
  Pair: { type: object, properties: { a: string, b: Mark }, required: [a], additionalProperties: false, x-note: 1 }
  Loose: { type: [string, "null"] }
attributes:
  a:
  b: string[]
  c: { type: Verdict, input: true, optional: true, description: d, default: null }
  d: { enum: [1, 2] }
  e: { type: "integer[]", minimum: 1, maxItems: 3, uniqueItems: true }
  f: { type: { x: string } }
outputs: a
partials: { house: Be short. }
sections:
  - name: s
    enabled: true
    when: size(b) > 0
    for_each: { item: x, list: b }
    where: x != ""
    parallel: 4
    carry: [a]
    at_least: 1
    label: "{{x}}"
    repeat: { until: a == "done", max: 3, on_max: fail }
    steps:
      - { name: t, prompt: , inputs: a, gather: a, outputs: a, retry: 3, timeout: 90, on_error: null, after: s.u }
      - name: u
        action: my_action
        for_each: x in c.parts
        inputs: { one: a, two: b?, three: { attribute: c, optional: true } }
        gather: { one: a, rows: [a, b] }
        variants: { calm: { temperature: 0.3 }, plain: , bold: { model: strong, parameters: { seed: 1 } } }
        retry: { attempts: 2, delay: 1.5h }
        timeout: 500ms
        on_error: "null"
        with: { anything: [1, { goes: here }] }
        assert: a != ""
      - name: v
        inputs: [a, b?, { attribute: c, name: d, optional: true }]
        gather: [a, { name: n, attributes: [a, b] }]
        variants: [{ name: x, top_p: 0.1 }]
        samples: 2
        effect: false
        assert: [a != "", b != ""]
        on_error: skip
      - { name: x, select: { from: a, by: c.score, order: lowest, max: 2 } }
      - { name: y, action: choose, from: a, show: b, min: 1, max: 2, own_text: false, default: [1] }
"#;
    assert_eq!(super::render(&read_yaml(yaml)), "");
    assert_eq!(complaints("workflow.yaml", yaml), "");
}

#[test]
fn bad_workflows_are_not_valid() {
    let step = |step: &str| format!("name: w\nsections: [{{ name: s, steps: [{{ name: t, {step} }}] }}]\n");
    let top = |top: &str| format!("name: w\nsections: []\n{top}\n");
    let bad = [
        "sections: []\n".to_owned(),
        "name: w\n".to_owned(),
        "name: w\nsections: [{ name: s }]\n".to_owned(),
        "name: w\nsections: [{ name: s, steps: [{ prompt: a }] }]\n".to_owned(),
        "name: ''\nsections: []\n".to_owned(),
        top("descripton: d"),
        top("format: branchline.workflow/2"),
        top("model: 3"),
        top("temperature: hot"),
        top("attributes: { a: 3 }"),
        top("attributes: { a: 'string[][]' }"),
        top("attributes: { a: { typ: string } }"),
        top("types: { T: { type: integer, minimun: 1 } }"),
        top("types: { T: { a: 3 } }"),
        top("outputs: { a: b }"),
        "name: w\nsections: [{ name: s, steps: [], repeat: { until: a } }]\n".to_owned(),
        "name: w\nsections: [{ name: s, steps: [], repeat: { max: 0 } }]\n".to_owned(),
        "name: w\nsections: [{ name: s, steps: [], enabled: yes }]\n".to_owned(),
        step("promt: a"),
        step("action: http"),
        step("enabled: 'no'"),
        step("for_each: x of xs"),
        step("for_each: { item: x }"),
        step("parallel: 0"),
        step("samples: 1000"),
        step("timeout: soon"),
        step("retry: 0"),
        step("retry: { attempt: 3 }"),
        step("on_error: ignore"),
        step("select: { from: a }"),
        step("select: { from: a, by: b, order: best }"),
        step("variants: { a: { temprature: 1 } }"),
        step("variants: [{ model: a }]"),
        step("gather: { a: [] }"),
        step("gather: [{ name: a }]"),
        step("inputs: { a: { optional: true } }"),
        step("prompt_file: /etc/passwd"),
        step("min: -1"),
        step("effect: 1"),
    ];
    for yaml in bad {
        assert_ne!(complaints("workflow.yaml", &yaml), "", "{yaml}");
        assert_ne!(super::render(&read_yaml(&yaml)), "", "{yaml}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_the_program_writes_is_valid(workflow in roundtrip::workflow()) {
        prop_assert_eq!(complaints("workflow.yaml", &workflow.to_files()["workflow.yaml"]), "");
        prop_assert_eq!(complaints("workflow.json", &workflow.to_canonical_json()), "");
    }
}
