//! How steps and sections flow: `for_each` with its companions, `variants`, `select`, `repeat`, `assert`.

use super::fields::Fields;
use super::options::small;
use super::{Decoder, value};
use crate::definition::document::code;
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::{OnError, OnMax, Repeat, Select, SelectOrder, Spread, Variant};
use crate::limits::{BRANCHES_MAX, CANDIDATES_MAX, PARALLEL_CALLS_MAX, TURNS_MAX};
use crate::name::nearest;

impl Decoder<'_> {
    pub(super) fn spread(&mut self, fields: &mut Fields<'_>, pointer: &str) -> Spread {
        let at = |key: &str| format!("{pointer}/{key}");
        Spread {
            for_each: fields.take("for_each").and_then(|entry| self.for_each(entry, &at("for_each"))),
            filter: self.read(fields.take("where"), &at("where"), value::name),
            parallel: self.read(fields.take("parallel"), &at("parallel"), |report, node, key| {
                small(report, node, key, 1, PARALLEL_CALLS_MAX)
            }),
            carry: self.names(fields.take("carry"), &at("carry")),
            at_least: self.read(fields.take("at_least"), &at("at_least"), |report, node, key| {
                small(report, node, key, 1, BRANCHES_MAX as u32)
            }),
            label: self.read(fields.take("label"), &at("label"), value::name),
        }
    }

    /// `variants: { calm: { temperature: 0.3 } }`, or a list of `{ name, … }`.
    pub(super) fn variants(&mut self, entry: &Entry, pointer: &str) -> Vec<Variant> {
        const FIX: &str = "write `variants: { calm: { temperature: 0.3 }, bold: { temperature: 1.0 } }`";
        self.report.mark(pointer, entry);
        let mut variants = Vec::new();
        match &entry.value.value {
            NodeValue::Map(entries) => {
                for entry in entries {
                    let pointer = format!("{pointer}/{}", variants.len());
                    self.report.mark(&pointer, entry);
                    self.report.sources.add_value(format!("{pointer}/name"), entry.key_span.clone());
                    variants.extend(self.variant(&entry.value, Some(&entry.key), &pointer));
                }
            }
            NodeValue::List(items) => {
                for item in items {
                    let pointer = format!("{pointer}/{}", variants.len());
                    self.report.mark_value(&pointer, item);
                    variants.extend(self.variant(item, None, &pointer));
                }
            }
            _ => value::wrong_kind(&mut self.report, &entry.value, &entry.key, "a map of variants", FIX),
        }
        variants
    }

    fn variant(&mut self, node: &Node, name: Option<&str>, pointer: &str) -> Option<Variant> {
        if let (NodeValue::Null, Some(name)) = (&node.value, name) {
            return Some(Variant { name: name.to_owned(), ..Variant::default() });
        }
        let mut fields = Fields::of(node, "variant", &mut self.report)?;
        let at = |key: &str| format!("{pointer}/{key}");
        let name = if let Some(name) = name {
            Some(name.to_owned())
        } else {
            let entry = fields.need("name", "give the variant a name", &mut self.report);
            self.read(entry, &at("name"), value::name)
        };
        let model = self.read(fields.take("model"), &at("model"), value::name);
        let parameters = self.parameters(&mut fields, &at("parameters"));
        fields.finish(&mut self.report);
        Some(Variant { name: name?, model, parameters })
    }

    pub(super) fn samples(&mut self, entry: Option<&Entry>, pointer: &str) -> Option<u32> {
        self.read(entry, pointer, |report, node, key| small(report, node, key, 1, CANDIDATES_MAX))
    }

    /// `select: { from: draft, by: verdict.score, order: highest }`.
    pub(super) fn select(&mut self, entry: &Entry, pointer: &str) -> Option<Select> {
        const FIX: &str = "write `select: { from: draft, by: verdict.score }`";
        self.report.mark(pointer, entry);
        let mut fields = Fields::of(&entry.value, "`select` map", &mut self.report)?;
        let at = |key: &str| format!("{pointer}/{key}");
        let from = fields.need("from", FIX, &mut self.report);
        let from = self.read(from, &at("from"), value::name);
        let by = fields.need("by", FIX, &mut self.report);
        let by = self.read(by, &at("by"), value::name);
        let order = self.read(fields.take("order"), &at("order"), |report, node, key| {
            let orders = [
                ("highest", SelectOrder::Highest),
                ("lowest", SelectOrder::Lowest),
                ("first", SelectOrder::First),
            ];
            one_of(report, node, key, &orders)
        });
        let max = self
            .read(fields.take("max"), &at("max"), |report, node, key| small(report, node, key, 1, u32::MAX));
        fields.finish(&mut self.report);
        Some(Select { from: from?, by: by?, order: order.unwrap_or_default(), max })
    }

    /// `repeat: { until: "verdict.score >= 8", max: 3, on_max: continue }`.
    pub(super) fn repeat(&mut self, entry: &Entry, pointer: &str) -> Option<Repeat> {
        const FIX: &str = "write `repeat: { until: \"verdict.score >= 8\", max: 3 }`";
        self.report.mark(pointer, entry);
        let mut fields = Fields::of(&entry.value, "`repeat` map", &mut self.report)?;
        let at = |key: &str| format!("{pointer}/{key}");
        let until = self.read(fields.take("until"), &at("until"), value::name);
        let max = fields.need("max", FIX, &mut self.report);
        let max = self.read(max, &at("max"), |report, node, key| small(report, node, key, 1, TURNS_MAX));
        let on_max = self.read(fields.take("on_max"), &at("on_max"), |report, node, key| {
            one_of(report, node, key, &[("continue", OnMax::Continue), ("fail", OnMax::Fail)])
        });
        fields.finish(&mut self.report);
        // With an unusable number there still are turns, which is what its steps are checked by.
        Some(Repeat { until, max: max.unwrap_or(1), on_max: on_max.unwrap_or_default() })
    }

    pub(super) fn on_error(&mut self, entry: Option<&Entry>, pointer: &str) -> Option<OnError> {
        self.read(entry, pointer, |report, node, key| {
            // In YAML, `null` without quotes is no text.
            if matches!(node.value, NodeValue::Null) {
                return Some(OnError::Null);
            }
            let meanings = [
                ("fail", OnError::Fail),
                ("skip", OnError::Skip),
                ("null", OnError::Null),
                ("pause", OnError::Pause),
            ];
            one_of(report, node, key, &meanings)
        })
    }
}

/// One of a few words.
fn one_of<T: Copy>(report: &mut Report, node: &Node, key: &str, words: &[(&str, T)]) -> Option<T> {
    let written = value::text(report, node, key)?;
    let found = words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let known = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let fix = match nearest(&written, words.iter().map(|(word, _)| *word)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {known}"),
        };
        report.error(code::BAD_VALUE, &node.span, format!("`{key}` cannot be `{written}`")).fix(fix);
    }
    found
}
