//! Single values: a text, a number, names. What is of the wrong kind is reported in an author's words.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::document::{code, duration};

/// Reports a value of the wrong kind. Broken values were reported before.
pub(super) fn wrong_kind(report: &mut Report, node: &Node, key: &str, wanted: &str, fix: &str) {
    if matches!(node.value, NodeValue::Broken) {
        return;
    }
    let found = match &node.value {
        NodeValue::Number(number) => format!("the number {number}"),
        NodeValue::Bool(value) => format!("`{value}`"),
        NodeValue::Text(text) if text.len() <= 40 && !text.contains('\n') => format!("the text `{text}`"),
        _ => node.kind().to_owned(),
    };
    let message = format!("`{key}` must be {wanted}, found {found}");
    let problem = report.error(code::WRONG_KIND, &node.span, message);
    if !fix.is_empty() {
        problem.fix(fix);
    }
}

/// A text.
pub(super) fn text(report: &mut Report, node: &Node, key: &str) -> Option<String> {
    let fix = match &node.value {
        NodeValue::Text(text) => return Some(text.clone()),
        NodeValue::Number(number) => format!("put it in quotes: \"{number}\""),
        NodeValue::Bool(value) => format!("put it in quotes: \"{value}\""),
        NodeValue::Null => format!("write a text after `{key}:`, or remove the key"),
        _ => String::new(),
    };
    wrong_kind(report, node, key, "a text", &fix);
    None
}

/// A name: a text that is not empty.
pub(super) fn name(report: &mut Report, node: &Node, key: &str) -> Option<String> {
    let name = text(report, node, key)?;
    if name.trim().is_empty() {
        report.error(code::BAD_VALUE, &node.span, format!("`{key}` is empty")).fix("write a name");
        return None;
    }
    Some(name)
}

/// True or false.
pub(super) fn boolean(report: &mut Report, node: &Node, key: &str) -> Option<bool> {
    if let NodeValue::Bool(value) = &node.value {
        return Some(*value);
    }
    let meant = match node.as_text().map(str::to_ascii_lowercase).as_deref() {
        Some("yes" | "on" | "y") => "write `true`",
        Some("no" | "off" | "n") => "write `false`",
        _ => "write `true` or `false`",
    };
    wrong_kind(report, node, key, "true or false", meant);
    None
}

/// A whole number within bounds.
pub(super) fn integer(
    report: &mut Report,
    node: &Node,
    key: &str,
    bounds: RangeInclusive<u64>,
) -> Option<u64> {
    let NodeValue::Number(number) = &node.value else {
        wrong_kind(report, node, key, "a whole number", &format!("write it without quotes, like `{key}: 3`"));
        return None;
    };
    let value = number.as_u64().filter(|value| bounds.contains(value));
    if value.is_none() {
        let (least, most) = bounds.into_inner();
        let range =
            if most == u64::MAX { format!("from {least}") } else { format!("from {least} to {most}") };
        let message = format!("`{key}` cannot be {number}");
        report.error(code::BAD_VALUE, &node.span, message).fix(format!("write a whole number {range}"));
    }
    value
}

/// A number within bounds.
pub(super) fn number(
    report: &mut Report,
    node: &Node,
    key: &str,
    bounds: RangeInclusive<f64>,
) -> Option<f64> {
    let NodeValue::Number(number) = &node.value else {
        wrong_kind(report, node, key, "a number", &format!("write it without quotes, like `{key}: 0.5`"));
        return None;
    };
    let value = number.as_f64().filter(|value| bounds.contains(value));
    if value.is_none() {
        let (least, most) = bounds.into_inner();
        let message = format!("`{key}` cannot be {number}");
        report
            .error(code::BAD_VALUE, &node.span, message)
            .fix(format!("write a number from {least} to {most}"));
    }
    value
}

/// A duration in milliseconds: `90s`, or a number of seconds.
pub(super) fn duration_ms(report: &mut Report, node: &Node, key: &str) -> Option<u64> {
    let written = match &node.value {
        NodeValue::Text(text) => text.clone(),
        NodeValue::Number(number) => number.to_string(),
        _ => {
            wrong_kind(report, node, key, "a duration", "write it like `90s`, `500ms`, `2m` or `1h`");
            return None;
        }
    };
    let milliseconds = duration::parse_ms(&written);
    if milliseconds.is_none() {
        report
            .error(code::BAD_VALUE, &node.span, format!("`{written}` is not a duration"))
            .fix("write it like `90s`, `500ms`, `2m` or `1h`; a bare number counts seconds");
    }
    milliseconds
}

/// One text or a list of texts. Each is marked at its place in the canonical list at `pointer`.
pub(super) fn texts(report: &mut Report, entry: &Entry, pointer: &str) -> Vec<String> {
    report.mark(pointer, entry);
    let key = entry.key.as_str();
    let items = match &entry.value.value {
        NodeValue::List(items) => items.iter().collect(),
        NodeValue::Text(_) => vec![&entry.value],
        _ => {
            wrong_kind(report, &entry.value, key, "a list", &format!("write `{key}: [one, two]`"));
            return Vec::new();
        }
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        if let Some(text) = text(report, item, key) {
            report.mark_value(&format!("{pointer}/{}", texts.len()), item);
            texts.push(text);
        }
    }
    texts
}

/// Any value, as JSON. `null` is no value.
pub(super) fn json(_: &mut Report, node: &Node, _: &str) -> Option<Json> {
    (!matches!(node.value, NodeValue::Broken | NodeValue::Null)).then(|| node.to_json())
}
