//! The plan for programs: `branchline.plan/1`.

use branchline_runtime::forecast::{Amount, CallForecast, Cost, StepForecast, TokenRange};
use branchline_schema_model::check::PROMPT_OVER_CONTEXT;
use branchline_schema_model::plan::{AttributeIndex, Plan, PlanRead, PlanStep, ReadSource};
use serde_json::{Value as Json, json};

use super::{Outlook, source};

pub(super) fn render(outlook: &Outlook<'_>) -> Json {
    let (plan, forecast) = (&outlook.loaded.plan, &outlook.forecast);
    let steps = plan.steps.iter().zip(&forecast.steps).skip(1);
    let run_inputs = plan.run_inputs().map(|(attribute, input)| {
        json!({
            "name": attribute.name, "type": attribute.value_type.to_string(), "required": input.required,
            "given": outlook.inputs.contains_key(&attribute.name), "default": attribute.default,
            "description": attribute.description,
        })
    });
    let calls = || forecast.steps.iter().map(|step| &step.calls);
    let exact: Option<u64> = calls().map(Amount::exact).sum();
    let bounds = calls()
        .map(Amount::bounds)
        .fold((0u64, 0u64), |sum, bounds| (sum.0.saturating_add(bounds.0), sum.1.saturating_add(bounds.1)));
    let warnings = plan.steps.iter().zip(&forecast.steps).filter_map(|(step, forecast)| {
        let over = forecast.over_context.as_ref()?;
        Some(json!({ "code": PROMPT_OVER_CONTEXT, "step": plan.address(step.index), "details": over }))
    });
    json!({
        "format": "branchline.plan/1", "workflow": plan.workflow,
        "inputs": run_inputs.collect::<Vec<_>>(),
        "steps": steps.map(|(step, forecast)| step_json(plan, step, forecast)).collect::<Vec<_>>(),
        "outputs": plan.outputs.iter().map(|read| &read.name).collect::<Vec<_>>(),
        "calls": exact, "calls_range": bounds, "calls_formula": Amount::sum(calls()),
        "input_tokens": range(forecast.input_tokens), "output_tokens": range(forecast.output_tokens),
        "cost": cost(&forecast.cost), "warnings": warnings.collect::<Vec<_>>(), "remarks": outlook.remarks,
    })
}

fn step_json(plan: &Plan, step: &PlanStep, forecast: &StepForecast) -> Json {
    let branches = &forecast.branches.amount;
    json!({
        "address": plan.address(step.index), "name": step.name, "action": step.action, "enabled": step.enabled,
        "model": step.model, "fans_out": !step.opens.is_empty(), "branch_levels": step.scope.len(),
        "when": step.when.iter().map(|condition| &condition.text).collect::<Vec<_>>(),
        "branches": branches.exact(), "branches_formula": branches.to_string(), "levels": forecast.branches.levels,
        "calls": forecast.calls.exact(), "calls_range": forecast.calls.bounds(),
        "calls_formula": forecast.calls.to_string(),
        "call": forecast.call.as_ref().map(call_json), "cost": forecast.call.map(|_| cost(&forecast.cost)),
        "waits_for_person": step.enabled && step.action.is_human(),
        "reads": source::reads(plan, step).map(|read| read_json(plan, read)).collect::<Vec<_>>(),
        "writes": names(plan, &step.writes),
    })
}

fn call_json(call: &CallForecast) -> Json {
    json!({
        "input_tokens": range(call.input), "input_basis": call.input_basis.to_string(),
        "output_tokens": range(call.output), "output_basis": call.output_basis.to_string(),
    })
}

fn range(range: TokenRange) -> [u64; 2] {
    [range.low, range.high]
}

/// `usd` is `null` as long as any part is unknown.
fn cost(cost: &Cost) -> Json {
    let known = [cost.known.0, cost.known.1];
    json!({
        "usd": cost.unpriced.is_empty().then_some(known), "known_usd": (!cost.priced.is_empty()).then_some(known),
        "prices_as_of": cost.priced, "without_price": cost.unpriced,
    })
}

fn read_json(plan: &Plan, read: &PlanRead) -> Json {
    let (from, writers) = match &read.source {
        ReadSource::Value { writers, .. } => ("value", writers.iter().map(|writer| writer.step).collect()),
        ReadSource::Item { level, .. } => ("item", vec![plan.level(*level).opener]),
        ReadSource::Gather { fields, .. } => {
            ("gather", fields.iter().flat_map(|field| field.writers.clone()).collect())
        }
    };
    let writers: Vec<_> = writers.iter().map(|writer| plan.address(*writer)).collect();
    json!({
        "name": read.name, "role": read.role, "from": from,
        "attributes": names(plan, &read.source.attributes()), "writers": writers, "optional": read.optional,
    })
}

fn names(plan: &Plan, attributes: &[AttributeIndex]) -> Vec<String> {
    attributes.iter().map(|attribute| plan.attribute(*attribute).name.clone()).collect()
}
