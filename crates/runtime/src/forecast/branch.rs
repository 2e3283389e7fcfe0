//! How many step runs a step has.

use std::collections::BTreeMap;

use branchline_schema_model::limits::BRANCHES_MAX;
use branchline_schema_model::plan::{
    AttributeIndex, Candidates, FanOut, LevelKind, Plan, PlanRead, PlanStep, ReadSource, StepIndex, Turns,
};
use serde_json::Value as Json;

use super::amount::{Amount, UnknownList};

/// How long a list is taken to be when nothing is known of it: what a model is usually asked for.
const LIST_LENGTH_ASSUMED: (u64, u64) = (1, 10);

/// The step runs of a step.
#[derive(Debug, Clone)]
pub struct Branches {
    /// How many.
    pub amount: Amount,
    /// Level by level, for people: `n(openings)`, `2 variants × 2 samples`, `up to 3 turns`.
    pub levels: Vec<String>,
}

/// Values of items in each branch, as far as they are known.
type Place<'a> = BTreeMap<AttributeIndex, &'a Json>;

/// The levels of a step while they are multiplied.
struct Spread<'a> {
    plan: &'a Plan,
    inputs: &'a BTreeMap<String, Json>,
    places: Vec<Place<'a>>,
    factor: (u64, u64),
    lists: Vec<UnknownList>,
    levels: Vec<String>,
}

pub(super) fn branches<'a>(plan: &'a Plan, step: &PlanStep, inputs: &'a BTreeMap<String, Json>) -> Branches {
    let spread = spread(plan, step, inputs);
    let count = spread.places.len() as u64;
    let known = (spread.factor.0.saturating_mul(count), spread.factor.1.saturating_mul(count));
    Branches { amount: Amount::new(known, spread.lists), levels: spread.levels }
}

/// The values that an item takes in the branches of a step, as far as they are known.
pub(super) fn item_values<'a>(
    plan: &'a Plan,
    step: &PlanStep,
    inputs: &'a BTreeMap<String, Json>,
    item: AttributeIndex,
) -> Vec<&'a Json> {
    spread(plan, step, inputs).places.iter().filter_map(|place| place.get(&item).copied()).collect()
}

/// The shortest and the longest a list may be by its schema, or is taken to be.
pub(super) fn list_bounds(schema: &Json) -> (u64, u64) {
    let bound = |key: &str| schema.get(key).and_then(Json::as_u64);
    let (low, high) = (bound("minItems"), bound("maxItems"));
    let low = low.unwrap_or(LIST_LENGTH_ASSUMED.0);
    let high = high.unwrap_or(LIST_LENGTH_ASSUMED.1.max(low));
    (low.min(high), high)
}

fn spread<'a>(plan: &'a Plan, step: &PlanStep, inputs: &'a BTreeMap<String, Json>) -> Spread<'a> {
    let mut spread = Spread {
        plan,
        inputs,
        places: vec![Place::new()],
        factor: (1, 1),
        lists: Vec::new(),
        levels: Vec::new(),
    };
    for level in &step.scope {
        let level = plan.level(*level);
        match &level.kind {
            LevelKind::Each(fan_out) => {
                spread.each(&plan.step(level.opener).reads[fan_out.list_read], fan_out);
            }
            LevelKind::Candidates(candidates) => spread.candidates(candidates),
            LevelKind::Turns(turns) => spread.turns(turns),
        }
    }
    spread
}

impl<'a> Spread<'a> {
    fn each(&mut self, read: &'a PlanRead, fan_out: &'a FanOut) {
        let lists: Option<Vec<&'a Vec<Json>>> =
            self.places.iter().map(|place| self.list(read, fan_out, place)).collect();
        match lists {
            Some(lists) if lists.iter().map(|list| list.len()).sum::<usize>() <= BRANCHES_MAX => {
                let places = self.places.iter().zip(lists).flat_map(|(place, list)| {
                    list.iter().map(|element| {
                        let mut place = place.clone();
                        place.insert(fan_out.item, element);
                        place
                    })
                });
                self.places = places.collect();
                self.levels.push(self.places.len().to_string());
            }
            _ => {
                let name = std::iter::once(read.name.as_str()).chain(fan_out.path.iter().map(String::as_str));
                let name = name.collect::<Vec<_>>().join(".");
                self.levels.push(format!("n({name})"));
                self.lists.push(UnknownList { name, bounds: list_bounds(&self.list_schema(read, fan_out)) });
            }
        }
        if fan_out.filter.is_some() {
            self.factor.0 = 0;
            if let Some(level) = self.levels.last_mut() {
                *level = format!("up to {level}");
            }
        }
    }

    /// The elements of a list in a branch, when its value is known.
    fn list(&self, read: &PlanRead, fan_out: &FanOut, place: &Place<'a>) -> Option<&'a Vec<Json>> {
        let value = match &read.source {
            ReadSource::Value { attribute, writers } if writers.first()?.step == StepIndex::INPUTS => {
                given(self.plan, self.inputs, *attribute)?
            }
            ReadSource::Item { attribute, .. } => *place.get(attribute)?,
            ReadSource::Value { .. } | ReadSource::Gather { .. } => return None,
        };
        fan_out.path.iter().try_fold(value, |value, field| value.get(field))?.as_array()
    }

    /// What the types say of a list.
    fn list_schema(&self, read: &PlanRead, fan_out: &FanOut) -> Json {
        let attribute = read.source.attributes().into_iter().next();
        let schema = attribute.map(|attribute| self.plan.attribute(attribute).value_type.json_schema());
        let field = |schema: Json, name: &String| schema.get("properties")?.get(name).cloned();
        schema.and_then(|schema| fan_out.path.iter().try_fold(schema, field)).unwrap_or_default()
    }

    fn candidates(&mut self, candidates: &Candidates) {
        let variants =
            (!candidates.variants.is_empty()).then(|| format!("{} variants", candidates.variants.len()));
        let samples = (candidates.samples > 1).then(|| format!("{} samples", candidates.samples));
        self.levels.extend(variants.into_iter().chain(samples));
        let count = u64::from(candidates.count());
        self.factor = (self.factor.0.saturating_mul(count), self.factor.1.saturating_mul(count));
    }

    fn turns(&mut self, turns: &Turns) {
        let max = u64::from(turns.max);
        let min = if turns.until.is_some() { 1 } else { max };
        let up_to = if turns.until.is_some() { "up to " } else { "" };
        self.levels.push(format!("{up_to}{max} turns"));
        self.factor = (self.factor.0.saturating_mul(min), self.factor.1.saturating_mul(max));
    }
}

/// The value a run input will have: the given one, else the default.
pub(super) fn given<'a>(
    plan: &'a Plan,
    inputs: &'a BTreeMap<String, Json>,
    attribute: AttributeIndex,
) -> Option<&'a Json> {
    let attribute = plan.attribute(attribute);
    inputs.get(&attribute.name).or(attribute.default.as_ref())
}
