//! Why an attempt failed: one taxonomy for providers, templates, people and crashes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! error_classes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The class of a failure (`step_attempts.error_class`); it decides what happens next.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorClass { $($(#[$doc])* $variant,)* }

        impl ErrorClass {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text in the database and the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl FromStr for ErrorClass {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(format!("`{text}` is not an error class")),
                }
            }
        }
    };
}

error_classes! {
    /// The request never left: no address, no connection, no TLS.
    NotSent = "not_sent",
    /// The connection died after the request went out and before an answer; it may have been billed.
    AmbiguousSent = "ambiguous_sent",
    /// No answer in time.
    Timeout = "timeout",
    /// 429.
    RateLimited = "rate_limited",
    /// 503, 529, or an overload said inside a stream.
    Overloaded = "overloaded",
    /// Any other 5xx, and 408.
    ServerError = "server_error",
    /// 402, or a quota that only money refills.
    OutOfCredit = "out_of_credit",
    /// 401, 403, or no key set.
    Unauthorized = "unauthorized",
    /// Any other 4xx: an unknown model, a prompt longer than the context, a schema the provider refuses.
    BadRequest = "bad_request",
    /// A stream that ended without its end mark, or was no stream.
    StreamBroken = "stream_broken",
    /// The answer was cut off at the token limit.
    Truncated = "truncated",
    /// The model or its filter would not answer.
    Refused = "refused",
    /// An answer without content.
    Empty = "empty",
    /// An answer that is not JSON or does not fit the output types, after asking again.
    InvalidOutput = "invalid_output",
    /// The prompt could not be rendered.
    Template = "template",
    /// A required value is missing or of the wrong shape.
    MissingInput = "missing_input",
    /// A custom action failed.
    Action = "action",
    /// The process that ran it ended.
    Lost = "lost",
    /// It ended its process too often.
    Poison = "poison",
    /// The run was cancelled.
    Cancelled = "cancelled",
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryRule {
    /// Nothing more: the same would happen again.
    Fail,
    /// Further attempts, up to as many as the step allows and to this many in all.
    Retry {
        /// Whatever the step allows, no more than this.
        attempts_max: Option<u32>,
    },
    /// Further attempts that are not counted against those of the step, because nothing was billed and nothing is the
    /// step's fault; but not for ever.
    RetryFree {
        /// Repeats before it ends.
        repeats_max: u32,
        /// Whether the run pauses then, instead of the step failing.
        then_pauses: bool,
    },
    /// The whole run pauses, because every further call would fail the same way. It is not counted either: whoever
    /// mends the key or the credit gets the full number of attempts.
    PauseRun,
    /// The step is taken up again by the next engine, up to the cap on recoveries.
    Recover,
}

impl ErrorClass {
    /// The one table of what follows which failure. `crates/README.md` shows it.
    pub const fn retry_rule(self) -> RetryRule {
        use RetryRule::{Fail, PauseRun, Recover, Retry, RetryFree};
        match self {
            // About a quarter of a minute: enough for a network that changes, short enough to say so.
            Self::NotSent => RetryFree { repeats_max: 6, then_pauses: true },
            Self::RateLimited => RetryFree { repeats_max: 60, then_pauses: false },
            Self::AmbiguousSent
            | Self::Timeout
            | Self::Overloaded
            | Self::ServerError
            | Self::StreamBroken
            | Self::Empty
            | Self::InvalidOutput
            | Self::Action => Retry { attempts_max: None },
            // It was paid in full, and the same question mostly ends the same way.
            Self::Truncated => Retry { attempts_max: Some(2) },
            Self::OutOfCredit | Self::Unauthorized => PauseRun,
            Self::BadRequest
            | Self::Refused
            | Self::Template
            | Self::MissingInput
            | Self::Poison
            | Self::Cancelled => Fail,
            Self::Lost => Recover,
        }
    }

    /// Whether another attempt can help.
    pub const fn is_retryable(self) -> bool {
        !matches!(self.retry_rule(), RetryRule::Fail | RetryRule::PauseRun)
    }

    /// Whether a repeat counts as nobody's fault, and not against the attempts of a step.
    pub const fn is_free(self) -> bool {
        matches!(self.retry_rule(), RetryRule::RetryFree { .. } | RetryRule::PauseRun)
    }

    /// Whether the whole run pauses, because every further call would fail the same way.
    pub const fn pauses_run(self) -> bool {
        matches!(self.retry_rule(), RetryRule::PauseRun)
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failed attempt, in words for people and data for decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence that keeps the provider's own words; never a secret.
    pub message: String,
    /// How long the provider asks to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// A failure without a wished delay.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), retry_after_ms: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rule: RetryRule) -> String {
        match rule {
            RetryRule::Fail => "the step fails".to_owned(),
            RetryRule::Retry { attempts_max: None } => {
                "again, as often as the step's `retry` allows".to_owned()
            }
            RetryRule::Retry { attempts_max: Some(most) } => format!("again, {most} attempts at most"),
            RetryRule::RetryFree { repeats_max, then_pauses } => {
                let then = if then_pauses { "the run pauses" } else { "the step fails" };
                format!("again, not counted; after {repeats_max} repeats {then}")
            }
            RetryRule::PauseRun => "the run pauses; not counted".to_owned(),
            RetryRule::Recover => "again by the next engine, 3 times at most".to_owned(),
        }
    }

    #[test]
    fn the_documented_table_is_the_one_in_use() {
        let rows =
            ErrorClass::ALL.iter().map(|class| format!("| `{class}` | {} |", words(class.retry_rule())));
        let table = rows.collect::<Vec<_>>().join("\n");
        let document = include_str!("../../../README.md");
        assert!(document.contains(&table), "crates/README.md has to hold:\n{table}");
        assert_eq!(crate::limits::RECOVERIES_MAX, 3);
    }
}
