//! What a run is going to meet that its definition cannot tell: keys that are not set, and bounds of this process.

use std::collections::BTreeMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{LevelKind, Plan, PlanStep};

use crate::context::Context;
use crate::failure::Failure;
use crate::words::counted;

/// How a run would be started.
pub(crate) struct Start<'a> {
    /// What replaces the model of every step.
    pub(crate) model: Option<&'a str>,
    /// Model calls in flight, by a flag.
    pub(crate) parallel: Option<u32>,
}

/// One sentence for each thing, in the order of the steps. They are no errors: a step may never be reached, a key may be
/// set before it is.
pub(crate) fn remarks(context: &Context, plan: &Plan, start: &Start<'_>) -> Result<Vec<String>, Failure> {
    let mut remarks = missing_keys(context, plan, start.model)?;
    remarks.extend(bounds(context, plan, start.parallel)?);
    Ok(remarks)
}

/// Every variable without the key that some step needs, with the first of these steps.
fn missing_keys(context: &Context, plan: &Plan, model: Option<&str>) -> Result<Vec<String>, Failure> {
    let catalog = context.catalog()?;
    let mut missing: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| step.enabled && step.action == Action::Prompt) {
        for name in models_of(plan, step, model) {
            // The first of a chain is always called; what stands in for it may never be.
            let Ok(chain) = catalog.resolve(name) else { continue };
            let Some(target) = chain.first() else { continue };
            let Some(variable) = catalog.missing_key(target) else { continue };
            let (_, steps) =
                missing.entry(variable.to_owned()).or_insert_with(|| (target.to_string(), Vec::new()));
            let address = plan.address(step.index);
            if steps.last() != Some(&address) {
                steps.push(address);
            }
        }
    }
    let sentence = |(variable, (target, steps)): (String, (String, Vec<String>))| {
        let others = match steps.len() as u64 - 1 {
            0 => String::new(),
            others => format!(" and at {}", counted(others, "other step")),
        };
        format!("`{variable}`, the key for `{target}`, is not set: the run pauses at `{}`{others}", steps[0])
    };
    Ok(missing.into_iter().map(sentence).collect())
}

/// The model of a step in each of its variants.
fn models_of<'a>(plan: &'a Plan, step: &'a PlanStep, replacement: Option<&'a str>) -> Vec<&'a str> {
    if let Some(model) = replacement {
        return vec![model];
    }
    let candidates = step.opens.iter().filter_map(|level| plan.level(*level).kind.candidates());
    let variants: Vec<_> = candidates.flat_map(|candidates| &candidates.variants).collect();
    if variants.is_empty() {
        return step.model.as_deref().into_iter().collect();
    }
    variants.iter().filter_map(|variant| variant.model.as_deref().or(step.model.as_deref())).collect()
}

/// Fan-outs that want more calls at a time than there may be.
fn bounds(context: &Context, plan: &Plan, parallel: Option<u32>) -> Result<Vec<String>, Failure> {
    let setting = &context.settings()?.parallel_calls;
    let bound = parallel.unwrap_or(setting.value);
    let wanted = plan.steps.iter().flat_map(|step| step.opens.iter().map(move |level| (step, level)));
    let over = wanted.filter_map(|(step, level)| match &plan.level(*level).kind {
        LevelKind::Each(fan_out) => Some((step, fan_out.parallel.filter(|wanted| *wanted > bound)?)),
        LevelKind::Candidates(_) | LevelKind::Turns(_) => None,
    });
    let sentence = |(step, wanted): (&PlanStep, u32)| {
        format!(
            "`{}` allows {wanted} branches at a time, a run makes at most {bound} calls at a time: `--parallel {wanted}`, \
             or `parallel_calls` under `[limits]`, raises that",
            plan.address(step.index)
        )
    };
    Ok(over.map(sentence).collect())
}
