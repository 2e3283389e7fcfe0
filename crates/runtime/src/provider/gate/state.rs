//! What the gate knows and how it decides, without waiting and without a clock.

use std::time::Duration;

use branchline_schema_model::run::{ErrorClass, Failure};
use tokio::time::Instant;

use super::Why;
use super::bucket::Bucket;
use super::circuit::{Circuit, is_of_provider};
use crate::config::{ProviderConfig, ProviderKind};

/// The pause after a 429 that names none.
const PAUSE_DEFAULT: Duration = Duration::from_secs(1);

/// Calls that fail together say one thing, so the bound is halved at most this often.
const HALVING_INTERVAL: Duration = Duration::from_secs(1);

/// What has to come before a call may leave.
pub(super) enum Wait {
    /// Another call comes back.
    ForReturn,
    /// This moment.
    Until(Instant, Why),
}

pub(super) struct GateState {
    in_flight: u32,
    in_flight_max: u32,
    /// The bound of the moment, from 1 to `in_flight_max`; it grows by parts of a call.
    in_flight_bound: f64,
    halved_at: Option<Instant>,
    paused_until: Option<Instant>,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    circuit: Circuit,
    /// Whether failures tell how a provider is; those of the mock model are there to be seen.
    heeds_failures: bool,
}

impl GateState {
    pub(super) fn new(settings: &ProviderConfig, now: Instant) -> Self {
        let bucket = |per_minute: Option<u32>| per_minute.map(|per_minute| Bucket::new(per_minute, now));
        Self {
            in_flight: 0,
            in_flight_max: settings.parallel_calls,
            in_flight_bound: f64::from(settings.parallel_calls),
            halved_at: None,
            paused_until: None,
            requests: bucket(settings.requests_per_minute),
            tokens: bucket(settings.tokens_per_minute),
            circuit: Circuit::default(),
            heeds_failures: settings.kind != ProviderKind::Mock,
        }
    }

    /// Lets a call through, or says what it waits for.
    pub(super) fn enter(&mut self, now: Instant, tokens: u64) -> Result<(), Wait> {
        if let Some(until) = self.circuit.closed_at(now) {
            return Err(Wait::Until(until, Why::Broken));
        }
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return Err(Wait::Until(until, Why::Paused));
        }
        let bound = if self.circuit.is_on_trial() { 1 } else { self.in_flight_bound as u32 };
        if self.in_flight >= bound {
            return Err(Wait::ForReturn);
        }
        let wants = [(self.requests.as_mut(), 1), (self.tokens.as_mut(), tokens)];
        let ready_at =
            wants.into_iter().filter_map(|(bucket, amount)| Some(bucket?.ready_at(now, amount))).max();
        if let Some(until) = ready_at.filter(|until| *until > now) {
            return Err(Wait::Until(until, Why::Bound));
        }
        if let Some(bucket) = &mut self.requests {
            bucket.take(1);
        }
        if let Some(bucket) = &mut self.tokens {
            bucket.take(tokens);
        }
        self.in_flight += 1;
        Ok(())
    }

    /// A call has come back, or was given up.
    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// What a call that came back says of the provider.
    pub(super) fn note(
        &mut self,
        now: Instant,
        tokens_taken: u64,
        tokens_used: u64,
        failure: Option<&Failure>,
    ) {
        if let Some(bucket) = &mut self.tokens {
            bucket.correct(tokens_taken, tokens_used);
        }
        if !self.heeds_failures {
            return;
        }
        match failure {
            Some(failure) if failure.class == ErrorClass::RateLimited => {
                let pause = failure.retry_after_ms.map_or(PAUSE_DEFAULT, Duration::from_millis);
                if let Some(until) = now.checked_add(pause) {
                    self.paused_until = Some(self.paused_until.map_or(until, |known| known.max(until)));
                }
                self.halve(now);
            }
            Some(failure) if is_of_provider(failure.class) => {
                if failure.class == ErrorClass::Overloaded {
                    self.halve(now);
                }
                if self.circuit.failed(now) {
                    tracing::warn!(%failure, "a provider failed too often in a row; it is left alone for a while");
                }
            }
            _ => {
                if self.circuit.answered() {
                    tracing::info!("a provider that failed answers again");
                }
                self.in_flight_bound =
                    (self.in_flight_bound + 1.0 / self.in_flight_bound).min(f64::from(self.in_flight_max));
            }
        }
    }

    fn halve(&mut self, now: Instant) {
        if self.halved_at.is_none_or(|at| now.saturating_duration_since(at) >= HALVING_INTERVAL) {
            // What was in flight was too much, however much was allowed.
            self.in_flight_bound = (self.in_flight_bound.min(f64::from(self.in_flight)) / 2.0).max(1.0);
            self.halved_at = Some(now);
        }
    }
}
