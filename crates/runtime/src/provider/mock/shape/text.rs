//! Texts within the bounds and formats of a schema.

use serde_json::{Map, Value as Json};

use super::super::random::Sequence;
use super::super::words;

/// Characters of a generated text at the most, whatever the schema asks for.
const CHARS_MAX: usize = 100_000;

pub(super) fn text(sequence: &mut Sequence, keywords: &Map<String, Json>, name: &str) -> String {
    if let Some(text) =
        keywords.get("format").and_then(Json::as_str).and_then(|format| formatted(sequence, format))
    {
        return text;
    }
    let bound = |key: &str| keywords.get(key).and_then(Json::as_u64).map(|length| length as usize);
    let (min, max) =
        (bound("minLength").unwrap_or(0).min(CHARS_MAX), bound("maxLength").unwrap_or(CHARS_MAX));
    if let Some(pattern) = keywords.get("pattern").and_then(Json::as_str)
        && let Some(text) = super::pattern::matching(sequence, pattern, min, max)
    {
        return text;
    }
    let mut text = words::phrase(sequence);
    let named = format!("{text} ({name})");
    if named.chars().count() <= max {
        text = named;
    }
    while text.chars().count() < min {
        text.push(' ');
        text.push_str(&words::sentence(sequence));
    }
    if text.chars().count() > max {
        text = text.chars().take(max).collect();
    }
    text
}

/// A text of one of the common formats.
fn formatted(sequence: &mut Sequence, format: &str) -> Option<String> {
    let mut number = |low, high| sequence.between(low, high);
    Some(match format {
        "date" => format!("2026-{:02}-{:02}", number(1, 12), number(1, 28)),
        "time" => format!("{:02}:{:02}:00Z", number(0, 23), number(0, 59)),
        "date-time" => {
            format!(
                "2026-{:02}-{:02}T{:02}:{:02}:00Z",
                number(1, 12),
                number(1, 28),
                number(0, 23),
                number(0, 59)
            )
        }
        "duration" => format!("PT{}M", number(1, 59)),
        "email" | "idn-email" => format!("mock-{}@example.com", number(100, 999)),
        "hostname" | "idn-hostname" => format!("mock-{}.example.com", number(100, 999)),
        "uri" | "iri" | "url" => format!("https://example.com/mock/{}", number(100, 999)),
        "uri-reference" | "iri-reference" => format!("/mock/{}", number(100, 999)),
        "ipv4" => format!("192.0.2.{}", number(1, 254)),
        "ipv6" => format!("2001:db8::{:x}", number(1, 0xffff)),
        "uuid" => {
            let (high, low) = (number(0, u64::MAX), number(0, u64::MAX));
            let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
            format!(
                "{first:08x}-{second:04x}-4{third:03x}-8{:03x}-{:012x}",
                low >> 52,
                low & 0xffff_ffff_ffff
            )
        }
        _ => return None,
    })
}
