//! Warnings about attributes that are not used as they were probably meant.

use std::collections::BTreeSet;

use super::code;
use super::report::{Report, attribute_pointer};
use super::symbol::{Symbol, Symbols};
use crate::definition::Workflow;
use crate::name::nearest;
use crate::plan::{AttributeIndex, Plan};

/// Shorter names differ by one letter for good reasons.
const SIMILAR_CHARS_MIN: usize = 4;

/// Checks what the whole plan makes of each attribute; `mentioned` says which are read anywhere. Returns those that
/// are probably written by a wrong name, in order.
pub(super) fn check(
    workflow: &Workflow,
    symbols: &Symbols<'_>,
    plan: &Plan,
    mentioned: &[bool],
    report: &mut Report<'_>,
) -> BTreeSet<AttributeIndex> {
    let is_result = |symbol: &Symbol<'_>| {
        workflow.outputs.as_ref().is_some_and(|outputs| outputs.iter().any(|output| output == symbol.name))
    };
    let mut names = Names { written: Vec::new(), read: Vec::new() };
    for (index, symbol) in (0..).map(AttributeIndex).zip(&symbols.all) {
        if mentioned[index.get()] || is_result(symbol) {
            names.read.push(symbol);
        } else if !symbol.writers.is_empty() {
            names.written.push((index, symbol));
        } else if symbol.declared.is_some() && symbol.disabled_writer.is_none() && !symbol.is_item {
            never_used(symbol, symbols, report);
        }
    }
    for (attribute, symbol) in plan.attributes.iter().zip(&symbols.all) {
        if attribute.run_input.is_some() && !symbol.is_marked_input() {
            only_writer_disabled(symbol, report);
        }
    }
    let mut misspelt = BTreeSet::new();
    for (index, symbol) in &names.written {
        if let Some(other) = names.read.iter().find(|other| is_similar(symbol, other)) {
            misspelt.insert(*index);
            similar(symbol, other, report);
        }
    }
    misspelt
}

/// Attributes by what becomes of them.
struct Names<'s> {
    /// Written and read by nobody.
    written: Vec<(AttributeIndex, &'s Symbol<'s>)>,
    read: Vec<&'s Symbol<'s>>,
}

fn never_used(symbol: &Symbol<'_>, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    let place = report.key(&attribute_pointer(symbol.name), "");
    let message = format!("`{}` is declared, and no step reads or writes it", symbol.name);
    let undeclared = symbols.all.iter().filter(|other| other.declared.is_none());
    let meant = nearest(symbol.name, undeclared.map(|other| other.name)).and_then(|name| symbols.get(name));
    let (other, fix) = match meant {
        Some(meant) => (meant.declaration(report), format!("did you mean `{}`?", meant.name)),
        None => (None, "remove it, or use it in a prompt".to_owned()),
    };
    report.add(code::NEVER_USED, message, [place, other], fix);
}

/// A run input that nobody marked as one.
fn only_writer_disabled(symbol: &Symbol<'_>, report: &mut Report<'_>) {
    let name = symbol.name;
    let Some(writer) = &symbol.disabled_writer else { return };
    let message = format!("every step that writes `{name}` is disabled, so a run asks for it");
    let fix = format!("enable the step, or declare `{name}` with `input: true`");
    report.add(code::ONLY_WRITER_DISABLED, message, [report.value(writer, "")], fix);
}

/// Whether the name of what is written is one edit from another that is read, and not for a reason: numbers count, and
/// so does the plural of something that has a source of its own.
fn is_similar(one: &Symbol<'_>, other: &Symbol<'_>) -> bool {
    let letters = |name: &str| name.bytes().filter(|byte| !byte.is_ascii_digit()).collect::<Vec<_>>();
    let is_plural = format!("{}s", one.name) == other.name || format!("{}s", other.name) == one.name;
    one.name.len().min(other.name.len()) >= SIMILAR_CHARS_MIN
        && one.name.len().abs_diff(other.name.len()) <= 1
        && strsim::damerau_levenshtein(one.name, other.name) == 1
        && letters(one.name) != letters(other.name)
        && !(is_plural && (other.is_item || other.is_marked_input() || !other.writers.is_empty()))
}

fn similar(symbol: &Symbol<'_>, other: &Symbol<'_>, report: &mut Report<'_>) {
    let (name, meant) = (symbol.name, other.name);
    let place = symbol.writers.first().and_then(|writer| report.value(writer, ""));
    let (message, second) = if other.writers.is_empty() && !other.is_item {
        let declared = report.key(&attribute_pointer(meant), "asked for when a run starts");
        (format!("`{name}` is written and never read, and `{meant}` is read and never written"), declared)
    } else {
        let message = format!("`{name}` is written and never read, and `{meant}` differs by one letter");
        (message, other.declaration(report))
    };
    report.add(code::SIMILAR_NAMES, message, [place, second], format!("write `{meant}` in both places"));
}
