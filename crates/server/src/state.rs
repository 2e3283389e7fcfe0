//! What every route can reach.

use std::sync::Arc;

use branchline_runtime::engine::Engine;
use branchline_schema_model::store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::error::Problem;
use crate::limits::STREAMS_MAX;

/// The engine that drives runs and the store it works on. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) shutdown: CancellationToken,
}

impl AppState {
    /// `store` is the one the engine was started on.
    pub fn new(engine: Engine, store: Arc<dyn Store>) -> Self {
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        Self { engine, store, streams, shutdown: CancellationToken::new() }
    }
}

/// Runs what changes something on a task of its own: it comes to its end even when the client hangs up.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request's task ended early");
        Err(Problem::internal())
    })
}
