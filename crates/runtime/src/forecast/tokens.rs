//! How many tokens one call of a step takes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Add;

use branchline_schema_model::definition::{Action, AttributeType};
use branchline_schema_model::plan::{
    AttributeIndex, GatherField, LevelKind, Plan, PlanRead, PlanStep, ReadRole, ReadSource, StepIndex,
};
use branchline_schema_model::prompt::BYTES_PER_TOKEN;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::filler::{Filler, is_bounded};
use super::{Known, StepHistory, branch, calls_a_model, cost};
use crate::action;
use crate::prompt::{self, Branch};

/// Tokens of a text that nothing is known of: from two sentences to a page and a half.
const TEXT_ASSUMED: TokenRange = TokenRange { low: 50, high: 1_000 };

/// Tokens of a text inside a list or an object, which is rarely more than a paragraph or two.
const PART_ASSUMED: TokenRange = TokenRange { low: 10, high: 250 };

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Low,
    High,
}

impl End {
    pub(super) const fn of(self, low: u64, high: u64) -> u64 {
        match self {
            Self::Low => low,
            Self::High => high,
        }
    }
}

/// The fewest and the most tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TokenRange {
    /// The fewest.
    pub low: u64,
    /// The most.
    pub high: u64,
}

impl TokenRange {
    /// The tokens of texts of these sizes.
    fn of_bytes(low: usize, high: usize) -> Self {
        Self {
            low: (low as u64).div_ceil(BYTES_PER_TOKEN.1),
            high: (high as u64).div_ceil(BYTES_PER_TOKEN.0),
        }
    }

    /// Each end that many times.
    #[must_use]
    pub fn times(self, (low, high): (u64, u64)) -> Self {
        Self { low: self.low.saturating_mul(low), high: self.high.saturating_mul(high) }
    }

    /// The middle.
    pub const fn middle(self) -> u64 {
        u64::midpoint(self.low, self.high)
    }

    /// The smallest range that holds both.
    #[must_use]
    pub(super) fn around(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn filler(self, end: End) -> Filler {
        // So many bytes that counting them gives the same end again.
        let bytes =
            end.of(self.low.saturating_mul(BYTES_PER_TOKEN.1), self.high.saturating_mul(BYTES_PER_TOKEN.0));
        Filler { end, text_bytes: usize::try_from(bytes).unwrap_or(usize::MAX) }
    }
}

impl From<(u64, u64)> for TokenRange {
    fn from((low, high): (u64, u64)) -> Self {
        Self { low, high }
    }
}

impl Add for TokenRange {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { low: self.low.saturating_add(other.low), high: self.high.saturating_add(other.high) }
    }
}

/// What a range rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The whole text is there and was measured.
    Measured,
    /// The template was measured, with assumed sizes of values that are not there yet.
    Assumed,
    /// The types bound it.
    Declared,
    /// `max_tokens` of the step bounds it.
    MaxTokens,
    /// The same step with the same model in so many earlier runs.
    Runs(u32),
}

/// In words, such as `last 3 runs`.
impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured => f.write_str("measured"),
            Self::Assumed => f.write_str("assumed"),
            Self::Declared => f.write_str("declared"),
            Self::MaxTokens => f.write_str("max_tokens"),
            Self::Runs(1) => f.write_str("last run"),
            Self::Runs(runs) => write!(f, "last {runs} runs"),
        }
    }
}

/// One call of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CallForecast {
    /// Tokens of the prompt.
    pub input: TokenRange,
    /// What they rest on.
    pub input_basis: Basis,
    /// Tokens of the answer; reasoning only as far as earlier runs had it.
    pub output: TokenRange,
    /// What they rest on.
    pub output_basis: Basis,
}

/// Goes through the steps in order and remembers how large the texts are that they write.
pub(super) struct Estimator<'a> {
    plan: &'a Plan,
    known: &'a Known<'a>,
    /// Tokens of one text in the values of an attribute.
    sizes: BTreeMap<AttributeIndex, TokenRange>,
}

/// What a template sees under a name: a value, or its smallest and largest form.
struct Value {
    low: Json,
    high: Json,
    is_known: bool,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(plan: &'a Plan, known: &'a Known<'a>) -> Self {
        Self { plan, known, sizes: BTreeMap::new() }
    }

    /// One call of a step; `None` if it makes none.
    pub(super) fn estimate(&mut self, step: &PlanStep) -> Option<CallForecast> {
        let prompt = step.prompt.is_some().then(|| self.prompt(step));
        let call = calls_a_model(step).then(|| self.call(step, prompt)).flatten();
        self.remember(step, prompt.map(|(range, _)| range), call);
        call
    }

