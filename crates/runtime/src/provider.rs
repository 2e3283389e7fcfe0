//! Model providers: one trait, thin adapters behind it, and the catalogue that finds the right one.

pub mod catalog;
mod gate;
pub(crate) mod held;
mod http;
pub mod mock;
mod target;

use async_trait::async_trait;
use branchline_schema_model::definition::ModelParameters;
use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use serde::Serialize;
use serde_json::Value as Json;

pub use self::catalog::ModelCatalog;
pub use self::target::ModelTarget;

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
    /// JSON Schema of an object the answer has to fit; `None` asks for plain text.
    pub output_schema: Option<Json>,
    /// The same for transport-level repeats of one call, fresh for each new one.
    pub idempotency_key: String,
    /// Address of the step run; the mock model's answers depend on it.
    pub address: String,
}

impl CompletionRequest {
    /// The instructions as one text, and what is said after them. A conversation of instructions alone becomes one
    /// of the user: some providers take no other.
    fn split_system(&self) -> (String, Vec<(Role, &str)>) {
        let of = |wants_system: bool| {
            let messages =
                self.messages.iter().filter(move |message| (message.role == Role::System) == wants_system);
            messages.map(|message| (message.role, message.content.as_str())).collect::<Vec<_>>()
        };
        let (system, rest) = (of(true), of(false));
        if rest.is_empty() {
            return (String::new(), system.into_iter().map(|(_, content)| (Role::User, content)).collect());
        }
        (system.into_iter().map(|(_, content)| content).collect::<Vec<_>>().join("\n\n"), rest)
    }
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
    /// Whether a request left, and may have been billed. Without a key, an address or a connection none does.
    pub was_sent: bool,
}

impl From<Failure> for CallFailure {
    fn from(failure: Failure) -> Self {
        let was_sent = failure.class != ErrorClass::NotSent;
        Self { failure, model: None, request_id: None, response: None, usage: Usage::default(), was_sent }
    }
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

/// Answers prompts by model name. The [`ModelCatalog`] is the real one; tests bring their own.
#[async_trait]
pub trait Completer: Send + Sync {
    /// Calls the model of that name (an alias or `provider/model`) once.
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure>;
}

#[async_trait]
impl Completer for ModelCatalog {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        Self::complete(self, model, request, on_token).await
    }
}
