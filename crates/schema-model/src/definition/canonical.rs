//! The canonical document: one JSON text for one meaning.

use std::fmt::Write;

use serde_json::Value as Json;

use super::workflow::{WORKFLOW_FORMAT, Workflow};
use crate::hash::sha256_hex;
use crate::limits::{DEFINITION_BYTES_MAX, PROMPT_TEXTS_BYTES_MAX};

/// A definition file and all its prompts; escapes may double a text.
const DOCUMENT_BYTES_MAX: usize = 2 * (DEFINITION_BYTES_MAX + PROMPT_TEXTS_BYTES_MAX);

/// A text that is not a canonical document this program can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON, or not of the right shape.
    #[error("not a canonical workflow document: {0}")]
    Shape(String),
    /// Of another format, or a newer one.
    #[error("the document has the format `{0}`, this program reads `{WORKFLOW_FORMAT}`")]
    Format(String),
    /// It holds keys that this version would drop in silence.
    #[error("the document holds something this version does not know; it was written by a newer one")]
    Newer,
    /// Larger than any definition with its prompts may be.
    #[error("the document has {0} bytes, at most {DOCUMENT_BYTES_MAX} are read")]
    TooLarge(usize),
}

impl Workflow {
    /// The canonical document: sorted keys, no white space, prompt texts inside.
    pub fn to_canonical_json(&self) -> String {
        escape_unprintable(self.to_canonical_value().to_string())
    }

    /// SHA-256 of the canonical document without the places of its prompt files, in hex: equal for equal meaning.
    pub fn content_hash(&self) -> String {
        let mut content = self.clone();
        for step in content.sections.iter_mut().flat_map(|section| &mut section.steps) {
            step.prompt_file = None;
        }
        sha256_hex(content.to_canonical_json().as_bytes())
    }

    /// Reads a canonical document back.
    ///
    /// # Errors
    ///
    /// [`CanonicalError`] for anything [`Self::to_canonical_json`] cannot have written.
    pub fn from_canonical_json(text: &str) -> Result<Self, CanonicalError> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(CanonicalError::TooLarge(text.len()));
        }
        let shape = |error: serde_json::Error| CanonicalError::Shape(error.to_string());
        let document: Json = serde_json::from_str(text).map_err(shape)?;
        match document.get("format").and_then(Json::as_str) {
            Some(WORKFLOW_FORMAT) => {}
            other => return Err(CanonicalError::Format(other.unwrap_or_default().to_owned())),
        }
        let workflow: Self = serde_json::from_value(document.clone()).map_err(shape)?;
        if workflow.to_canonical_value() != document {
            return Err(CanonicalError::Newer);
        }
        Ok(workflow)
    }

    fn to_canonical_value(&self) -> Json {
        // Every type of a definition has string keys and no failing serialisation.
        let mut document = serde_json::to_value(self).unwrap_or_default();
        if let Json::Object(fields) = &mut document {
            fields.insert("format".to_owned(), WORKFLOW_FORMAT.into());
        }
        document
    }
}

/// Writes the few characters that JSON allows inside a text and YAML does not as escapes: the same document can then
/// be read by both.
pub(crate) fn escape_unprintable(json: String) -> String {
    let is_unprintable = |character: char| matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if !json.contains(is_unprintable) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_unprintable(character) {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}