    fn call(&self, step: &PlanStep, prompt: Option<(TokenRange, Basis)>) -> Option<CallForecast> {
        let (mut input, mut input_basis) = prompt?;
        let schema =
            action::output_schema(self.plan, step.index).map_or(0, |schema| schema.to_string().len());
        input = input + TokenRange::of_bytes(schema, schema);
        let (mut output, mut output_basis) = self.answer(step);
        if let Some(history) = self.history(step) {
            (output, output_basis) = (history.output, Basis::Runs(history.runs));
            if input_basis != Basis::Measured {
                (input, input_basis) = (history.input, Basis::Runs(history.runs));
            }
        }
        Some(CallForecast { input, input_basis, output, output_basis })
    }

    /// What the step took in earlier runs, when all its models are known from there.
    fn history(&self, step: &PlanStep) -> Option<StepHistory> {
        let address = self.plan.address(step.index);
        let of_models = cost::models(self.plan, step, self.known).into_iter().map(|model| {
            let model = model.ok()?.to_string();
            self.known.history.iter().find(|one| one.step == address && one.model == model).cloned()
        });
        let all: Option<Vec<StepHistory>> = of_models.collect();
        all?.into_iter().reduce(|one, other| StepHistory {
            runs: one.runs.min(other.runs),
            input: one.input.around(other.input),
            output: one.output.around(other.output),
            ..one
        })
    }

    /// Tokens of the rendered template.
    fn prompt(&self, step: &PlanStep) -> (TokenRange, Basis) {
        let reads = step.reads.iter().filter(|read| read.role == ReadRole::Prompt);
        let values: Vec<(&PlanRead, Option<Value>)> =
            reads.map(|read| (read, self.value(step, read))).collect();
        let bytes = |end: End| {
            let named = values.iter().filter_map(|(read, value)| {
                let value = value.as_ref()?;
                Some((read.name.clone(), if end == End::Low { &value.low } else { &value.high }.clone()))
            });
            let named: BTreeMap<String, Json> = named.collect();
            let branch = (!step.scope.is_empty()).then_some(Branch { number: 1, count: 1 });
            if let Ok(rendered) = prompt::render(self.plan, step.index, &named, branch) {
                return rendered.text().len();
            }
            // Too large, or not renderable with made-up values: the parts are about as large as the whole.
            let texts = named.values().map(|value| value.to_string().len()).sum::<usize>();
            step.prompt.as_ref().map_or(0, String::len) + texts
        };
        let is_known = values.iter().all(|(_, value)| value.as_ref().is_none_or(|value| value.is_known));
        let basis = if is_known { Basis::Measured } else { Basis::Assumed };
        (TokenRange::of_bytes(bytes(End::Low), bytes(End::High)), basis)
    }

    /// The value of a read; `None` when it is optional and will not be there.
    fn value(&self, step: &PlanStep, read: &PlanRead) -> Option<Value> {
        match &read.source {
            ReadSource::Value { attribute, writers } => {
                let is_input = writers.first().is_some_and(|writer| writer.step == StepIndex::INPUTS);
                match branch::given(self.plan, self.known.inputs, *attribute) {
                    Some(value) if is_input => {
                        Some(Value { low: value.clone(), high: value.clone(), is_known: true })
                    }
                    None if is_input && read.optional => None,
                    _ => Some(self.made_up(*attribute)),
                }
            }
            ReadSource::Item { attribute, .. } => {
                let items = branch::item_values(self.plan, step, self.known.inputs, *attribute);
                let size = |value: &&&Json| value.to_string().len();
                match (items.iter().min_by_key(size), items.iter().max_by_key(size)) {
                    (Some(low), Some(high)) => {
                        Some(Value { low: (*low).clone(), high: (*high).clone(), is_known: true })
                    }
                    _ => Some(self.made_up(*attribute)),
                }
            }
            ReadSource::Gather { fields, depth } => Some(self.gathered(fields, *depth)),
        }
    }

    fn made_up(&self, attribute: AttributeIndex) -> Value {
        let schema = self.plan.attribute(attribute).value_type.json_schema();
        let size = self.size(attribute);
        let value = |end: End| size.filler(end).value(&schema);
        Value { low: value(End::Low), high: value(End::High), is_known: false }
    }

    /// One element for each branch below the reader.
    fn gathered(&self, fields: &[GatherField], depth: u32) -> Value {
        let count = fields.iter().find_map(|field| field.writers.first()).map_or((1, 1), |writer| {
            let mut inner = self.plan.step(*writer).clone();
            inner.scope.drain(..(depth as usize).min(inner.scope.len()));
            inner.scope.retain(|level| !matches!(self.plan.level(*level).kind, LevelKind::Turns(_)));
            branch::branches(self.plan, &inner, self.known.inputs).amount.bounds()
        });
        let value = |end: End| {
            let one =
                |field: &GatherField| self.plan.attribute(field.attribute).value_type.element().json_schema();
            let schema = match fields {
                [field] => one(field),
                fields => {
                    let name = |field: &GatherField| self.plan.attribute(field.attribute).name.clone();
                    let properties: Map<_, _> =
                        fields.iter().map(|field| (name(field), one(field))).collect();
                    json!({ "type": "object", "properties": properties })
                }
            };
            let size = fields.first().map_or(PART_ASSUMED, |field| self.size(field.attribute));
            size.filler(end).list(&schema, end.of(count.0, count.1))
        };
        Value { low: value(End::Low), high: value(End::High), is_known: false }
    }

