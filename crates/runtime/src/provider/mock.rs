//! The built-in model that calls nobody and costs nothing.
//!
//! Its answer depends only on the seed, the messages, the output schema and the address of the step run: a run with
//! it gives the same values on every machine, with any number of parallel calls. It can be slow and it can fail, both
//! as the project file says, and its answers can be scripted.

mod answers;
mod random;
mod shape;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use branchline_schema_model::run::{ErrorClass, Failure, Usage};

pub use self::answers::MockAnswers;
use self::random::Sequence;
pub use self::shape::shape_true_value;
use super::{CallFailure, Completion, CompletionRequest, ModelProvider, OnToken, Role};

/// The name of the provider, and of a model of it.
pub const MOCK_PROVIDER: &str = "mock";

/// Pieces an answer is streamed in at the most; the latency is spread over them.
const PIECES_MAX: usize = 12;

/// How the mock model behaves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MockConfig {
    /// Another seed gives other answers.
    pub seed: u64,
    /// The shortest and the longest time of a call, in milliseconds; `None` answers at once.
    pub latency_ms: Option<(u64, u64)>,
    /// Failures of the first calls by address or pattern; the call after the last of them succeeds. Calls are counted
    /// per address for the life of the process.
    pub fail: BTreeMap<String, Vec<ErrorClass>>,
    /// Scripted answers.
    pub answers: MockAnswers,
    /// The file of scripted answers, relative to the project file; [`ProjectConfig::load`] reads it.
    ///
    /// [`ProjectConfig::load`]: crate::config::ProjectConfig::load
    pub answers_file: Option<String>,
}

/// The mock model.
pub struct MockModel {
    config: MockConfig,
    /// Calls so far by address; only kept for addresses with scripted failures or answers.
    calls: Mutex<HashMap<String, usize>>,
}

impl MockModel {
    /// A mock model that behaves as `config` says.
    pub fn new(config: MockConfig) -> Self {
        Self { config, calls: Mutex::default() }
    }

    /// How many calls of this address came before.
    fn count_call(&self, address: &str) -> usize {
        if self.config.fail.is_empty() && self.config.answers == MockAnswers::default() {
            return 0;
        }
        let mut calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = calls.entry(address.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn scripted_failure(&self, address: &str, call: usize) -> Option<ErrorClass> {
        answers::lookup(&self.config.fail, address)?.get(call).copied()
    }

    /// What the answer depends on, as bytes.
    fn seed(&self, request: &CompletionRequest) -> Vec<u8> {
        let parts = (self.config.seed, &request.address, &request.messages, &request.output_schema);
        serde_json::to_vec(&parts).unwrap_or_default()
    }

    fn answer(&self, request: &CompletionRequest, call: usize, seed: &[u8]) -> String {
        if let Some(answer) = self.config.answers.get(&request.address, call) {
            return answer;
        }
        match &request.output_schema {
            Some(schema) => shape_true_value(schema, seed).to_string(),
            None => words::answer(&mut Sequence::new(seed), &request.address, last_prompt(request)),
        }
    }

    fn latency(&self, seed: &[u8], call: usize) -> Duration {
        let Some((low, high)) = self.config.latency_ms else { return Duration::ZERO };
        let mut sequence = Sequence::new(seed);
        for _ in 0..call {
            sequence.next();
        }
        Duration::from_millis(sequence.between(low, high))
    }
}

#[async_trait]
impl ModelProvider for MockModel {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        let model = format!("{MOCK_PROVIDER}/{model}");
        let call = self.count_call(&request.address);
        let seed = self.seed(request);
        let latency = self.latency(&seed, call);
        if let Some(class) = self.scripted_failure(&request.address, call) {
            pause(latency).await;
            let message =
                format!("the mock model fails call {} of `{}` as it was told", call + 1, request.address);
            return Err(CallFailure {
                model: Some(model),
                ..CallFailure::from(Failure::new(class, message))
            });
        }
        let text = self.answer(request, call, &seed);
        if text.trim().is_empty() {
            let failure =
                Failure::new(ErrorClass::Empty, "the mock model gave an empty answer, as it was told");
            return Err(CallFailure { model: Some(model), ..failure.into() });
        }
        let pieces = pieces(&text);
        for piece in &pieces {
            pause(latency / pieces.len() as u32).await;
            on_token(piece);
        }
        let usage = usage(request, &text);
        Ok(Completion { text, model, request_id: None, usage })
    }
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn last_prompt(request: &CompletionRequest) -> &str {
    let is_user = |message: &&super::Message| message.role == Role::User;
    let prompt = request.messages.iter().rev().find(is_user).or(request.messages.last());
    prompt.map_or("", |message| message.content.as_str())
}

/// The answer cut after spaces into at most [`PIECES_MAX`] pieces.
fn pieces(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let per_piece = words.len().div_ceil(PIECES_MAX).max(1);
    let mut rest = text;
    words
        .chunks(per_piece)
        .map(|chunk| {
            let (piece, tail) = rest.split_at(chunk.iter().map(|word| word.len()).sum());
            rest = tail;
            piece
        })
        .collect()
}

/// Tokens as models count them on average: four thirds of a word.
fn usage(request: &CompletionRequest, answer: &str) -> Usage {
    let tokens = |text: &str| (text.split_whitespace().count() as u64 * 4).div_ceil(3);
    let input_tokens = request.messages.iter().map(|message| tokens(&message.content)).sum();
    Usage { input_tokens, output_tokens: tokens(answer).max(1), ..Usage::default() }
}

#[cfg(test)]
mod tests;
