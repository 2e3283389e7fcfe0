//! Scripted answers of the mock model, by address.
//!
//! ```yaml
//! analysis.outline: "Three points: …"
//! analysis.judge/3: { score: 9 }
//! analysis.judge/*:
//!   attempts: [ not JSON, { score: 5 } ]
//! ```
//!
//! A text is answered as it is, any other value as its JSON. An object with the one key `attempts` holds one answer
//! per call of that address; the last one stays. An address itself wins over a pattern with `*`, a longer pattern
//! over a shorter one.

use std::collections::BTreeMap;

use branchline_schema_model::definition::document::read_value;
use serde_json::Value as Json;

use crate::config::ConfigError;

/// Scripted answers by address or pattern.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MockAnswers(BTreeMap<String, Vec<Json>>);

impl MockAnswers {
    /// Reads a YAML or JSON document of answers. `file_name` is used in errors.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        let problem = |line, message: String| ConfigError {
            file_name: file_name.to_owned(),
            line,
            message,
            hint: Some("write an object from addresses to answers".to_owned()),
        };
        let document = read_value(file_name, text).map_err(|problems| match problems.first() {
            Some(first) => {
                problem(first.places.first().map(|place| place.line as usize), first.message.clone())
            }
            None => problem(None, "cannot be read".to_owned()),
        })?;
        let Json::Object(document) = document else {
            return Err(problem(None, "is not a document of answers".to_owned()));
        };
        let mut answers = Self::default();
        for (address, answer) in document {
            answers.insert(address, answer).map_err(|message| problem(None, message))?;
        }
        Ok(answers)
    }

    /// Adds one answer, in the form it has in a file.
    pub fn insert(&mut self, address: impl Into<String>, answer: Json) -> Result<(), String> {
        let address = address.into();
        let attempts = match answer {
            Json::Object(mut object) if object.len() == 1 && object.contains_key("attempts") => {
                match object.remove("attempts") {
                    Some(Json::Array(list)) if !list.is_empty() => list,
                    _ => return Err(format!("`{address}`: `attempts` has to be a list of answers")),
                }
            }
            answer => vec![answer],
        };
        self.0.insert(address, attempts);
        Ok(())
    }

    /// The answer to call number `call`, from 0, of a step run.
    pub(super) fn get(&self, address: &str, call: usize) -> Option<String> {
        let attempts = lookup(&self.0, address)?;
        let answer = attempts.get(call).or(attempts.last())?;
        Some(answer.as_str().map_or_else(|| answer.to_string(), str::to_owned))
    }
}

/// The entry of an address: itself, else the longest pattern that matches.
pub(super) fn lookup<'a, T>(entries: &'a BTreeMap<String, T>, address: &str) -> Option<&'a T> {
    entries.get(address).or_else(|| {
        let matching = entries.iter().filter(|(pattern, _)| matches(pattern, address));
        matching.max_by_key(|(pattern, _)| pattern.len()).map(|(_, entry)| entry)
    })
}

/// Whether a pattern, in which `*` stands for any text, matches the whole address.
fn matches(pattern: &str, address: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else { return pattern == address };
    let Some(mut address) = address.strip_prefix(prefix) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match address.find(part) {
            Some(at) => address = &address[at + part.len()..],
            None => return false,
        }
    }
    address.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_wins_over_patterns_and_the_longest_pattern_over_others() {
        let text =
            r#"{"a.judge/*": 1, "a.*": 2, "a.judge/3": {"score": 9}, "*.b/*/2": {"attempts": ["x", "y"]}}"#;
        let answers = MockAnswers::parse(text, "answers.json").unwrap();
        assert_eq!(answers.get("a.judge/3", 0).unwrap(), json!({"score": 9}).to_string());
        assert_eq!(answers.get("a.judge/4", 0).unwrap(), "1");
        assert_eq!(answers.get("a.outline", 7).unwrap(), "2");
        assert_eq!(answers.get("s.b/1/2", 0).unwrap(), "x");
        assert_eq!(answers.get("s.b/1/2", 9).unwrap(), "y");
        assert_eq!(answers.get("s.b/1/3", 0), None);
    }

    #[test]
    fn answers_can_be_written_in_yaml() {
        let text = "a.outline: |\n  Two\n  lines\na.judge/*: { attempts: [ no JSON, { score: 5 } ] }\n";
        let answers = MockAnswers::parse(text, "answers.yaml").unwrap();
        assert_eq!(answers.get("a.outline", 0).unwrap(), "Two\nlines\n");
        assert_eq!(answers.get("a.judge/1", 0).unwrap(), "no JSON");
        assert_eq!(answers.get("a.judge/1", 1).unwrap(), r#"{"score":5}"#);
    }

    #[test]
    fn a_document_that_is_none_is_refused_with_its_line() {
        let error = MockAnswers::parse("a.b: text\nc.d: [", "answers.yaml").unwrap_err();
        assert_eq!(error.file_name, "answers.yaml");
        assert!(error.line.is_some_and(|line| line >= 2), "{error:?}");
        assert!(MockAnswers::parse("- a list", "answers.yaml").is_err());
        assert!(MockAnswers::parse(r#"{"a": {"attempts": []}}"#, "answers.json").is_err());
    }
}
