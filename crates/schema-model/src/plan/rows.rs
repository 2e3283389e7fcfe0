//! From a plan to the rows of a workflow version.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{FanOut, Plan, PlanRead, PlanStep, ReadRole, ReadSource};
use crate::definition::Workflow;
use crate::id::{AttributeId, SectionId, StepId, WorkflowId};
use crate::store::{AttributeRow, InputRow, OutputRow, SectionRow, StepRow, WorkflowVersion};
use crate::time::Timestamp;

/// The rows of a checked definition, in plan order. The version number is set when it is saved.
pub fn workflow_version(
    workflow: &Workflow,
    plan: &Plan,
    new_uuid: &mut dyn FnMut() -> Uuid,
    created_at: Timestamp,
) -> WorkflowVersion {
    let attributes: Vec<AttributeRow> = plan
        .attributes
        .iter()
        .map(|attribute| AttributeRow {
            id: AttributeId::from_uuid(new_uuid()),
            name: attribute.name.clone(),
            description: attribute.description.clone(),
            value_type: attribute.value_type.clone(),
            default_value: attribute.default.clone(),
        })
        .collect();
    let sections = (0..).zip(&plan.sections).map(|(order, section)| {
        let first = section.first_step.get();
        let steps = plan.steps[first..first + section.step_count as usize].iter();
        SectionRow {
            id: SectionId::from_uuid(new_uuid()),
            name: section.name.clone(),
            slug: section.slug.clone(),
            description: section.description.clone(),
            order,
            steps: (1..)
                .zip(steps)
                .map(|(order, step)| step_row(plan, step, order, &attributes, new_uuid))
                .collect(),
        }
    });
    let sections = sections.collect();
    WorkflowVersion {
        id: WorkflowId::from_uuid(new_uuid()),
        name: workflow.name.clone(),
        description: workflow.description.clone(),
        version: 0,
        content_hash: workflow.content_hash(),
        document: workflow.to_canonical_json(),
        created_at,
        sections,
        attributes,
    }
}

fn step_row(
    plan: &Plan,
    step: &PlanStep,
    order: u32,
    attributes: &[AttributeRow],
    new_uuid: &mut dyn FnMut() -> Uuid,
) -> StepRow {
    let inputs = step.reads.iter().flat_map(|read| input_rows(read, attributes)).zip(0..);
    let outputs = step.writes.iter().zip(0..);
    StepRow {
        id: StepId::from_uuid(new_uuid()),
        name: step.name.clone(),
        slug: step.slug.clone(),
        description: step.description.clone(),
        order,
        prompt: step.prompt.clone().unwrap_or_default(),
        action: step.action.name().to_owned(),
        enabled: step.enabled,
        options: options(step, plan.fan_out(step.index)),
        inputs: inputs.map(|(row, position)| InputRow { position, ..row }).collect(),
        outputs: outputs
            .map(|(index, position)| OutputRow { attribute_id: attributes[index.get()].id, position })
            .collect(),
    }
}

fn input_rows<'a>(read: &'a PlanRead, attributes: &'a [AttributeRow]) -> impl Iterator<Item = InputRow> + 'a {
    let mode = match (&read.source, read.role) {
        (ReadSource::Gather { .. }, _) => "gather",
        (ReadSource::Item { .. }, _) | (_, ReadRole::ForEach) => "each",
        (ReadSource::Value { .. }, _) => "value",
    };
    read.source.attributes().into_iter().map(move |index| InputRow {
        attribute_id: attributes[index.get()].id,
        position: 0,
        alias: read.name.clone(),
        mode: mode.to_owned(),
        required: !read.optional && read.role != ReadRole::Display,
    })
}

/// What the contract columns do not say, as JSON for people who query it; the document is what runs.
fn options(step: &PlanStep, fan_out: Option<&FanOut>) -> Json {
    let mut options = Map::new();
    let mut add = |name: &str, value: serde_json::Result<Json>| {
        if let Ok(value) = value
            && !value.is_null()
            && value.as_object().is_none_or(|fields| !fields.is_empty())
        {
            options.insert(name.to_owned(), value);
        }
    };
    add("model", serde_json::to_value(&step.model));
    add("parameters", serde_json::to_value(&step.parameters));
    add("retry", serde_json::to_value(&step.retry));
    add("timeout_ms", serde_json::to_value(step.timeout_ms));
    add("parallel", serde_json::to_value(fan_out.and_then(|fan_out| fan_out.parallel)));
    add("with", serde_json::to_value(&step.with));
    Json::Object(options)
}
