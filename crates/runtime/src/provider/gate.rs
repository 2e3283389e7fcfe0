//! The gate in front of a provider: everything that decides whether a call may leave now.
//!
//! One gate serves all runs of a process. Callers come through it one after another, in the order in which they came:
//!
//! - **Bounds** of the project file: calls in flight, requests and tokens a minute.
//! - **Pause**: one caller who was told to wait (429) makes all of them wait.
//! - **Pressure**: an overloaded or rate-limited provider gets half as many calls at a time, and one more for each
//!   round of answers (additive increase, multiplicative decrease, as TCP does).
//! - **Circuit**: a provider that failed many times in a row is left alone for a while, then asked by one caller; it
//!   is open to all again when that one gets an answer.
//!
//! The rules are plain data in [`state`], with the time handed in.

mod bucket;
mod circuit;
mod state;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use branchline_schema_model::prompt::BYTES_PER_TOKEN;
use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use self::state::{GateState, Wait};
use super::CompletionRequest;
use super::held::hold;
use crate::config::ProviderConfig;

/// Waits of up to this long are waited out here; a longer one is told to the caller, who frees its place meanwhile.
pub(super) const SHORT_WAIT: Duration = Duration::from_secs(10);

/// Tokens of an answer that nothing is known of, until it is there.
const ANSWER_TOKENS_ASSUMED: u64 = 500;

pub(super) struct Gate {
    state: Mutex<GateState>,
    /// Whoever holds it is next; the others stand in line.
    turnstile: tokio::sync::Mutex<()>,
    /// A call has come back.
    returned: Notify,
}

/// The right to make one call. Dropping it unused, as when the caller goes away, counts as no answer.
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    tokens: u64,
}

impl Gate {
    pub(super) fn new(settings: &ProviderConfig) -> Self {
        Self {
            state: Mutex::new(GateState::new(settings, Instant::now())),
            turnstile: tokio::sync::Mutex::default(),
            returned: Notify::new(),
        }
    }

    /// Waits for the right to call; fails when that takes long, with the time to come back after.
    pub(super) async fn enter(&self, name: &str, request: &CompletionRequest) -> Result<Pass<'_>, Failure> {
        let tokens = estimate(request);
        hold(async {
            let _turn = self.turnstile.lock().await;
            loop {
                // Made before the look, so that a return between the two is not missed.
                let returned = self.returned.notified();
                let waits = self.state().enter(Instant::now(), tokens);
                match waits {
                    Ok(()) => return Ok(Pass { gate: self, tokens }),
                    Err(Wait::ForReturn) => returned.await,
                    Err(Wait::Until(until, why)) => {
                        let rest = until.saturating_duration_since(Instant::now());
                        if rest > SHORT_WAIT {
                            return Err(why.failure(name, rest));
                        }
                        // What comes back may change the state: look again.
                        let _ = timeout(rest, returned).await;
                    }
                }
            }
        })
        .await
    }

    fn state(&self) -> std::sync::MutexGuard<'_, GateState> {
        // Every change is whole, so a panic elsewhere does no harm to it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Tells how the call went.
    pub(super) fn end(self, result: Result<Usage, (&Failure, Usage)>) {
        let (failure, usage) = match result {
            Ok(usage) => (None, usage),
            Err((failure, usage)) => (Some(failure), usage),
        };
        let used = usage.input_tokens + usage.output_tokens;
        // A failure without a count was counted by the provider as nothing, or as something nobody knows.
        let used = if used == 0 && failure.is_none() { self.tokens } else { used };
        self.gate.state().note(Instant::now(), self.tokens, used, failure);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.state().leave();
        self.gate.returned.notify_one();
    }
}

/// Tokens that a call may take: what is sent, and the longest answer or a guess of it.
fn estimate(request: &CompletionRequest) -> u64 {
    let bytes: usize = request.messages.iter().map(|message| message.content.len()).sum();
    let answer = request.parameters.max_tokens.map_or(ANSWER_TOKENS_ASSUMED, u64::from);
    (bytes as u64).div_ceil(BYTES_PER_TOKEN.0) + answer
}

/// Why a call may not leave yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The provider asked for a pause.
    Paused,
    /// The bound on requests or tokens a minute.
    Bound,
    /// It failed too often in a row.
    Broken,
}

impl Why {
    /// A failure that costs nothing and says when to come back.
    fn failure(self, name: &str, rest: Duration) -> Failure {
        let rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        let seconds = rest.as_millis().div_ceil(1000);
        let (class, message) = match self {
            Self::Paused => {
                (ErrorClass::RateLimited, format!("`{name}` asked for a pause that ends in {seconds} s"))
            }
            Self::Bound => {
                let message =
                    format!("`{name}` has had its tokens or requests of this minute; more in {seconds} s");
                (ErrorClass::RateLimited, message)
            }
            Self::Broken => {
                let message = format!("`{name}` failed too often in a row; it is asked again in {seconds} s");
                (ErrorClass::NotSent, message)
            }
        };
        Failure { retry_after_ms: Some(rest_ms), ..Failure::new(class, message) }
    }
}

#[cfg(test)]
mod tests;
