//! Where the values of a step come from, in words.

use std::collections::BTreeMap;

use branchline_schema_model::plan::{
    AttributeIndex, Plan, PlanRead, PlanStep, ReadRole, ReadSource, StepIndex, Writer, WriterAt,
};
use serde_json::Value as Json;

/// The reads of a step with what its conditions read; not what it only shows.
pub(super) fn reads<'a>(plan: &'a Plan, step: &'a PlanStep) -> impl Iterator<Item = &'a PlanRead> {
    let levels = step.opens.iter().filter_map(|level| plan.level(*level).kind.each());
    let conditions = step.when.iter().chain(levels.filter_map(|fan_out| fan_out.filter.as_ref()));
    let all = step.reads.iter().chain(conditions.flat_map(|condition| &condition.reads));
    all.filter(|read| read.role != ReadRole::Display)
}

/// `draft ← openings.rewrite (optional)`.
pub(super) fn in_words(plan: &Plan, read: &PlanRead, inputs: &BTreeMap<String, Json>) -> String {
    let from = match &read.source {
        ReadSource::Value { attribute, writers } => {
            let from = writers.iter().map(|writer| writer_in_words(plan, *writer, *attribute, inputs));
            from.collect::<Vec<_>>().join(" or ")
        }
        ReadSource::Item { level, .. } => format!("each of {}", plan.address(plan.level(*level).opener)),
        ReadSource::Gather { fields, .. } => {
            let writers = fields.iter().map(|field| {
                let writers = field.writers.iter().map(|writer| plan.address(*writer));
                writers.collect::<Vec<_>>().join(" or ")
            });
            format!("all branches of {}", writers.collect::<Vec<_>>().join(", "))
        }
    };
    let role = match read.role {
        ReadRole::Condition => " (condition)",
        ReadRole::SelectBy => " (score)",
        _ if read.optional => " (optional)",
        _ => "",
    };
    format!("{} ← {from}{role}", read.name)
}

fn writer_in_words(
    plan: &Plan,
    writer: Writer,
    attribute: AttributeIndex,
    inputs: &BTreeMap<String, Json>,
) -> String {
    let address = match writer.step {
        StepIndex::INPUTS => input_in_words(plan, attribute, inputs).to_owned(),
        step => plan.address(step),
    };
    match writer.at {
        WriterAt::Here => address,
        WriterAt::Earlier(level) if plan.level(level).kind.is_branching() => {
            format!("{address} of the branch before")
        }
        WriterAt::Earlier(_) => format!("{address} of the turn before"),
        WriterAt::Last(_) => format!("{address} of the last turn"),
    }
}

fn input_in_words(plan: &Plan, attribute: AttributeIndex, inputs: &BTreeMap<String, Json>) -> &'static str {
    let attribute = plan.attribute(attribute);
    match &attribute.default {
        Some(_) if !inputs.contains_key(&attribute.name) => "default",
        _ => "run input",
    }
}
