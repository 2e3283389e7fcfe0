//! What can go wrong when the engine is asked for something.

use branchline_schema_model::store::StoreError;

/// A refused or failed request to the engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The database. See [`StoreError::is_retryable`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored definition does not compile with this program. Not worth repeating.
    #[error("the workflow cannot be run: {message}")]
    Definition {
        /// The first problem.
        message: String,
    },
    /// The given run inputs do not fit, one sentence each. Not worth repeating unchanged.
    #[error("{}", problems.join("; "))]
    Inputs {
        /// Never empty.
        problems: Vec<String>,
    },
    /// The answer does not fit the task. Not worth repeating unchanged.
    #[error("{message}")]
    Answer {
        /// Why.
        message: String,
    },
    /// The task was answered before, or waits no longer. Not worth repeating.
    #[error("{message}")]
    TooLate {
        /// What stands.
        message: String,
    },
    /// The run is in a state that does not allow it. Not worth repeating.
    #[error("{message}")]
    State {
        /// Why.
        message: String,
    },
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    ShuttingDown,
}
