//! Files of runs: with ids, and snapshots. What is taken is rows that belong together, or values of their types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::{SourceMap, document};
use branchline_schema_model::import::{
    ImportReport, ImportedRun, RunDocument, RunNames, RunTarget, read_run_file, run_rows, snapshot_inputs,
};
use branchline_schema_model::plan::{Plan, workflow_version};
use branchline_schema_model::store::{Change, WorkflowVersion};
use branchline_schema_model::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::seen::Seen;

pub(super) const WORDS: &[&str] = &[
    "\"section_runs\":[",
    "\"step_runs\":[",
    "\"attribute_values\":[",
    "\"section_id\":1,",
    "\"section\":\"Main\",",
    "\"section\":\"Turns\",",
    "\"step_id\":2,",
    "\"step\":\"Draft\",",
    "\"step\":\"inputs\",",
    "\"branch_number\":0,",
    "\"branch_number\":2,",
    "\"branch_path\":\"1/2\",",
    "\"item_index\":1,",
    "\"iteration\":2,",
    "\"variant\":\"calm\",",
    "\"sample\":1,",
    "\"status\":\"succeeded\",",
    "\"status\":\"running\",",
    "\"tolerated\":\"skip\",",
    "\"name\":\"ideas\",",
    "\"name\":\"draft\",",
    "\"value\":\"1. One\\n2. Two\"",
    "\"value\":[\"a\"]",
    "\"format\":\"branchline.run-ids/1\",",
    "\"workflow\":\"w\",",
    "\"workflow_id\":3,",
    "\"attributes\":{",
    "\"timestamp\":\"2024-08-01\",",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "-1",
    "4294967295",
];

struct Target {
    plan: Plan,
    version: WorkflowVersion,
    names: RunNames,
}

/// A fan-out with one below it, candidates, and turns.
static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let workflow = json!({
        "name": "w", "model": "mock",
        "attributes": {
            "topic": { "input": true }, "ideas": { "type": "string[]" }, "tags": { "type": "string[]", "input": true, "optional": true },
            "count": { "type": "integer", "input": true, "optional": true }, "seed": { "input": true, "optional": true },
        },
        "sections": [
            { "name": "Main", "steps": [
                { "name": "Find", "prompt": "Ideas on {{topic}}", "outputs": ["ideas"] },
                { "name": "Draft", "for_each": "idea in ideas", "prompt": "On {{idea}}", "outputs": ["draft"] },
                { "name": "Titles", "variants": { "calm": { "temperature": 0.2 }, "bold": { "temperature": 0.9 } },
                  "prompt": "Of {{draft}}", "outputs": ["title"] },
            ] },
            { "name": "Turns", "repeat": { "until": "false", "max": 2 }, "steps": [
                { "name": "Write", "prompt": "On {{#if seed}}{{seed}}{{/if}}", "outputs": ["seed"] },
            ] },
        ],
    });
    let files = BTreeMap::from([("workflow.json".to_owned(), workflow.to_string())]);
    let read = document::read(&files, "workflow.json");
    let workflow = read.workflow.unwrap_or_else(|| panic!("it is a workflow: {:?}", read.diagnostics));
    let checked = check(&workflow, &SourceMap::default(), &CheckContext::default());
    let plan = checked.plan.unwrap_or_else(|| panic!("it checks: {:?}", checked.diagnostics));
    let version = workflow_version(&workflow, &plan, &mut uuids(), Timestamp::from_micros(0));
    let definition = json!({
        "id": 3, "name": "w",
        "sections": [{ "id": 1, "name": "Main", "order": 1, "steps": [
            { "id": 1, "name": "Find", "order": 1 }, { "id": 2, "name": "Draft", "order": 2 },
        ] }],
        "attributes": [{ "id": 4, "name": "ideas", "type": "array" }, { "id": 5, "name": "draft", "type": "string" }],
    });
    let names = RunNames::read(&definition.to_string()).expect("the definition has ids");
    Target { plan, version, names }
});

fn uuids() -> impl FnMut() -> Uuid {
    let mut next = 0_u128;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

pub(super) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let Target { plan, version, names } = &*TARGET;
    let mut report = ImportReport::default();
    match read_run_file(text, &mut report) {
        Err(error) => seen.sentence(&error.to_string()),
        Ok(RunDocument::Snapshot(file)) => {
            for (name, value) in snapshot_inputs(&file, plan, &mut report) {
                let index = plan.attribute_named(&name).unwrap_or_else(|| panic!("`{name}` is no attribute"));
                let fits = plan.attribute(index).value_type.check(&value).is_ok();
                assert!(fits, "`{name}` is taken and does not fit: {value}");
                seen.note(("taken", name));
            }
        }
        Ok(RunDocument::Run(file)) => {
            for names in [None, Some(names)] {
                let target = RunTarget { version, plan, names };
                let now = Timestamp::from_micros(1);
                match run_rows(&file, target, &mut uuids(), now, &mut report) {
                    Ok(imported) => hold_rows(&imported, &mut seen),
                    Err(problems) => {
                        assert!(!problems.is_empty(), "it is refused without a reason");
                        for problem in &problems {
                            seen.sentence(problem);
                        }
                    }
                }
            }
        }
    }
    for finding in &report.findings {
        seen.note(format!("{:?}", finding.kind));
        seen.sentence(&finding.sentence);
    }
    seen
}

/// Rows come after what they belong to, and none comes twice.
fn hold_rows(imported: &ImportedRun, seen: &mut Seen) {
    let (mut sections, mut steps, mut places) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for change in &imported.commit.changes {
        match change {
            Change::SectionRunInsert(row) => assert!(sections.insert(row.id), "a section run twice"),
            Change::StepRunInsert(row) => {
                assert!(sections.contains(&row.section_run_id), "a step run outside a section run");
                assert!(steps.insert(row.id), "a step run twice");
                let place = (row.section_run_id, row.step_id, row.branch_path.to_string());
                assert!(places.insert(place), "two step runs in one place");
            }
            Change::ValueInsert(value) => {
                assert!(steps.contains(&value.step_run_id), "a value without a step run");
                assert!(!value.value.contains('\0') || value.list_length.is_some(), "a NUL in a text");
            }
            _ => {}
        }
    }
    seen.size("sections", sections.len());
    seen.size("steps", steps.len());
}
