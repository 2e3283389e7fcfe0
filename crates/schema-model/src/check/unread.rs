//! Values that nothing reads: written for nobody, or overwritten before anybody looked.

use std::collections::{BTreeSet, HashSet};

use super::code;
use super::report::Report;
use super::symbol::Symbols;
use crate::plan::{AttributeIndex, LevelKind, Plan, PlanRead, ReadSource, StepIndex};

/// Warns of every value of a sound plan that no step, no condition and no workflow output can see.
/// `misspelt` were told of already.
pub(super) fn check(
    symbols: &Symbols<'_>,
    plan: &Plan,
    misspelt: &BTreeSet<AttributeIndex>,
    report: &mut Report<'_>,
) {
    let seen = seen(plan);
    let mut writers: Vec<Vec<StepIndex>> = vec![Vec::new(); symbols.all.len()];
    for step in plan.steps.iter().filter(|step| step.enabled && step.index != StepIndex::INPUTS) {
        for attribute in &step.writes {
            writers[attribute.get()].push(step.index);
        }
    }
    for (index, steps) in (0..).map(AttributeIndex).zip(&writers) {
        for (at, step) in steps.iter().enumerate() {
            // What an effect reports is kept for the record.
            if !seen.contains(&(index, *step)) && !plan.step(*step).effect && !misspelt.contains(&index) {
                unread(symbols, plan, index, steps, at, report);
            }
        }
    }
}

fn unread(
    symbols: &Symbols<'_>,
    plan: &Plan,
    attribute: AttributeIndex,
    steps: &[StepIndex],
    at: usize,
    report: &mut Report<'_>,
) {
    let symbol = symbols.at(attribute);
    let name = |at: usize| plan.step(steps[at]).name.as_str();
    let place =
        |at: usize, label: &str| symbol.writers.get(at).and_then(|pointer| report.value(pointer, label));
    if at + 1 == steps.len() {
        let message = format!("nothing reads the `{}` that `{}` writes", symbol.name, name(at));
        let fix = "read it in a later step, name it under `outputs` of the workflow, or remove it";
        report.add(code::UNREAD_OUTPUT, message, [place(at, "")], fix);
    } else {
        let message = format!(
            "`{}` overwrites the `{}` of `{}` before anything reads it",
            name(at + 1),
            symbol.name,
            name(at)
        );
        let fix = format!("give one of them another name, or let `{}` read `{}`", name(at + 1), symbol.name);
        report.add(
            code::OVERWRITTEN_UNREAD,
            message,
            [place(at, ""), place(at + 1, "overwritten here")],
            fix,
        );
    }
}

/// Every value that a read may see, by attribute and writer.
fn seen(plan: &Plan) -> HashSet<(AttributeIndex, StepIndex)> {
    reads(plan).flat_map(sources).collect()
}

/// Every read of a run: of steps, conditions and results.
pub(super) fn reads(plan: &Plan) -> impl Iterator<Item = &PlanRead> {
    let filters = plan.levels.iter().filter_map(|level| match &level.kind {
        LevelKind::Each(fan_out) => fan_out.filter.as_ref(),
        LevelKind::Candidates(_) | LevelKind::Turns(_) => None,
    });
    let steps = plan.steps.iter().filter(|step| step.enabled);
    let conditions = steps.clone().flat_map(|step| &step.when).chain(filters);
    let reads = steps.flat_map(|step| &step.reads).chain(conditions.flat_map(|condition| &condition.reads));
    reads.chain(&plan.outputs)
}

fn sources(read: &PlanRead) -> Vec<(AttributeIndex, StepIndex)> {
    match &read.source {
        ReadSource::Value { attribute, writers } => {
            writers.iter().map(|writer| (*attribute, writer.step)).collect()
        }
        ReadSource::Item { .. } => Vec::new(),
        ReadSource::Gather { fields, .. } => {
            let writers =
                fields.iter().flat_map(|field| field.writers.iter().map(|step| (field.attribute, *step)));
            writers.collect()
        }
    }
}
