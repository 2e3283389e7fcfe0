//! From a plan to the rows of a workflow version.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{AttributeIndex, LevelKind, Plan, PlanRead, PlanStep, ReadRole, ReadSource};
use crate::definition::{Action, OnError, Workflow};
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
            // The author's steps count from 1; an implicit `each` before them is 0, `until` comes behind them.
            steps: (u32::from(steps.as_slice().first().is_none_or(|step| step.action != Action::Each))..)
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
    let conditions = step.when.iter().flat_map(|condition| &condition.reads);
    let filters = step.opens.iter().filter_map(|level| plan.level(*level).kind.each()?.filter.as_ref());
    let reads = step.reads.iter().chain(conditions).chain(filters.flat_map(|filter| &filter.reads));
    let mut seen = std::collections::BTreeSet::new();
    // A name that both the prompt and a condition read is one input.
    let inputs = reads
        .flat_map(|read| input_rows(read, attributes))
        .filter(|row| seen.insert((row.attribute_id, row.alias.clone())));
    let inputs = inputs.zip(0..).collect::<Vec<_>>().into_iter();
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
        options: options(plan, step),
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
fn options(plan: &Plan, step: &PlanStep) -> Json {
    let fan_out = plan.fan_out(step.index);
    let mut kinds = step.opens.iter().map(|level| &plan.level(*level).kind);
    let candidates = kinds.find_map(LevelKind::candidates);
    let turns = step.opens.iter().find_map(|level| match &plan.level(*level).kind {
        LevelKind::Turns(turns) => Some(turns),
        LevelKind::Each(_) | LevelKind::Candidates(_) => None,
    });
    let names = |indices: &[AttributeIndex]| -> Option<Vec<&str>> {
        let names = indices.iter().map(|index| plan.attribute(*index).name.as_str());
        (!indices.is_empty()).then(|| names.collect())
    };
    let after: Vec<String> = step.after.iter().map(|earlier| plan.address(*earlier)).collect();
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
    add("at_least", serde_json::to_value(fan_out.and_then(|fan_out| fan_out.at_least)));
    add("label", serde_json::to_value(fan_out.and_then(|fan_out| fan_out.label.as_ref())));
    add("carry", serde_json::to_value(fan_out.and_then(|fan_out| names(&fan_out.carry))));
    let filter = fan_out.and_then(|fan_out| fan_out.filter.as_ref());
    add("where", serde_json::to_value(filter.map(|filter| &filter.text)));
    add("repeat", serde_json::to_value(turns));
    add("after", serde_json::to_value((!after.is_empty()).then_some(after)));
    add("effect", serde_json::to_value(step.effect.then_some(true)));
    let when: Vec<&str> = step.when.iter().map(|condition| condition.text.as_str()).collect();
    add("when", serde_json::to_value((!when.is_empty()).then_some(when)));
    add("variants", serde_json::to_value(candidates.map(|candidates| &candidates.variants)));
    add("samples", serde_json::to_value(candidates.map(|candidates| candidates.samples)));
    add("select", serde_json::to_value(&step.select));
    add("assert", serde_json::to_value((!step.asserts.is_empty()).then_some(&step.asserts)));
    add("on_error", serde_json::to_value((step.on_error != OnError::Fail).then_some(step.on_error)));
    add("with", serde_json::to_value(&step.with));
    Json::Object(options)
}
