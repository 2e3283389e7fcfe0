//! Model providers: one trait, thin adapters behind it, and the catalogue that finds the right one.

use async_trait::async_trait;
use branchline_schema_model::definition::ModelParameters;
use branchline_schema_model::run::{Failure, Usage};
use serde::Serialize;
use serde_json::Value as Json;

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions.
    System,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// One call of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompletionRequest {
    /// The conversation; never empty.
    pub messages: Vec<Message>,
    /// Sampling and length.
    pub parameters: ModelParameters,
    /// JSON Schema the answer has to fit; `None` asks for plain text.
    pub output_schema: Option<Json>,
    /// The same for transport-level repeats of one call, fresh for each new one.
    pub idempotency_key: String,
    /// Address of the step run; the mock model's answers depend on it.
    pub address: String,
}

/// A whole answer. A truncated, refused or empty one is a [`CallFailure`].
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The answer.
    pub text: String,
    /// `provider/model` that gave it.
    pub model: String,
    /// The provider's name of the request.
    pub request_id: Option<String>,
    /// Tokens, as the provider counted them.
    pub usage: Usage,
}

/// A call without a usable answer.
#[derive(Debug, Clone, PartialEq)]
pub struct CallFailure {
    /// Class, the provider's own words, and the delay it asks for. Never a secret.
    pub failure: Failure,
    /// `provider/model` that failed, when one was reached.
    pub model: Option<String>,
    /// The provider's name of the request.
    pub request_id: Option<String>,
    /// What came of an answer, for the record; never used as a result.
    pub response: Option<String>,
    /// Tokens that were counted all the same.
    pub usage: Usage,
}

/// Receives the text of an answer piece by piece.
pub type OnToken<'a> = &'a mut (dyn FnMut(&str) + Send);

/// A service that answers prompts.
#[async_trait]
pub trait ModelProvider: Send + Sync {
    /// Calls `model` once: no retries here, the engine owns them. Pieces of the answer go to `on_token` as they come.
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure>;
}
