//! The form with ids: definitions and runs as the ten tables hold them, for backup and for other programs.
//!
//! A definition in this form has names, order, prompts and ports, and nothing else; what it leaves out of a workflow is
//! listed. A run in this form has every step run with its values. The names beside the ids are ours: they make a file
//! complete, because a reader matches by name and never by the ids of another database.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json, json};

use super::ImportReport;
use crate::definition::{Input, TypeExpression, Workflow};
use crate::id::AttributeId;
use crate::run::{SectionRun, StepRun, WorkflowRun};
use crate::store::{InputRow, SectionRow, StepRow, ValueView, WorkflowVersion};

/// The format name of a definition with ids; its prompts are templates.
pub const WORKFLOW_IDS_FORMAT: &str = "branchline.workflow-ids/1";

/// The format name of a run with ids.
pub const RUN_IDS_FORMAT: &str = "branchline.run-ids/1";

/// The action of implicit steps that a plan adds and a definition does not have.
const IMPLICIT_ACTIONS: [&str; 2] = ["each", "until"];

/// A stored version in the form with ids, and what this form has no place for.
pub fn workflow_document(version: &WorkflowVersion) -> (Json, ImportReport) {
    let workflow = Workflow::from_canonical_json(&version.document).unwrap_or_default();
    let lists = lists(&workflow);
    let names: HashMap<_, _> = version.attributes.iter().map(|row| (row.id, row.name.as_str())).collect();
    let port = |id| json!({ "id": id, "name": names.get(&id) });
    let step = |section: &SectionRow, row: &StepRow| {
        let list = lists.get(&(section.name.as_str(), row.name.as_str())).copied();
        json!({
            "id": row.id, "name": row.name, "description": row.description, "order": row.order, "prompt": row.prompt,
            "input_attributes": inputs(row, list, declared(&workflow, &section.name, &row.name), &names),
            "output_attributes": row.outputs.iter().map(|output| port(output.attribute_id)).collect::<Json>(),
        })
    };
    let section = |row: &SectionRow| {
        let steps = row.steps.iter().filter(|step| !IMPLICIT_ACTIONS.contains(&step.action.as_str()));
        json!({
            "id": row.id, "name": row.name, "description": row.description, "order": row.order,
            "steps": steps.map(|step_row| step(row, step_row)).collect::<Json>(),
        })
    };
    let attributes = version.attributes.iter().map(|row| {
        json!({ "id": row.id, "name": row.name, "type": row.value_type.kind.name(), "is_array": row.value_type.is_array })
    });
    let document = json!({
        "format": WORKFLOW_IDS_FORMAT, "id": version.id, "name": version.name, "description": version.description,
        // The section of the run inputs can be derived.
        "sections": version.sections.iter().skip(1).map(section).collect::<Json>(),
        "attributes": attributes.collect::<Json>(),
    });
    (document, left_out(&workflow))
}

/// The inputs a step declares in its definition; implicit steps have none.
fn declared<'a>(workflow: &'a Workflow, section: &str, step: &str) -> &'a [Input] {
    let section = workflow.sections.iter().find(|known| known.name == section);
    let step = section.and_then(|section| section.steps.iter().find(|known| known.name == step));
    step.map_or(&[], |step| step.inputs.as_slice())
}

/// The ports a step reads: declared ones with what only a definition says of them, then the others.
fn inputs(row: &StepRow, list: Option<&str>, declared: &[Input], names: &HashMap<AttributeId, &str>) -> Json {
    let ids: Vec<AttributeId> = reads(row, list).collect();
    let name_of = |id: &AttributeId| names.get(id).copied().unwrap_or_default();
    let mut ports = Vec::new();
    for id in &ids {
        let name = name_of(id);
        let mut own = declared.iter().filter(|input| input.attribute == name).peekable();
        if own.peek().is_none() {
            ports.push(json!({ "id": id, "name": name }));
        }
        for input in own {
            let mut port = json!({ "id": id, "name": name });
            if input.name != name {
                port["alias"] = json!(input.name);
            }
            if input.optional {
                port["required"] = json!(false);
            }
            ports.push(port);
        }
    }
    Json::Array(ports)
}

/// What a step reads, without the list it fans out over: readers of this form know it by the name of its item.
fn reads(row: &StepRow, list: Option<&str>) -> impl Iterator<Item = AttributeId> {
    let is_list = move |input: &InputRow| input.mode == "each" && Some(input.alias.as_str()) == list;
    once_each(row.inputs.iter().filter(move |input| !is_list(input)).map(|input| input.attribute_id))
}

