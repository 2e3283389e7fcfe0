//! Numbers within the bounds of a schema.

use serde_json::{Map, Number, Value as Json};

use super::super::random::Sequence;

/// Whole numbers when the schema does not say: small and countable.
const INTEGER_DEFAULT: (i64, i64) = (1, 10);

/// A bound, and whether it is itself left out.
type Bound = (f64, bool);

/// Fractions are drawn in steps of a thousandth.
const STEPS: u64 = 1_000;

pub(super) fn integer(sequence: &mut Sequence, keywords: &Map<String, Json>) -> Json {
    let step = keywords.get("multipleOf").and_then(Json::as_i64).filter(|step| *step > 0).unwrap_or(1);
    let (low, high) = bounds(keywords);
    let low = low.map(|(low, is_open)| if is_open { low.floor() + 1.0 } else { low.ceil() } as i64);
    let high = high.map(|(high, is_open)| if is_open { high.ceil() - 1.0 } else { high.floor() } as i64);
    let (low, high) = range(low, high, INTEGER_DEFAULT, |bound, by| bound.saturating_add(by as i64));
    // Counted in steps, so that a multiple is found when there is one.
    let (first, last) = (low.div_euclid(step) + i64::from(low.rem_euclid(step) != 0), high.div_euclid(step));
    let drawn = sequence.between(0, last.saturating_sub(first).max(0) as u64);
    Json::from(first.saturating_add(drawn as i64).saturating_mul(step))
}

pub(super) fn number(sequence: &mut Sequence, keywords: &Map<String, Json>) -> Json {
    if keywords.get("multipleOf").is_some_and(|step| step.as_i64().is_some()) {
        return integer(sequence, keywords);
    }
    let (low, high) = bounds(keywords);
    let is_open = |bound: Option<Bound>| bound.is_some_and(|(_, is_open)| is_open);
    let (first, last) = (u64::from(is_open(low)), STEPS - u64::from(is_open(high)));
    let (low, high) =
        range(low.map(|bound| bound.0), high.map(|bound| bound.0), (0.0, 1.0), |bound, by| bound + by);
    let drawn = sequence.between(first, last) as f64 / STEPS as f64;
    let value = (high - low).mul_add(drawn, low);
    // Rounded for people where that stays within the bounds.
    let rounded = (value * 1000.0).round() / 1000.0;
    let value = if rounded > low && rounded < high { rounded } else { value };
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

/// The lower and the upper bound.
fn bounds(keywords: &Map<String, Json>) -> (Option<Bound>, Option<Bound>) {
    let bound = |key: &str| keywords.get(key).and_then(Json::as_f64);
    let low = bound("exclusiveMinimum").map(|low| (low, true)).or(bound("minimum").map(|low| (low, false)));
    let high =
        bound("exclusiveMaximum").map(|high| (high, true)).or(bound("maximum").map(|high| (high, false)));
    (low, high)
}

/// Both ends: the default ones, moved beside the one bound that is given.
fn range<T: PartialOrd + Copy>(
    low: Option<T>,
    high: Option<T>,
    default: (T, T),
    moved: impl Fn(T, f64) -> T,
) -> (T, T) {
    match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) if low < default.1 => (low, default.1),
        (Some(low), None) => (low, moved(low, 10.0)),
        (None, Some(high)) if high > default.0 => (default.0, high),
        (None, Some(high)) => (moved(high, -10.0), high),
        (None, None) => default,
    }
}
