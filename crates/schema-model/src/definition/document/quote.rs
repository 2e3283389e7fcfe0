//! Texts in YAML: without quotes where nobody can misread them, else with as few marks as possible.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::scalar::plain;

/// Words that other YAML readers take for booleans; quoted, so that the file means the same everywhere.
const BOOLEAN_WORDS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];

/// Characters that cannot begin a text without quotes.
const INDICATORS: [char; 20] =
    ['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '='];

/// A text on one line.
pub(super) fn text(text: &str, in_flow: bool) -> String {
    if is_plain(text, in_flow) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

fn is_plain(text: &str, in_flow: bool) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(INDICATORS)
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains('\t')
        && text.chars().all(is_printable)
        && !is_no_text(text)
        && !looks_like_a_number(text)
        && text != "<<"
        && !text.starts_with("...")
        && !BOOLEAN_WORDS.contains(&text.to_lowercase().as_str())
        && !(in_flow && text.contains([',', '[', ']', '{', '}']))
}

/// Whether other YAML readers may take it for a number, a date or a time (`0755`, `2026-11-22`, `12:30`, `1_000`).
fn looks_like_a_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | '+'))
        && text.chars().all(|character| {
            character.is_ascii_hexdigit()
                || matches!(character, '.' | ',' | ':' | '_' | '+' | '-' | ' ' | 'T' | 'Z' | 'x' | 'o')
        })
        || matches!(text.to_lowercase().as_str(), ".inf" | "+.inf" | ".nan")
}

/// Whether a text is `null`, true, false or a number when it stands without quotes.
pub(super) fn is_no_text(text: &str) -> bool {
    !matches!(plain(text), Json::String(_))
}

/// Whether a character stands for itself everywhere in YAML and in editors.
pub(super) fn is_printable(character: char) -> bool {
    (!character.is_control() || character == '\t')
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if is_printable(other) => quoted.push(other),
            // Only characters of the basic plane are left, and writing to a text cannot fail.
            other => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
        }
    }
    quoted.push('"');
    quoted
}
