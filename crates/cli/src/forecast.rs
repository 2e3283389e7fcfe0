//! What a run will come to, as far as it can be known before it starts: branches and model calls per step.

use std::collections::BTreeMap;
use std::fmt;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{FanOut, LevelKind, Plan, PlanStep, ReadSource, StepIndex, Writer};
use serde_json::Value as Json;

/// A number of things: known factors, and lists whose length only the run will tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    known: u64,
    unknown: Vec<String>,
}

impl Amount {
    const ONE: Self = Self { known: 1, unknown: Vec::new() };

    /// The number, when nothing is unknown.
    pub(crate) fn known(&self) -> Option<u64> {
        (self.unknown.is_empty() || self.known == 0).then_some(self.known)
    }
}

/// `3`, `n(openings)`, `2 × n(openings)`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut factors: Vec<String> = self.unknown.iter().map(|list| format!("n({list})")).collect();
        if self.known().is_some() || self.known != 1 {
            factors.insert(0, self.known.to_string());
        }
        f.write_str(&factors.join(" × "))
    }
}

/// How many branches a step has; 1 outside any fan-out.
pub(crate) fn branches(plan: &Plan, step: &PlanStep, inputs: &BTreeMap<String, Json>) -> Amount {
    let mut amount = Amount::ONE;
    for level in &step.scope {
        let level = plan.level(*level);
        match &level.kind {
            LevelKind::Each(fan_out) => match list_length(plan, level.opener, fan_out, inputs) {
                Ok(length) => amount.known *= length,
                Err(list) => amount.unknown.push(list),
            },
            LevelKind::Candidates(candidates) => amount.known *= u64::from(candidates.count()),
            LevelKind::Turns(turns) => amount.known *= u64::from(turns.max),
        }
    }
    amount
}

/// How many model calls a step makes when nothing has to be repeated.
pub(crate) fn calls(plan: &Plan, step: &PlanStep, inputs: &BTreeMap<String, Json>) -> Amount {
    if step.enabled && step.action == Action::Prompt {
        return branches(plan, step, inputs);
    }
    Amount { known: 0, ..Amount::ONE }
}

/// A sum such as `4 + 2 × n(openings)`.
pub(crate) fn sum(amounts: impl IntoIterator<Item = Amount>) -> (Option<u64>, String) {
    let mut by_lists: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for amount in amounts.into_iter().filter(|amount| amount.known > 0) {
        *by_lists.entry(amount.unknown).or_default() += amount.known;
    }
    let terms: Vec<String> = by_lists
        .iter()
        .map(|(unknown, known)| Amount { known: *known, unknown: unknown.clone() }.to_string())
        .collect();
    if by_lists.keys().any(|unknown| !unknown.is_empty()) {
        return (None, terms.join(" + "));
    }
    let total = by_lists.values().sum();
    (Some(total), total.to_string())
}

/// The length of the list a step fans out over, or the list's name.
fn list_length(
    plan: &Plan,
    opener: StepIndex,
    fan_out: &FanOut,
    inputs: &BTreeMap<String, Json>,
) -> Result<u64, String> {
    let read = &plan.step(opener).reads[fan_out.list_read];
    let name = std::iter::once(read.name.as_str()).chain(fan_out.path.iter().map(String::as_str));
    let name = name.collect::<Vec<_>>().join(".");
    let ReadSource::Value { attribute, writers } = &read.source else { return Err(name) };
    if writers.first() != Some(&Writer::here(StepIndex::INPUTS)) {
        return Err(name);
    }
    let attribute = plan.attribute(*attribute);
    let value = inputs.get(&attribute.name).or(attribute.default.as_ref());
    let list =
        fan_out.path.iter().try_fold(value.ok_or_else(|| name.clone())?, |value, field| value.get(field));
    list.and_then(Json::as_array).map(|list| list.len() as u64).ok_or(name)
}
