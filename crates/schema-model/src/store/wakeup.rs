//! Wake-ups: the news that there is something to look at. They carry nothing and may be lost.

use async_trait::async_trait;

use crate::id::WorkflowRunId;

/// There is something to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakeup {
    /// In this run.
    Run(WorkflowRunId),
    /// Perhaps in any: some wake-ups were missed.
    Any,
}

/// A listener.
#[async_trait]
pub trait Wakeups: Send {
    /// Waits for the next one; `None` when the database was closed.
    async fn next(&mut self) -> Option<Wakeup>;
}
