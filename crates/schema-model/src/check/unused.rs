//! Warnings about attributes that are not used as they were probably meant.

use super::code;
use super::report::{Report, attribute_pointer};
use super::symbol::{Symbol, Symbols};
use crate::definition::Workflow;
use crate::plan::Plan;

/// Shorter names differ by one letter for good reasons.
const SIMILAR_CHARS_MIN: usize = 4;

/// Checks what the whole plan makes of each attribute; `mentioned` says which are read anywhere.
pub(super) fn check(
    workflow: &Workflow,
    symbols: &Symbols<'_>,
    plan: &Plan,
    mentioned: &[bool],
    report: &mut Report<'_>,
) {
    for (symbol, &is_mentioned) in symbols.all.iter().zip(mentioned) {
        let is_written = !symbol.writers.is_empty() || symbol.disabled_writer.is_some() || symbol.is_item;
        if symbol.declared.is_some() && !is_mentioned && !is_written {
            let place = report.key(&attribute_pointer(symbol.name), "");
            let message = format!("`{}` is declared, and no step reads or writes it", symbol.name);
            report.add(code::NEVER_USED, message, [place], "remove it, or use it in a prompt");
        }
    }
    let is_result = |name: &str| {
        workflow.outputs.as_ref().is_some_and(|outputs| outputs.iter().any(|output| output == name))
    };
    let unread = symbols.all.iter().zip(mentioned).filter(|(symbol, is_mentioned)| {
        !**is_mentioned && symbol.declared.is_none() && !symbol.writers.is_empty() && !is_result(symbol.name)
    });
    let unread: Vec<_> = unread.map(|(symbol, _)| symbol).collect();
    for (attribute, symbol) in plan.attributes.iter().zip(&symbols.all) {
        if attribute.run_input.is_some() && !symbol.is_marked_input() {
            check_input(symbol, &unread, report);
        }
    }
}

/// A run input that nobody marked as one: perhaps its writer is switched off, or its name is written differently.
fn check_input(symbol: &Symbol<'_>, unread: &[&Symbol<'_>], report: &mut Report<'_>) {
    let name = symbol.name;
    if let Some(writer) = &symbol.disabled_writer {
        let message = format!("every step that writes `{name}` is disabled, so a run asks for it");
        let fix = format!("enable the step, or declare `{name}` with `input: true`");
        return report.add(code::ONLY_WRITER_DISABLED, message, [report.value(writer, "")], fix);
    }
    let similar = unread.iter().filter(|_| name.len() >= SIMILAR_CHARS_MIN).find(|other| {
        other.name.len().abs_diff(name.len()) <= 1 && strsim::damerau_levenshtein(other.name, name) == 1
    });
    if let Some(other) = similar {
        let places = [
            other.writers.first().and_then(|writer| report.value(writer, "")),
            report.key(&attribute_pointer(name), "asked for when a run starts"),
        ];
        let message =
            format!("`{}` is written and never read, and `{name}` is read and never written", other.name);
        report.add(code::SIMILAR_NAMES, message, places, format!("write `{name}` in both places"));
    }
}
