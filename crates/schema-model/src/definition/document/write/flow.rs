//! `for_each` with its companions, `variants`, `select`, `repeat`, `assert`: in the authored short forms.

use super::emit::Out;
use super::{push_number, push_parameters, push_text};
use crate::definition::{
    ForEach, OnError, OnMax, Repeat, Section, Select, SelectOrder, Spread, Step, Variant,
};

type Entries = Vec<(String, Out)>;

/// What stands between the head of a section and its steps.
pub(super) fn push_section(entries: &mut Entries, section: &Section) {
    push_some(entries, "when", section.when.as_deref());
    push_spread(entries, &section.spread);
    entries.extend(section.repeat.as_ref().map(|turns| ("repeat".to_owned(), repeat(turns))));
}

/// What decides whether and how often a step runs.
pub(super) fn push_step_head(entries: &mut Entries, step: &Step) {
    push_some(entries, "when", step.when.as_deref());
    push_names(entries, "after", &step.after);
    push_spread(entries, &step.spread);
    push_variants(entries, &step.variants);
    push_number(entries, "samples", step.samples);
}

fn push_spread(entries: &mut Entries, spread: &Spread) {
    push_for_each(entries, spread.for_each.as_ref());
    push_some(entries, "where", spread.filter.as_deref());
    push_number(entries, "parallel", spread.parallel);
    push_names(entries, "carry", &spread.carry);
    push_number(entries, "at_least", spread.at_least);
    push_some(entries, "label", spread.label.as_deref());
}

/// What is said of the result of a step.
pub(super) fn push_step_tail(entries: &mut Entries, step: &Step) {
    entries.extend(step.select.as_ref().map(|best| ("select".to_owned(), select(best))));
    push_names(entries, "assert", &step.assert);
    if let Some(on_error) = step.on_error {
        let word = match on_error {
            OnError::Fail => "fail",
            OnError::Skip => "skip",
            OnError::Null => "null",
            OnError::Pause => "pause",
        };
        entries.push(("on_error".to_owned(), Out::Raw(word.to_owned())));
    }
    push_number(entries, "effect", step.effect);
}

/// Unlike `push_text`, also a text that is empty: it is there, and the checker has a word on it.
fn push_some(entries: &mut Entries, key: &str, text: Option<&str>) {
    entries.extend(text.map(|text| (key.to_owned(), Out::text(text))));
}

fn push_names(entries: &mut Entries, key: &str, names: &[String]) {
    if !names.is_empty() {
        entries.push((key.to_owned(), Out::names(names)));
    }
}

fn push_for_each(entries: &mut Entries, each: Option<&ForEach>) {
    entries.extend(each.map(|each| ("for_each".to_owned(), for_each(each))));
}

fn for_each(each: &ForEach) -> Out {
    let is_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    if is_word(&each.item) && is_word(&each.list) {
        return Out::text(&format!("{} in {}", each.item, each.list));
    }
    let entries = [("item", &each.item), ("list", &each.list)];
    Out::FlowMap(entries.map(|(key, text)| (key.to_owned(), Out::text(text))).into())
}

fn push_variants(entries: &mut Entries, variants: &[Variant]) {
    if variants.is_empty() {
        return;
    }
    let inner = |variant: &Variant| {
        let mut entries = Vec::new();
        push_text(&mut entries, "model", variant.model.as_deref().unwrap_or_default());
        push_parameters(&mut entries, &variant.parameters);
        entries
    };
    let names: std::collections::BTreeSet<&str> =
        variants.iter().map(|variant| variant.name.as_str()).collect();
    let value = if names.len() == variants.len() {
        Out::Map(variants.iter().map(|one| (one.name.clone(), Out::FlowMap(inner(one)))).collect())
    } else {
        let entry = |variant: &Variant| {
            let name = ("name".to_owned(), Out::text(&variant.name));
            Out::FlowMap(std::iter::once(name).chain(inner(variant)).collect())
        };
        Out::List(variants.iter().map(entry).collect())
    };
    entries.push(("variants".to_owned(), value));
}

fn select(select: &Select) -> Out {
    let mut entries =
        vec![("from".to_owned(), Out::text(&select.from)), ("by".to_owned(), Out::text(&select.by))];
    let order = match select.order {
        SelectOrder::Highest => None,
        SelectOrder::Lowest => Some("lowest"),
        SelectOrder::First => Some("first"),
    };
    push_some(&mut entries, "order", order);
    push_number(&mut entries, "max", select.max);
    Out::FlowMap(entries)
}

fn repeat(repeat: &Repeat) -> Out {
    let mut entries = Vec::new();
    push_some(&mut entries, "until", repeat.until.as_deref());
    push_number(&mut entries, "max", Some(repeat.max));
    push_some(&mut entries, "on_max", (repeat.on_max == OnMax::Fail).then_some("fail"));
    Out::FlowMap(entries)
}
