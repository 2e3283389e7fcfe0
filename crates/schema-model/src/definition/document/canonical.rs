//! The canonical form: one JSON document with sorted keys and no white space, whose hash is the version.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::definition::{WORKFLOW_FORMAT, Workflow};
use crate::limits::{DEFINITION_BYTES_MAX, PROMPT_TEXTS_BYTES_MAX};

/// A stored document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalProblem {
    /// It is no JSON, or not of this shape.
    #[error("the document is not a canonical workflow: {0}")]
    Shape(String),
    /// It is another kind of document, or one of a newer major version.
    #[error("this version reads `{WORKFLOW_FORMAT}`, not `{0}`")]
    Format(String),
    /// It holds keys that this version would drop in silence.
    #[error("the document holds something this version does not know; it was written by a newer one")]
    Newer,
    /// It is too large to be a workflow.
    #[error("the document has {0} bytes")]
    TooLarge(usize),
}

impl Workflow {
    /// The canonical document: JSON with sorted keys, without white space, with its `format`.
    pub fn to_canonical_json(&self) -> String {
        // Neither a map key nor a number of this type can fail to become JSON; `null` keeps this free of panics.
        let mut document = serde_json::to_value(self).unwrap_or_default();
        if let Json::Object(fields) = &mut document {
            fields.insert("format".to_owned(), WORKFLOW_FORMAT.into());
        }
        escape_unprintable(document.to_string())
    }

    /// The version: SHA-256 in hex over the canonical document without the names of prompt files, which are layout.
    pub fn content_hash(&self) -> String {
        let mut content = self.clone();
        for step in content.sections.iter_mut().flat_map(|section| &mut section.steps) {
            step.prompt_file = None;
        }
        let digest = Sha256::digest(content.to_canonical_json());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a document that [`Self::to_canonical_json`] wrote.
    ///
    /// # Errors
    ///
    /// The document is another kind of thing, newer than this version, or too large.
    pub fn from_canonical_json(text: &str) -> Result<Self, CanonicalProblem> {
        if text.len() > 2 * (DEFINITION_BYTES_MAX + PROMPT_TEXTS_BYTES_MAX) {
            return Err(CanonicalProblem::TooLarge(text.len()));
        }
        let shape = |error: serde_json::Error| CanonicalProblem::Shape(error.to_string());
        let document: Json = serde_json::from_str(text).map_err(shape)?;
        match document.get("format").and_then(Json::as_str) {
            Some(WORKFLOW_FORMAT) => {}
            other => return Err(CanonicalProblem::Format(other.unwrap_or("no format at all").to_owned())),
        }
        let workflow: Self = serde_json::from_value(document.clone()).map_err(shape)?;
        if workflow.to_canonical_json() != escape_unprintable(document.to_string()) {
            return Err(CanonicalProblem::Newer);
        }
        Ok(workflow)
    }
}

/// Writes the few characters that JSON allows inside a text and YAML does not as escapes: the same document can then
/// be read by both.
pub(super) fn escape_unprintable(json: String) -> String {
    let is_unprintable = |character: char| matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if !json.contains(is_unprintable) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_unprintable(character) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}