/// The attribute each step fans out over, by section and step.
fn lists(workflow: &Workflow) -> HashMap<(&str, &str), &str> {
    let steps =
        workflow.sections.iter().flat_map(|section| section.steps.iter().map(move |step| (section, step)));
    steps
        .filter_map(|(section, step)| {
            let list = step.spread.for_each.as_ref()?.list.split('.').next()?;
            Some(((section.name.as_str(), step.name.as_str()), list))
        })
        .collect()
}

fn once_each<T: Copy + Ord>(ids: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = std::collections::BTreeSet::new();
    ids.filter(move |id| seen.insert(*id))
}

/// Lists what a definition holds beside names, order, prompts and ports.
fn left_out(workflow: &Workflow) -> ImportReport {
    let mut report = ImportReport::default();
    let known = ["name", "description", "attributes", "sections"];
    list(workflow, &known, "workflow", &mut report);
    for (name, attribute) in &workflow.attributes {
        let place = format!("attribute {name}");
        list(attribute, &["type"], &place, &mut report);
        if matches!(attribute.value_type, TypeExpression::Schema(_)) {
            report.left_out(place, "this form has no place for the shape of its values");
        }
    }
    for section in &workflow.sections {
        list(section, &["name", "description", "steps"], &section.name, &mut report);
        for step in &section.steps {
            let known = ["name", "description", "prompt", "prompt_file", "inputs", "outputs"];
            list(step, &known, &format!("{} / {}", section.name, step.name), &mut report);
        }
    }
    report
}

fn list(part: &impl serde::Serialize, known: &[&str], place: &str, report: &mut ImportReport) {
    let Ok(Json::Object(fields)) = serde_json::to_value(part) else { return };
    let others: Vec<_> =
        fields.keys().filter(|key| !known.contains(&key.as_str())).map(|key| format!("`{key}`")).collect();
    if !others.is_empty() {
        report.left_out(place, format!("this form has no place for {}", others.join(", ")));
    }
}

/// A run with everything under it, in the order of its step runs.
pub struct RunParts<'a> {
    /// The run.
    pub run: &'a WorkflowRun,
    /// The version it ran.
    pub version: &'a WorkflowVersion,
    /// Its section runs, in order.
    pub section_runs: &'a [SectionRun],
    /// Its step runs, in reference order and then by branch.
    pub step_runs: &'a [StepRun],
    /// Its values.
    pub values: &'a [ValueView],
}

/// A run in the form with ids. Values are the stored texts: a list is one JSON text.
pub fn run_document(parts: &RunParts<'_>) -> Json {
    let mut values: BTreeMap<_, Vec<Json>> = BTreeMap::new();
    for view in parts.values {
        let value = &view.value;
        let row = json!({ "id": value.attribute_id, "name": view.attribute, "value": value.value });
        values.entry(value.step_run_id).or_default().push(row);
    }
    let sections: HashMap<_, _> = parts.version.sections.iter().map(|row| (row.id, row)).collect();
    let steps: HashMap<_, _> =
        parts.version.sections.iter().flat_map(|section| &section.steps).map(|row| (row.id, row)).collect();
    let section_runs = parts.section_runs.iter().map(|section_run| {
        let step_runs = parts.step_runs.iter().filter(|step_run| step_run.section_run_id == section_run.id);
        let step_runs = step_runs.map(|step_run| {
            json!({
                "id": step_run.id, "step_id": step_run.step_id,
                "step": steps.get(&step_run.step_id).map(|row| &row.name),
                "branch_number": step_run.branch_number, "branch_path": step_run.branch_path.to_string(),
                "variant": step_run.variant, "sample": step_run.sample, "label": step_run.label,
                "status": step_run.status, "tolerated": step_run.tolerated, "error": step_run.error,
                "attribute_values": values.remove(&step_run.id).unwrap_or_default(),
            })
        });
        let step_runs: Json = step_runs.map(without_nulls).collect();
        without_nulls(json!({
            "id": section_run.id, "section_id": section_run.section_id,
            "section": sections.get(&section_run.section_id).map(|row| &row.name),
            "item_index": section_run.item_index, "iteration": section_run.iteration, "label": section_run.label,
            "status": section_run.status, "step_runs": step_runs,
        }))
    });
    let section_runs: Json = section_runs.collect();
    without_nulls(json!({
        "format": RUN_IDS_FORMAT, "id": parts.run.id, "workflow_id": parts.run.workflow_id,
        "workflow": parts.version.name, "version": parts.version.version, "label": parts.run.label,
        "status": parts.run.status, "reason": parts.run.reason, "section_runs": section_runs,
    }))
}

fn without_nulls(object: Json) -> Json {
    match object {
        Json::Object(fields) => {
            Json::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}
