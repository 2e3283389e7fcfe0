//! Wire types: what travels in requests and answers, apart from the domain so that either can change alone.
//!
//! Names are in snake case, ids and times are text (times in RFC 3339, UTC), states are lower-case words. Clients
//! ignore fields they do not know; the server refuses them.

mod event;
mod finding;
mod run;
mod step;
mod task;
mod value;
mod workflow;

pub use event::{EventBody, TokenBody};
pub use finding::{FindingBody, PlaceBody};
pub use run::{
    RunBody, RunCancel, RunPause, RunQuery, RunResume, RunStart, RunWorkflow, StepCountBody, UsageBody,
};
pub use step::{StepQuery, StepRunBody};
pub(crate) use task::checked_author;
pub use task::{DecisionBody, TaskAnswer, TaskAnswered, TaskBody, TaskFieldBody, TaskOptionBody};
pub use value::{OutputBody, ValueBody, ValueQuery};
pub use workflow::{
    AttributeBody, PortBody, RunInputBody, SectionBody, StepBody, WorkflowBody, WorkflowDetail, WorkflowSaved,
};

use serde::Serialize;

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to give as `before` (runs) or `after` (everything else) for the next page, which may be empty; `null`
    /// when nothing follows.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page whose list has no further one.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of up to `limit` rows; a full one may have a next.
    pub fn filled(items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let next_cursor = if items.len() < limit { None } else { items.last().map(cursor) };
        Self { items, next_cursor }
    }
}
