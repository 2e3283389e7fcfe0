//! Runs nobody drives.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::store::StoreError;

use super::Engine;
use crate::error::EngineError;

impl Engine {
    /// Takes up every run that wants an engine and has none: its own ended without letting go of it, a message came for
    /// it while nobody owned it, or it is this engine's by the database's account and is not driven here, because an
    /// answer of the database was lost. A server does this at its start.
    ///
    /// One run that cannot be taken up does not keep the others from it.
    pub async fn take_up_orphans(&self) -> Result<Vec<WorkflowRunId>, StoreError> {
        let orphans = self.inner.store.run_orphans(self.inner.owner).await?;
        Ok(self.take_up(orphans).await)
    }

    /// The same, for every few seconds: only what nobody drove at the last look either is taken up, so that nobody is
    /// robbed of a run that was created a moment ago or is between two hands.
    pub async fn sweep_orphans(&self) -> Result<Vec<WorkflowRunId>, StoreError> {
        let orphans = self.inner.store.run_orphans(self.inner.owner).await?;
        let seen: BTreeSet<WorkflowRunId> = orphans.iter().copied().collect();
        let before = std::mem::replace(
            &mut *self.inner.seen_orphans.lock().unwrap_or_else(PoisonError::into_inner),
            seen,
        );
        Ok(self.take_up(orphans.into_iter().filter(|run| before.contains(run)).collect()).await)
    }

    async fn take_up(&self, orphans: Vec<WorkflowRunId>) -> Vec<WorkflowRunId> {
        let mut taken_up = Vec::new();
        for run in orphans {
            match self.drive(run, false).await {
                Ok(true) => taken_up.push(run),
                // Driven here already, or somebody else was faster.
                Ok(false) | Err(EngineError::Store(StoreError::Owned { .. })) => {}
                Err(EngineError::ShuttingDown) => break,
                Err(error) => tracing::warn!(%run, %error, "could not take the run up"),
            }
        }
        taken_up
    }
}
