//! How values look in a prompt, and how they compare.

use std::cmp::Ordering;

use serde_json::{Number, Value as Json};

/// The text of a value: a string as itself, null as nothing, a list one item a line, an object as canonical JSON.
pub(super) fn show(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => join(items, "\n"),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

pub(super) fn join(items: &[Json], separator: &str) -> String {
    let texts: Vec<String> = items.iter().map(show).collect();
    texts.join(separator)
}

/// Equality in which `1` and `1.0` are the same number.
pub(super) fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => compare_numbers(left, right) == Some(Ordering::Equal),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        _ => left == right,
    }
}

/// The order of two numbers, or of two texts by their characters. Other values have none.
pub(super) fn compare(left: &Json, right: &Json) -> Option<Ordering> {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => compare_numbers(left, right),
        (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Whole numbers exactly, others as floating point.
fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
