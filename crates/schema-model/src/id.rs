//! Typed ids: one line per kind of thing, so that a step id can never be passed for a section id.
//!
//! Every id is a UUIDv7, written in lower case with hyphens. Making ids is the runtime's business; here they are
//! only carried, compared and parsed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id")]
pub struct ParseIdError {
    text: String,
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made elsewhere.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for the database and the wire.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError { text: text.to_owned() })
            }
        }
    )*};
}

typed_ids! {
    /// One immutable version of a workflow (`workflows.id`).
    WorkflowId;
    /// A section of a workflow version (`sections.id`).
    SectionId;
    /// A step of a workflow version (`steps.id`).
    StepId;
    /// A typed variable of a workflow version (`attributes.id`).
    AttributeId;
    /// One execution of a workflow version (`workflow_runs.id`).
    WorkflowRunId;
    /// One execution of a section (`section_runs.id`).
    SectionRunId;
    /// One execution of a step in one branch (`step_runs.id`).
    StepRunId;
    /// One value, written once and never changed (`attribute_values.id`).
    AttributeValueId;
    /// One call, render or other try of a step run (`step_attempts.id`).
    StepAttemptId;
    /// What a person, a timeout or `--unattended` decided (`decisions.id`).
    DecisionId;
    /// One boot of an engine process (`workflow_runs.owner_id`).
    SchedulerId;
    /// A command from outside to the owner of a run (`run_messages.id`).
    RunMessageId;
}
