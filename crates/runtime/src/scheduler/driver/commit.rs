//! Commits: made once, however often the database loses its answer, and held while it is away.
//!
//! A commit whose answer is lost may have been made, may not, and may still be made some time later. So the driver takes
//! a new epoch before it repeats one: whatever is still on its way is void from then on. If the repetition is refused,
//! the first one was made, and the rows say so.

use std::cmp::Ordering;

use branchline_schema_model::id::StepRunId;
use branchline_schema_model::store::{Change, Fence, RunCommit, RunSnapshot, StoreError};
use tokio::time::Instant;

use super::super::patience::{PATIENCE, PAUSE_MAX, PAUSE_MIN, patiently};
use super::Driver;
use crate::planted::{Planted, is_planted};

impl Driver {
    /// Makes a commit, once.
    pub(super) async fn commit_once(&mut self, mut commit: RunCommit) -> Result<(), StoreError> {
        let (started, mut pause) = (Instant::now(), PAUSE_MIN);
        let mut result = self.store.run_commit(commit.clone()).await;
        let mut repeated = false;
        while let Err(error) = &result
            && error.is_retryable()
            && started.elapsed() < PATIENCE
            && !is_planted(Planted::UnknownCommitIsFailure)
        {
            tracing::warn!(%error, "holding results until the database takes requests again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            result = match self.renew_claim().await {
                Ok(fence) => {
                    (commit.fence, repeated) = (fence, true);
                    self.store.run_commit(commit.clone()).await
                }
                Err(error) => Err(error),
            };
        }
        match result {
            Err(error) if repeated && !error.is_retryable() && error != StoreError::Fenced => {
                if self.is_made(&commit).await? { Ok(()) } else { Err(error) }
            }
            result => result,
        }
    }

    /// Takes a new epoch of the run this driver owns. If somebody else owned it in between, this engine is no longer
    /// who owned it last, and what the driver has in memory is old.
    async fn renew_claim(&mut self) -> Result<Fence, StoreError> {
        let Fence { run_id, owner_id, .. } = self.journal.fence;
        let claim = match self.store.run_claim(run_id, owner_id).await {
            Err(StoreError::Owned { .. }) => return Err(StoreError::Fenced),
            claim => claim?,
        };
        if claim.previous_owner != Some(owner_id) {
            let _ = self.store.run_release(claim.fence).await;
            return Err(StoreError::Fenced);
        }
        self.journal.fence = claim.fence;
        Ok(claim.fence)
    }

    /// Whether the rows of a commit are there. It is all of them or none, so that one says it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] when the log has gone on, which only another owner can have done.
    async fn is_made(&self, commit: &RunCommit) -> Result<bool, StoreError> {
        let runs = [commit.fence.run_id];
        let snapshot = patiently(|| self.store.run_load(commit.fence.run_id)).await?;
        if let Some(last) = commit.events.last() {
            return match snapshot.last_sequence.cmp(&last.sequence) {
                Ordering::Less => Ok(false),
                Ordering::Equal => Ok(true),
                Ordering::Greater => Err(StoreError::Fenced),
            };
        }
        if let Some(there) = commit.changes.iter().find_map(|change| is_inserted(&snapshot, change)) {
            return Ok(there);
        }
        let open = patiently(|| self.store.message_list(&runs)).await?;
        Ok(commit.messages_applied.first().is_some_and(|id| open.iter().all(|message| message.id != *id)))
    }
}

/// Whether a new row is there; `None` when the change makes none.
fn is_inserted(snapshot: &RunSnapshot, change: &Change) -> Option<bool> {
    let step_run = |id: StepRunId| snapshot.step_runs.iter().any(|row| row.id == id);
    match change {
        Change::StepRunInsert(row) => Some(step_run(row.id)),
        Change::SectionRunInsert(row) => Some(snapshot.section_runs.iter().any(|one| one.id == row.id)),
        Change::ValueInsert(row) => Some(snapshot.values.iter().any(|one| one.id == row.id)),
        _ => None,
    }
}
