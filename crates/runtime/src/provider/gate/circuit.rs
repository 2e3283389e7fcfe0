//! A provider that fails again and again is left alone for a while.

use std::time::Duration;

use branchline_schema_model::run::ErrorClass;
use tokio::time::Instant;

/// Failures in a row, without an answer between them, that open the circuit.
const FAILURES_MAX: u32 = 20;

/// They have to come within this time: a slow trickle of failures is no outage.
const WINDOW: Duration = Duration::from_secs(30);

/// How long it stays open before one caller tries.
const PAUSE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Circuit {
    failures: u32,
    first_at: Option<Instant>,
    /// Until when nobody calls; after it, one at a time, until an answer comes.
    open_until: Option<Instant>,
}

impl Circuit {
    /// Until when nobody may call.
    pub(super) fn closed_at(&self, now: Instant) -> Option<Instant> {
        self.open_until.filter(|until| *until > now)
    }

    /// Whether only one caller at a time may try.
    pub(super) const fn is_on_trial(&self) -> bool {
        self.open_until.is_some()
    }

    /// The provider answered, if only with a refusal.
    pub(super) fn answered(&mut self) -> bool {
        std::mem::take(self).open_until.is_some()
    }

    /// The provider failed; whether that opened the circuit.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        if self.is_on_trial() {
            self.open_until = Some(now + PAUSE);
            return true;
        }
        match self.first_at {
            Some(first) if now.saturating_duration_since(first) <= WINDOW => self.failures += 1,
            _ => (self.failures, self.first_at) = (1, Some(now)),
        }
        let opens = self.failures >= FAILURES_MAX;
        if opens {
            self.open_until = Some(now + PAUSE);
        }
        opens
    }
}

/// Whether a failure speaks of the provider's health and not of one request.
pub(super) const fn is_of_provider(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::NotSent
            | ErrorClass::AmbiguousSent
            | ErrorClass::Timeout
            | ErrorClass::Overloaded
            | ErrorClass::ServerError
    )
}
