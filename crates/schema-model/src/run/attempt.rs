//! One try of a step run: a model call, a render, or a custom action.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::failure::Failure;
use crate::id::{StepAttemptId, StepRunId};
use crate::time::Timestamp;

/// Tokens of one attempt by kind, as the provider counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input_tokens: u64,
    /// Those read from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// Those spent on reasoning.
    pub reasoning_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.cached_tokens += other.cached_tokens;
        self.output_tokens += other.output_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// With outputs that fit.
    Succeeded,
    /// With a failure; the step may be tried again.
    Failed(Failure),
}

/// One try (`step_attempts`). Committed before the call leaves; the rest is filled in when it ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepAttempt {
    /// Its id, also the idempotency key of the call.
    pub id: StepAttemptId,
    /// The step run it belongs to.
    pub step_run_id: StepRunId,
    /// From 1.
    pub number: u32,
    /// When it was committed.
    pub started_at: Timestamp,
    /// When its end was known.
    pub ended_at: Option<Timestamp>,
    /// `None` while under way.
    pub outcome: Option<AttemptOutcome>,
    /// `provider/model` that answered.
    pub model: Option<String>,
    /// The messages and parameters sent, without secrets.
    pub request: Option<Json>,
    /// The answer as text, before parsing.
    pub response: Option<String>,
    /// The provider's name of the request.
    pub provider_request_id: Option<String>,
    /// Tokens of all calls of this attempt (repairs ask again within one attempt).
    pub usage: Usage,
    /// Model calls made in this attempt.
    pub calls: u32,
}