    /// Tokens of one text in the values of an attribute.
    fn size(&self, attribute: AttributeIndex) -> TokenRange {
        let assumed = || assumed(&self.plan.attribute(attribute).value_type);
        self.sizes.get(&attribute).copied().unwrap_or_else(assumed)
    }

    /// Tokens of the answer, from the types of the outputs and `max_tokens`.
    fn answer(&self, step: &PlanStep) -> (TokenRange, Basis) {
        let types = || step.writes.iter().map(|output| &self.plan.attribute(*output).value_type);
        let is_structured = action::output_schema(self.plan, step.index).is_some();
        let mut range = TokenRange::default();
        for output in &step.writes {
            let attribute = self.plan.attribute(*output);
            let schema = attribute.value_type.json_schema();
            let size = |end: End| assumed(&attribute.value_type).filler(end).value(&schema);
            let bytes = |value: Json| match value.as_str() {
                Some(text) if !is_structured => text.len(),
                _ => json!({ &attribute.name: value }).to_string().len(),
            };
            range = range + TokenRange::of_bytes(bytes(size(End::Low)), bytes(size(End::High)));
        }
        if step.writes.is_empty() {
            range = TEXT_ASSUMED;
        }
        let is_declared = !step.writes.is_empty() && types().all(|one| is_bounded(&one.json_schema()));
        let basis = if is_declared { Basis::Declared } else { Basis::Assumed };
        match max_tokens(self.plan, step) {
            Some(most) if !is_declared || most < range.high => {
                (TokenRange { low: range.low.min(most), high: most }, Basis::MaxTokens)
            }
            _ => (range, basis),
        }
    }

    /// Keeps the size of what a step writes, for its readers.
    fn remember(&mut self, step: &PlanStep, prompt: Option<TokenRange>, call: Option<CallForecast>) {
        let from =
            step.task.as_ref().and_then(|task| task.from).or(step.select.as_ref().map(|select| select.from));
        let chosen = from.and_then(|from| step.reads[from].source.attributes().first().copied());
        let gathered = || step.reads.first().and_then(|read| read.source.attributes().first().copied());
        let plain = |output: &AttributeIndex| self.plan.attribute(*output).value_type.is_plain_text();
        let size = match (&step.action, call, step.writes.as_slice()) {
            (Action::Prompt, Some(call), [output]) if plain(output) => Some(call.output),
            (Action::Template, _, [output]) if plain(output) => prompt,
            (Action::Choose | Action::Select, ..) => chosen.map(|attribute| self.size(attribute)),
            (Action::Gather, _, [_]) => gathered().map(|attribute| self.size(attribute)),
            _ => None,
        };
        let items = step.opens.iter().filter_map(|level| self.plan.level(*level).kind.each());
        let items: Vec<(AttributeIndex, Option<AttributeIndex>)> = items
            .map(|fan_out| {
                let list = step.reads[fan_out.list_read].source.attributes().first().copied();
                (fan_out.item, list.filter(|_| fan_out.path.is_empty()))
            })
            .collect();
        for (item, list) in items {
            if let Some(size) = list.and_then(|list| self.sizes.get(&list).copied()) {
                self.sizes.insert(item, size);
            }
        }
        for output in &step.writes {
            match size {
                Some(size) => self.sizes.insert(*output, size),
                None => self.sizes.remove(output),
            };
        }
    }
}

/// The size of a text that nothing is known of, by where it stands.
fn assumed(value_type: &AttributeType) -> TokenRange {
    if value_type.is_plain_text() { TEXT_ASSUMED } else { PART_ASSUMED }
}

/// The largest `max_tokens` of a step and its variants, if all have one.
fn max_tokens(plan: &Plan, step: &PlanStep) -> Option<u64> {
    let variants = step.opens.iter().flat_map(|level| match &plan.level(*level).kind {
        LevelKind::Candidates(candidates) => candidates.variants.as_slice(),
        LevelKind::Each(_) | LevelKind::Turns(_) => &[],
    });
    let mut bounds: Vec<Option<u32>> = variants.map(|variant| variant.parameters.max_tokens).collect();
    if bounds.is_empty() {
        bounds.push(step.parameters.max_tokens);
    }
    let bounds: Option<Vec<u32>> = bounds.into_iter().collect();
    bounds?.into_iter().max().map(u64::from)
}
