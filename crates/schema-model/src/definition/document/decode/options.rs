//! What stands beside the prompt of a step: model parameters, the question for a person, retries.

use super::fields::Fields;
use super::{Decoder, value};
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::{Choice, ModelParameters, Retry};
use crate::limits::{ATTEMPTS_DEFAULT, ATTEMPTS_MAX};

impl Decoder<'_> {
    pub(super) fn parameters_into(
        &mut self,
        parameters: &mut ModelParameters,
        fields: &mut Fields<'_>,
        pointer: &str,
    ) {
        let at = |key: &str| format!("{pointer}/{key}");
        self.fill(
            &mut parameters.temperature,
            fields.take("temperature"),
            &at("temperature"),
            |report, node, key| value::number(report, node, key, 0.0..=10.0),
        );
        self.fill(&mut parameters.top_p, fields.take("top_p"), &at("top_p"), |report, node, key| {
            value::number(report, node, key, 0.0..=1.0)
        });
        self.fill(
            &mut parameters.max_tokens,
            fields.take("max_tokens"),
            &at("max_tokens"),
            |report, node, key| small(report, node, key, 1, u32::MAX),
        );
        self.fill(&mut parameters.seed, fields.take("seed"), &at("seed"), |report, node, key| {
            value::integer(report, node, key, 0..=u64::MAX)
        });
        if let Some(entry) = fields.take("stop") {
            let mut stop = (!parameters.stop.is_empty()).then(|| std::mem::take(&mut parameters.stop));
            self.fill_texts(&mut stop, entry, &at("stop"));
            parameters.stop = stop.unwrap_or_default();
        }
    }

    /// What a person is asked: the keys stand on the step, in the canonical document under `choice`.
    pub(super) fn choice(&mut self, fields: &mut Fields<'_>, pointer: &str) -> Choice {
        let mut choice = Choice::default();
        if let Some(entry) = fields.take("choice") {
            self.report.mark(pointer, entry);
            if let Some(mut inner) = Fields::of(&entry.value, "choice", &mut self.report) {
                self.choice_into(&mut choice, &mut inner, pointer);
                inner.finish(&mut self.report);
            }
        }
        self.choice_into(&mut choice, fields, pointer);
        choice
    }

    fn choice_into(&mut self, choice: &mut Choice, fields: &mut Fields<'_>, pointer: &str) {
        let at = |key: &str| format!("{pointer}/{key}");
        self.fill(&mut choice.from, fields.take("from"), &at("from"), value::name);
        if let Some(entry) = fields.take("show") {
            let mut show = (!choice.show.is_empty()).then(|| std::mem::take(&mut choice.show));
            self.fill_texts(&mut show, entry, &at("show"));
            choice.show = show.unwrap_or_default();
        }
        let count = |report: &mut Report, node: &Node, key: &str| small(report, node, key, 0, u32::MAX);
        self.fill(&mut choice.min, fields.take("min"), &at("min"), count);
        self.fill(&mut choice.max, fields.take("max"), &at("max"), count);
        self.fill(&mut choice.own_text, fields.take("own_text"), &at("own_text"), value::boolean);
        self.fill(&mut choice.default, fields.take("default"), &at("default"), value::json);
    }

    fn fill_texts(&mut self, slot: &mut Option<Vec<String>>, entry: &Entry, pointer: &str) {
        self.fill(slot, Some(entry), pointer, |report, _, _| Some(value::texts(report, entry, pointer)));
    }

    /// `retry: 3`, or `retry: { attempts: 3, delay: 2s }`.
    pub(super) fn retry(&mut self, entry: &Entry, pointer: &str) -> Option<Retry> {
        self.report.mark(pointer, entry);
        if matches!(entry.value.value, NodeValue::Number(_)) {
            let attempts = attempts(&mut self.report, &entry.value, &entry.key)?;
            return Some(Retry { attempts, delay_ms: None });
        }
        if !matches!(entry.value.value, NodeValue::Map(_)) {
            let fix = "write `retry: 3`, or `retry: { attempts: 3, delay: 2s }`";
            value::wrong_kind(&mut self.report, &entry.value, &entry.key, "a number or a map", fix);
            return None;
        }
        let mut fields = Fields::of(&entry.value, "`retry` map", &mut self.report)?;
        let given = self.read(fields.take("attempts"), &format!("{pointer}/attempts"), attempts);
        let delay_ms = self.delay(&mut fields, "delay", "delay_ms", pointer);
        fields.finish(&mut self.report);
        Some(Retry { attempts: given.unwrap_or(ATTEMPTS_DEFAULT), delay_ms })
    }

    /// A duration under its authored key (`90s`) or its canonical one (milliseconds).
    pub(super) fn delay(
        &mut self,
        fields: &mut Fields<'_>,
        authored: &'static str,
        canonical: &'static str,
        pointer: &str,
    ) -> Option<u64> {
        let pointer = format!("{pointer}/{canonical}");
        let mut delay_ms = None;
        self.fill(&mut delay_ms, fields.take(authored), &pointer, value::duration_ms);
        self.fill(&mut delay_ms, fields.take(canonical), &pointer, |report, node, key| {
            value::integer(report, node, key, 0..=u64::MAX)
        });
        delay_ms
    }
}

/// A whole number that fits 32 bits.
pub(super) fn small(report: &mut Report, node: &Node, key: &str, least: u32, most: u32) -> Option<u32> {
    value::integer(report, node, key, u64::from(least)..=u64::from(most)).map(|number| number as u32)
}

fn attempts(report: &mut Report, node: &Node, key: &str) -> Option<u32> {
    small(report, node, key, 1, ATTEMPTS_MAX)
}
