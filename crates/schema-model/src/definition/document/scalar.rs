//! What a plain (unquoted) scalar means: the core schema of YAML 1.2.
//!
//! `yes`, `no`, `on` and `off` are texts. Two deliberate differences from the core schema: a number with a leading
//! zero (`0755`, `007`) is a text, because it is a code, a date or an octal number and never the decimal the core
//! schema makes of it; and `.inf` and `.nan` are texts, because JSON has no such numbers.

use serde_json::{Number, Value as Json};

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => number(text).map_or_else(|| Json::String(text.to_owned()), Json::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(unsigned(digits)?, 16).ok().map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(unsigned(digits)?, 8).ok().map(Number::from);
    }
    let magnitude = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !is_decimal(magnitude) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(integer) = text.parse::<i64>() {
        return Some(Number::from(integer));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some(Number::from(integer));
    }
    Number::from_f64(text.parse::<f64>().ok()?)
}

fn unsigned(digits: &str) -> Option<&str> {
    (!digits.starts_with(['-', '+'])).then_some(digits)
}

/// `[0-9]* (. [0-9]*)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent and no leading zero.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && !has_leading_zero
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says_except_codes() {
        for (text, value) in [
            ("null", json!(null)),
            ("", json!(null)),
            ("no", json!("no")),
            ("On", json!("On")),
            ("TRUE", json!(true)),
            ("12", json!(12)),
            ("-0", json!(0)),
            ("+7", json!(7)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0x-1", json!("0x-1")),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("18446744073709551615", json!(u64::MAX)),
            ("0755", json!("0755")),
            ("-007", json!("-007")),
            ("1e999", json!("1e999")),
            (".inf", json!(".inf")),
            (".", json!(".")),
            ("-", json!("-")),
            ("1.2.3", json!("1.2.3")),
            ("2026-11-22", json!("2026-11-22")),
            ("1_000", json!("1_000")),
        ] {
            assert_eq!(plain(text), value, "{text}");
        }
    }
}
