//! What calls cost.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Add;

use branchline_schema_model::money::MicroDollars;
use branchline_schema_model::plan::{LevelKind, Plan, PlanStep};
use branchline_schema_model::run::Usage;

use super::Known;
use super::amount::Amount;
use super::tokens::CallForecast;
use crate::provider::ModelTarget;

/// What is known of a cost, and what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// The least and the most of the part whose prices are known.
    pub known: (MicroDollars, MicroDollars),
    /// Models that are called and have no price.
    pub unpriced: BTreeSet<String>,
    /// Models that are called and have one, with the day it was looked up; empty for what is free by its nature.
    pub priced: BTreeMap<String, String>,
}

impl Add for Cost {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.known = (self.known.0 + other.known.0, self.known.1 + other.known.1);
        self.unpriced.extend(other.unpriced);
        self.priced.extend(other.priced);
        self
    }
}

/// The model that each variant of a step calls first, or the only one; each gets the same share of the calls. An alias
/// of nothing stays what it is.
pub(super) fn models(plan: &Plan, step: &PlanStep, known: &Known<'_>) -> Vec<Result<ModelTarget, String>> {
    let variants = step.scope.iter().filter_map(|level| match &plan.level(*level).kind {
        LevelKind::Candidates(candidates) if step.opens.contains(level) => Some(&candidates.variants),
        _ => None,
    });
    let own = step.model.as_deref();
    let mut names: Vec<Option<&str>> =
        variants.flatten().map(|variant| variant.model.as_deref().or(own)).collect();
    if names.is_empty() {
        names.push(own);
    }
    let target = |name: Option<&str>| {
        let name = known.model.or(name).ok_or_else(|| "no model".to_owned())?;
        known.config.first_target(name).ok_or_else(|| name.to_owned())
    };
    names.into_iter().map(target).collect()
}

pub(super) fn of_step(
    plan: &Plan,
    step: &PlanStep,
    calls: &Amount,
    call: &CallForecast,
    known: &Known<'_>,
) -> Cost {
    let models = models(plan, step, known);
    let share = models.len() as u64;
    let mut cost = Cost::default();
    let (low, high) = calls.bounds();
    if high == 0 {
        return cost;
    }
    for model in models {
        let price = model.as_ref().ok().and_then(|target| known.config.price(target));
        let name = model.map_or_else(|name| name, |target| target.to_string());
        let Some(price) = price else {
            cost.unpriced.insert(name);
            continue;
        };
        let of = |calls: u64, input: u64, output: u64| {
            let calls = calls / share;
            price.cost(&Usage {
                input_tokens: calls.saturating_mul(input),
                output_tokens: calls.saturating_mul(output),
                ..Usage::default()
            })
        };
        cost.known.0 += of(low, call.input.low, call.output.low);
        cost.known.1 += of(high, call.input.high, call.output.high);
        cost.priced.insert(name, price.as_of);
    }
    cost
}
