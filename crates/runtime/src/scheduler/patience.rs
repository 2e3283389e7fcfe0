//! Holding on while the database is locked, full or away, so that no answer is lost to it.

use std::time::Duration;

use branchline_schema_model::store::StoreError;
use tokio::time::Instant;

/// How long a request to the store is repeated: longer than the restart or the failover of a database takes. Answers are
/// held meanwhile, and giving them up would be paying for them twice.
pub(super) const PATIENCE: Duration = Duration::from_mins(15);

/// The first pause between two requests; it doubles.
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(50);

/// The longest pause.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Repeats a request to the store as long as its failure may pass.
pub(super) async fn patiently<T, F>(mut request: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let started = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        match request().await {
            Err(error) if error.is_retryable() && started.elapsed() < PATIENCE => {
                tracing::warn!(%error, "holding results until the database takes requests again");
            }
            result => return result,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
