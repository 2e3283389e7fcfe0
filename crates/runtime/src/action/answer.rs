//! The JSON values in what a model wrote.

use serde_json::Value as Json;

/// Every JSON value the text may mean, likeliest first: the whole text, then the complete objects and lists in it, in
/// order, whatever stands around them (code fences, prose). What is cut off is never completed, and no part of it is
/// taken for the whole.
pub(super) fn candidates(text: &str) -> impl Iterator<Item = Json> {
    let whole = serde_json::from_str(text.trim()).ok();
    let parts = if whole.is_some() { "" } else { text };
    whole.into_iter().chain(Parts { text: parts })
}

/// Reads on behind each value, and behind the place where something turned out to be none, so that the time it takes
/// grows with the length of the text only.
struct Parts<'a> {
    text: &'a str,
}

impl Iterator for Parts<'_> {
    type Item = Json;

    fn next(&mut self) -> Option<Json> {
        loop {
            let start = self.text.find(['{', '['])?;
            let rest = &self.text[start..];
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
            match values.next() {
                Some(Ok(value)) => {
                    self.text = &rest[values.byte_offset()..];
                    return Some(value);
                }
                Some(Err(error)) if !error.is_eof() => self.text = behind(rest, &error),
                _ => {
                    self.text = "";
                    return None;
                }
            }
        }
    }
}

/// The text from the place of an error, at least one byte on: brackets are one byte long.
fn behind<'a>(text: &'a str, error: &serde_json::Error) -> &'a str {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut offset = (before + error.column().saturating_sub(1)).max(1);
    while offset < text.len() && !text.is_char_boundary(offset) {
        offset += 1;
    }
    text.get(offset..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_prose_and_never_completed() {
        let found =
            |text: &str| candidates(text).map(|value| value.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(found(" 7 "), "7");
        assert_eq!(found("```json\n{\"a\": [1, {\"b\": \"}\"}]}\n```"), r#"{"a":[1,{"b":"}"}]}"#);
        assert_eq!(found("See [1]: it is {\"a\": 1}. Or {\"a\": 2}?"), r#"[1] {"a":1} {"a":2}"#);
        assert_eq!(found("[not json] {\"a\": 1}"), r#"{"a":1}"#);
        assert_eq!(found("none"), "");
        assert_eq!(found("{\"a\": \"cut of"), "");
        assert_eq!(found("[1, 2, "), "");
        assert_eq!(found("{\"verdict\": {\"score\": 7}, \"title\": \"cut"), "");
        assert_eq!(found("{\"verdict\": {\"score\": 7},\n 'broken'}"), "");
        assert_eq!(found("{ opens, é [ too\né: {\"a\": 1}"), r#"{"a":1}"#);
        assert_eq!(found(&"[".repeat(100_000)), "");
        assert_eq!(found("Größe {\"ä\": \"日\"} …"), r#"{"ä":"日"}"#);
    }
}
