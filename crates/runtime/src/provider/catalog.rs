//! The catalogue finds the providers behind the name of a model and calls them in turn.
//!
//! A name is an alias of the project file, a `provider/model`, or `mock`. An alias stands for a chain. The next of
//! the chain is asked when the one before could not serve: not reachable, timed out, overloaded, failing on its side,
//! rate limited for long, or refusing the request itself (an unknown model, a prompt longer than its context).
//! A chain stops at an answer, at a model's own refusal, at an answer that broke off (what was streamed stands on
//! somebody's screen), and at a missing key or an empty account: those are for a person to mend, and going on in
//! silence would hide them.

mod listing;
mod slot;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use branchline_schema_model::name::nearest;
use branchline_schema_model::run::{ErrorClass, Failure};

pub use self::listing::ModelEntry;
use self::slot::ProviderSlot;
use super::gate::SHORT_WAIT;
use super::mock::{MOCK_PROVIDER, MockModel};
use super::target::ModelTarget;
use super::{CallFailure, Completion, CompletionRequest, Message, ModelProvider, OnToken, Role, http};
use crate::config::{ProjectConfig, ProviderConfig, ProviderKind, checked_base_url};

/// All models this process can call.
pub struct ModelCatalog {
    aliases: BTreeMap<String, Vec<ModelTarget>>,
    providers: BTreeMap<String, ProviderSlot>,
}

/// The name of a model that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model `{name}`")]
pub struct UnknownModel {
    /// What was asked for.
    pub name: String,
    /// What to write instead.
    pub hint: String,
}

impl ModelCatalog {
    /// The catalogue of a project. `env` reads environment variables: the keys, and `NAME_BASE_URL` (such as
    /// `OPENAI_BASE_URL`), which moves the built-in provider of that name and wins over the project file.
    pub fn new(config: &ProjectConfig, env: impl Fn(&str) -> Option<String>) -> Self {
        let built_in = ProviderConfig::BUILT_IN.iter().map(|name| (*name).to_owned());
        let names: std::collections::BTreeSet<String> =
            built_in.chain(config.providers.keys().cloned()).collect();
        let mock: Arc<dyn ModelProvider> = Arc::new(MockModel::new(config.mock.clone()));
        let slots = names.into_iter().filter_map(|name| {
            let settings = moved(config.provider(&name)?, &name, &env);
            let slot = match settings.kind {
                ProviderKind::Mock | ProviderKind::Custom => {
                    ProviderSlot::new(Arc::clone(&mock), settings, false)
                }
                _ => {
                    let key = http::Key::read(settings.key_env.as_deref(), &env);
                    let is_key_set = key.is_set();
                    ProviderSlot::new(http::provider(&name, &settings, key), settings, is_key_set)
                }
            };
            Some((name, slot))
        });
        Self { aliases: config.models.clone(), providers: slots.collect() }
    }

    /// Adds a provider of your own, or replaces the one of that name. Its models are called `name/model`.
    #[must_use]
    pub fn with_provider(mut self, name: impl Into<String>, provider: Arc<dyn ModelProvider>) -> Self {
        let settings = ProviderConfig::new(ProviderKind::Custom);
        self.providers.insert(name.into(), ProviderSlot::new(provider, settings, false));
        self
    }

