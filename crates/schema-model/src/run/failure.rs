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

impl ErrorClass {
    /// Whether another attempt can help.
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::NotSent
            | Self::AmbiguousSent
            | Self::Timeout
            | Self::RateLimited
            | Self::Overloaded
            | Self::ServerError
            | Self::StreamBroken
            | Self::Truncated
            | Self::Empty
            | Self::InvalidOutput
            | Self::Action
            | Self::Lost => true,
            Self::OutOfCredit
            | Self::Unauthorized
            | Self::BadRequest
            | Self::Refused
            | Self::Template
            | Self::MissingInput
            | Self::Poison
            | Self::Cancelled => false,
        }
    }

    /// Whether a repeat counts as nobody's fault, and not against the attempts of a step: whoever mends the key, the
    /// credit or the network, or waits for a limit to pass, gets the full number of them.
    pub const fn is_free(self) -> bool {
        matches!(self, Self::RateLimited | Self::NotSent) || self.pauses_run()
    }

    /// Whether the whole run pauses, because every further call would fail the same way.
    pub const fn pauses_run(self) -> bool {
        matches!(self, Self::OutOfCredit | Self::Unauthorized)
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
