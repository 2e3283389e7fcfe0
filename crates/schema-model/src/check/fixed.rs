//! What a `template` step gives when nothing in its text depends on a value.

use super::code;
use super::report::Report;
use super::symbol::Symbols;
use crate::definition::{Action, Step};

/// Reports a text without tags that is no value of the output's type: it would fail in every run.
pub(super) fn check(step: &Step, pointer: &str, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    let (Action::Template, Some(text), [output]) = (&step.action, &step.prompt, &step.outputs[..]) else {
        return;
    };
    let Some(symbol) = symbols.get(output).filter(|_| !text.contains("{{") && !text.trim().is_empty()) else {
        return;
    };
    let Some(value_type) = &symbol.value_type else { return };
    let Err(problem) = value_type.from_text(text) else { return };
    let places = [report.value(&format!("{pointer}/prompt"), ""), symbol.declaration(report)];
    let message = format!("the text does not fit `{output}`: {problem}");
    report.add(code::OUTPUT_TYPE, message, places, "write a value of its type, lists and objects as JSON");
}