    /// The names of the aliases.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.keys().map(String::as_str)
    }

    /// The chain of targets a name stands for; never empty.
    pub fn resolve(&self, name: &str) -> Result<Vec<ModelTarget>, UnknownModel> {
        let chain = match self.aliases.get(name) {
            Some(chain) => chain.clone(),
            None => vec![ModelTarget::parse(name).ok_or_else(|| self.unknown(name))?],
        };
        for target in &chain {
            if !self.providers.contains_key(&target.provider) {
                return Err(self.unknown_provider(name, &target.provider));
            }
        }
        Ok(chain)
    }

    /// Calls the model of a name: the first of its chain, or a later one when those before cannot serve.
    pub async fn complete(
        &self,
        model_name: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        let chain = self.resolve(model_name).map_err(CallFailure::from)?;
        let mut failures: Vec<CallFailure> = Vec::new();
        for (position, target) in chain.iter().enumerate() {
            let Some(slot) = self.providers.get(&target.provider) else { continue };
            let mut was_streamed = false;
            let mut on_piece = |piece: &str| {
                was_streamed = true;
                on_token(piece);
            };
            match slot.complete(target, request, &mut on_piece).await {
                Ok(completion) => return Ok(add_usage(completion, &failures)),
                Err(failure) => {
                    let goes_on = !was_streamed && asks_next(&failure.failure);
                    if goes_on && position + 1 < chain.len() {
                        tracing::warn!(model = %target, failure = %failure.failure, "asking the next model of the chain");
                    }
                    failures.push(failure);
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        Err(summary(failures))
    }

    /// Calls a model with one tiny prompt, to see that it answers.
    pub async fn test(&self, model_name: &str) -> Result<Completion, CallFailure> {
        let content = "Answer with the one word: ready".to_owned();
        let request = CompletionRequest {
            messages: vec![Message { role: Role::User, content }],
            parameters: branchline_schema_model::definition::ModelParameters::default(),
            output_schema: None,
            idempotency_key: crate::clock::new_uuid().to_string(),
            address: "models.test".to_owned(),
        };
        self.complete(model_name, &request, &mut |_| ()).await
    }

    fn unknown(&self, name: &str) -> UnknownModel {
        let known = self.aliases().chain([MOCK_PROVIDER]);
        let hint = match nearest(name, known) {
            Some(alias) => format!("did you mean `{alias}`?"),
            None => format!(
                "write `provider/model`, or give `{name}` a model under `[models]` in {}",
                crate::config::PROJECT_FILE_NAME
            ),
        };
        UnknownModel { name: name.to_owned(), hint }
    }

    fn unknown_provider(&self, name: &str, provider: &str) -> UnknownModel {
        let hint = match nearest(provider, self.providers.keys().map(String::as_str)) {
            Some(known) => format!("there is no provider `{provider}`; did you mean `{known}`?"),
            None => format!(
                "there is no provider `{provider}`; add `[providers.{provider}]` to {}",
                crate::config::PROJECT_FILE_NAME
            ),
        };
        UnknownModel { name: name.to_owned(), hint }
    }
}

/// The catalogue is itself a provider, of all names it knows.
#[async_trait]
impl ModelProvider for ModelCatalog {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        Self::complete(self, model, request, on_token).await
    }
}

impl From<UnknownModel> for CallFailure {
    fn from(unknown: UnknownModel) -> Self {
        let failure = Failure::new(ErrorClass::BadRequest, format!("{unknown}; {}", unknown.hint));
        Self { was_sent: false, ..failure.into() }
    }
}

/// The settings of a provider, moved to where the environment says.
fn moved(mut settings: ProviderConfig, name: &str, env: &impl Fn(&str) -> Option<String>) -> ProviderConfig {
    if settings.kind == ProviderKind::Mock || !ProviderConfig::BUILT_IN.contains(&name) {
        return settings;
    }
    let variable = format!("{}_BASE_URL", name.to_uppercase());
    if let Some(text) = env(&variable).filter(|text| !text.trim().is_empty()) {
        match checked_base_url(&variable, text.trim()) {
            Ok(base_url) => settings.base_url = base_url,
            Err(message) => tracing::warn!("{message}; it is not used"),
        }
    }
    settings
}

/// Whether the next model of a chain may do better.
fn asks_next(failure: &Failure) -> bool {
    match failure.class {
        ErrorClass::NotSent
        | ErrorClass::Timeout
        | ErrorClass::Overloaded
        | ErrorClass::ServerError
        | ErrorClass::BadRequest => true,
        ErrorClass::RateLimited => {
            failure.retry_after_ms.is_none_or(|wait_ms| Duration::from_millis(wait_ms) > SHORT_WAIT)
        }
        _ => false,
    }
}

/// One failure of a whole chain: the first that is worth another attempt, in the words of all.
fn summary(failures: Vec<CallFailure>) -> CallFailure {
    let message =
        failures.iter().map(|failure| failure.failure.message.as_str()).collect::<Vec<_>>().join("; then ");
    let mut usage = branchline_schema_model::run::Usage::default();
    for failure in &failures {
        usage += failure.usage;
    }
    let was_sent = failures.iter().any(|failure| failure.was_sent);
    let last = failures.len().saturating_sub(1);
    let stops = failures.last().is_some_and(|failure| !asks_next(&failure.failure));
    let chosen =
        failures.iter().position(|failure| failure.failure.class.is_retryable() && !stops).unwrap_or(last);
    match failures.into_iter().nth(chosen) {
        Some(mut failure) => {
            failure.failure.message = message;
            CallFailure { usage, was_sent, ..failure }
        }
        None => Failure::new(ErrorClass::BadRequest, "the model stands for an empty chain").into(),
    }
}

/// The answer, with the tokens of the calls that failed before it.
fn add_usage(mut completion: Completion, failures: &[CallFailure]) -> Completion {
    for failure in failures {
        completion.usage += failure.usage;
    }
    completion
}

#[cfg(test)]
mod tests;
