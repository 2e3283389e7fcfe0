//! Rendering: a step's template and its values become the messages of a prompt, or a text.
//!
//! Values are data. They are written into the prompt as they are and never looked at again: a value that holds
//! `{{…}}` stays text, and one that looks like a message of its own stays inside the message it was put in, because
//! messages begin where the `role` helper is called and not at any mark in the text.
//!
//! A name nobody gave a value is an error; an optional one without a value renders as nothing, and so does a part of a
//! value that its type leaves open: a field of an object that is not there, an item behind the end of a list. Lists render one item
//! a line, objects as canonical JSON.

mod compiled;
mod date;
mod error;
mod helper;
mod open;
mod output;
mod rewrite;
mod scope;
mod value;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::limits::PROMPT_CACHE_TEMPLATES_MAX;
use branchline_schema_model::plan::{Plan, StepIndex};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use self::compiled::CompiledTemplate;
pub use self::error::PromptError;
pub use self::scope::Branch;
use self::scope::Scope;
use crate::provider::{Message, Role};

/// A rendered template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it says, by speaker. Without `role` in the template this is one message of the user, exactly as rendered;
    /// with it, blank lines around each message are gone and empty messages too.
    pub messages: Vec<Message>,
    /// Whether the template calls `role`.
    pub has_roles: bool,
    /// Optional inputs the template mentioned that have no value, and so rendered as nothing.
    pub missing: Vec<String>,
}

impl Rendered {
    /// The text of all messages.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.messages.iter().map(|message| message.content.as_str()).collect();
        texts.join("\n\n")
    }

    /// SHA-256 of the messages as JSON, in hex: equal prompts have equal hashes.
    pub fn hash(&self) -> String {
        let messages = serde_json::json!(self.messages).to_string();
        Sha256::digest(messages).iter().fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write as _;
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn new(parts: Vec<(Role, String)>, missing: Vec<String>) -> Self {
        let has_roles = parts.len() > 1;
        let messages = parts.into_iter().map(|(role, content)| Message { role, content });
        let messages = if has_roles {
            messages
                .map(|message| Message {
                    content: without_blank_edges(&message.content).to_owned(),
                    ..message
                })
                .filter(|message| !message.content.trim().is_empty())
                .collect()
        } else {
            messages.collect()
        };
        Self { messages, has_roles, missing }
    }
}

/// `text` without the blank lines at its beginning and end.
pub(crate) fn without_blank_edges(text: &str) -> &str {
    let text = text.trim_end();
    let blank = text.len() - text.trim_start().len();
    let line_start = text[..blank].rfind('\n').map_or(0, |newline| newline + 1);
    &text[line_start..]
}

/// Renders the template of a step.
///
/// `inputs` holds values by template name, `branch` the innermost branch of the step run. Without an engine, give
/// what you have: a name of the step's reads that has no value renders as nothing if it is optional.
///
/// # Errors
///
/// The template has a mistake, mentions a name without a value, or renders to more than
/// [`RENDERED_PROMPT_BYTES_MAX`](branchline_schema_model::limits::RENDERED_PROMPT_BYTES_MAX).
pub fn render(
    plan: &Plan,
    step: StepIndex,
    inputs: &BTreeMap<String, Json>,
    branch: Option<Branch>,
) -> Result<Rendered, PromptError> {
    let template = plan.step(step).prompt.as_deref().unwrap_or_default();
    CompiledTemplate::compile(template, &plan.partials)?.render(Scope::of_step(plan, step, inputs, branch))
}

/// The template of a label, which names a branch after its element.
pub(crate) struct LabelTemplate(CompiledTemplate);

impl LabelTemplate {
    pub(crate) fn compile(template: &str, partials: &BTreeMap<String, String>) -> Result<Self, PromptError> {
        CompiledTemplate::compile(template, partials).map(Self)
    }

    /// The label of an element of this type, among other values by name.
    pub(crate) fn render(
        &self,
        values: &BTreeMap<String, Json>,
        item_type: &AttributeType,
        branch: Branch,
    ) -> Result<String, PromptError> {
        self.0.render(Scope::of_values(values, item_type, branch)).map(|rendered| rendered.text())
    }
}

/// Renders like [`render`] and keeps templates compiled, found again by their text.
#[derive(Default)]
pub struct PromptRenderer {
    compiled: Mutex<HashMap<[u8; 32], Arc<CompiledTemplate>>>,
}

impl PromptRenderer {
    /// See [`render`].
    ///
    /// # Errors
    ///
    /// As [`render`].
    pub fn render(
        &self,
        plan: &Plan,
        step: StepIndex,
        inputs: &BTreeMap<String, Json>,
        branch: Option<Branch>,
    ) -> Result<Rendered, PromptError> {
        let template = plan.step(step).prompt.as_deref().unwrap_or_default();
        self.compiled(template, &plan.partials)?.render(Scope::of_step(plan, step, inputs, branch))
    }

    fn compiled(
        &self,
        template: &str,
        partials: &BTreeMap<String, String>,
    ) -> Result<Arc<CompiledTemplate>, PromptError> {
        let key = cache_key(template, partials);
        if let Some(found) = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let compiled = Arc::new(CompiledTemplate::compile(template, partials)?);
        let mut cache = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= PROMPT_CACHE_TEMPLATES_MAX {
            cache.clear();
        }
        cache.insert(key, Arc::clone(&compiled));
        Ok(compiled)
    }
}

/// Each text is hashed behind its length, so that no two lists of texts look alike.
fn cache_key(template: &str, partials: &BTreeMap<String, String>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let named = partials.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]);
    for text in std::iter::once(template).chain(named) {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests;
