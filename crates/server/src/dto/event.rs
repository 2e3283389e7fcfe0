//! Events of a run on the wire.

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{EventKind, RunEvent};
use branchline_schema_model::time::Timestamp;
use serde::Serialize;

/// One event. Its kind has the durable form of `run_events`, which is a contract of its own (see [`EventKind`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventBody {
    /// The run.
    pub run_id: WorkflowRunId,
    /// From 1, without gaps; also the `id` in a stream.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What: the field `event` and those of that kind.
    #[serde(flatten)]
    pub kind: EventKind,
}

impl From<RunEvent> for EventBody {
    fn from(event: RunEvent) -> Self {
        Self { run_id: event.run_id, sequence: event.sequence, at: event.at, kind: event.kind }
    }
}

/// A piece of a model's answer, in streams that ask for it. Not durable and without a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenBody {
    /// Address of the step run.
    pub step: String,
    /// The piece.
    pub text: String,
}
