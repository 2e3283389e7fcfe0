//! What a run will come to, as far as it can be known before it starts: branches, model calls, tokens, money.
//!
//! Nothing here is a promise. A number is a range wherever the run decides, and says what it rests on: texts that were
//! counted, earlier runs of the step, bounds that the definition declares, or an assumption. A price that nobody gave
//! is unknown, never nothing.

mod amount;
mod branch;
mod cost;
mod filler;
mod history;
mod tokens;

use std::collections::BTreeMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{Plan, PlanStep, ReadSource, StepIndex};
use serde::Serialize;
use serde_json::Value as Json;

pub use self::amount::Amount;
pub use self::branch::Branches;
pub use self::cost::Cost;
pub use self::history::StepHistory;
pub use self::tokens::{Basis, CallForecast, TokenRange};
use crate::config::ProjectConfig;

/// What is known before the run.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Values of run inputs by name.
    pub inputs: &'a BTreeMap<String, Json>,
    /// Aliases, prices and contexts.
    pub config: &'a ProjectConfig,
    /// A model that replaces the one of every step.
    pub model: Option<&'a str>,
    /// What steps took in earlier runs.
    pub history: &'a [StepHistory],
}

/// What a run will come to.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// One per step of the plan, in its order.
    pub steps: Vec<StepForecast>,
    /// Tokens of all prompts.
    pub input_tokens: TokenRange,
    /// Tokens of all answers.
    pub output_tokens: TokenRange,
    /// What all calls cost.
    pub cost: Cost,
}

/// What one step will come to.
#[derive(Debug, Clone)]
pub struct StepForecast {
    /// Its step runs.
    pub branches: Branches,
    /// Model calls, when nothing has to be repeated.
    pub calls: Amount,
    /// One call; `None` for a step that calls no model.
    pub call: Option<CallForecast>,
    /// What all its calls cost.
    pub cost: Cost,
    /// Set when its prompt is likely to be longer than its model can read.
    pub over_context: Option<OverContext>,
}

/// A prompt that is likely over the context of its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverContext {
    /// `provider/model`.
    pub model: String,
    /// Tokens it can read.
    pub context_tokens: u64,
    /// Tokens of the prompt.
    pub input_tokens: TokenRange,
}

/// Looks at every step in order.
pub fn forecast(plan: &Plan, known: &Known<'_>) -> Forecast {
    let skippable = skippable(plan);
    let mut tokens = tokens::Estimator::new(plan, known);
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let branches = branch::branches(plan, step, known.inputs);
        let call = tokens.estimate(step);
        steps.push(step_forecast(plan, step, branches, call, skippable[step.index.get()], known));
    }
    let all = |range: fn(&CallForecast) -> TokenRange| {
        steps.iter().fold(TokenRange::default(), |sum, step| {
            sum + step.call.as_ref().map(range).unwrap_or_default().times(step.calls.bounds())
        })
    };
    let (input_tokens, output_tokens) = (all(|call| call.input), all(|call| call.output));
    let cost = steps.iter().fold(Cost::default(), |sum, step| sum + step.cost.clone());
    Forecast { steps, input_tokens, output_tokens, cost }
}

fn step_forecast(
    plan: &Plan,
    step: &PlanStep,
    branches: Branches,
    call: Option<CallForecast>,
    may_be_skipped: bool,
    known: &Known<'_>,
) -> StepForecast {
    let calls = match &call {
        None => Amount::exactly(0),
        Some(_) if may_be_skipped => branches.amount.clone().or_none(),
        Some(_) => branches.amount.clone(),
    };
    let cost = call.as_ref().map(|call| cost::of_step(plan, step, &calls, call, known)).unwrap_or_default();
    let over_context = call.as_ref().and_then(|call| over_context(plan, step, call, known));
    StepForecast { branches, calls, call, cost, over_context }
}

/// The model of a step with the smallest context, if the prompt is likely over it: the middle of its range counts, and
/// the room that `max_tokens` keeps for the answer.
fn over_context(plan: &Plan, step: &PlanStep, call: &CallForecast, known: &Known<'_>) -> Option<OverContext> {
    let contexts = cost::models(plan, step, known).into_iter().flatten().filter_map(|target| {
        let context_tokens = *known.config.context_tokens.get(&target)?;
        Some((context_tokens, target))
    });
    let (context_tokens, target) = contexts.min()?;
    let answer = step.parameters.max_tokens.map_or(0, u64::from);
    let is_over = call.input.middle().saturating_add(answer) > context_tokens;
    is_over.then(|| OverContext { model: target.to_string(), context_tokens, input_tokens: call.input })
}

/// By step: whether it may have no step run though nothing fails, by its own condition or for want of a value.
fn skippable(plan: &Plan) -> Vec<bool> {
    let mut skippable: Vec<bool> = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let is_certain = |writer: StepIndex| {
            let is_input = writer == StepIndex::INPUTS;
            is_input || writer >= step.index || !skippable[writer.get()]
        };
        let lacks = step.reads.iter().filter(|read| !read.optional).any(|read| match &read.source {
            ReadSource::Value { writers, .. } => !writers.iter().any(|writer| is_certain(writer.step)),
            // An empty list is a value.
            ReadSource::Item { .. } | ReadSource::Gather { .. } => false,
        });
        skippable.push(!step.when.is_empty() || lacks);
    }
    skippable
}

/// Whether a step calls a model.
fn calls_a_model(step: &PlanStep) -> bool {
    step.enabled && step.action == Action::Prompt
}

#[cfg(test)]
mod tests;
