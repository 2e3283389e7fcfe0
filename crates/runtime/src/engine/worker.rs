//! Taking up runs that want an engine, and waking those that are driven here.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::store::{StoreError, Wakeup, Wakeups};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::start::Claiming;
use super::{Engine, Inner, RunRest};
use crate::error::EngineError;
use crate::scheduler::{DriverInput, LOOK_PAUSE_TOLD};

/// How often it is looked for runs where other processes cannot tell.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// For how long a run that could not be driven here is left to others.
const UNFIT_PAUSE: Duration = Duration::from_mins(1);

/// Runs that are looked at together. More wait for the next look, so that one engine does not begin hundreds at once.
const LOOK_RUNS_MAX: usize = 64;

/// What a worker has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkNews {
    /// It drives this run from now on.
    TookUp(WorkflowRunId),
    /// It drives this run no longer.
    Rested(WorkflowRunId, RunRest),
    /// It cannot look for runs from now on, until the database answers again.
    Blind(StoreError),
}

impl Engine {
    /// Takes up runs that want an engine, as many at a time as the engine may drive, until it is shut down and all of
    /// them are let go of; with `until_idle`, until there are none. Oldest first.
    ///
    /// # Errors
    ///
    /// Only with `until_idle`, when looking for runs fails in a way that does not pass by itself.
    pub async fn work(&self, until_idle: bool, mut tell: impl FnMut(WorkNews)) -> Result<(), StoreError> {
        self.listen();
        let mut driven = JoinSet::new();
        let mut is_blind = false;
        loop {
            let taken = match self.claim_runs().await {
                Ok(taken) => {
                    is_blind = false;
                    taken
                }
                Err(error) if until_idle && !error.is_retryable() && driven.is_empty() => return Err(error),
                Err(error) => {
                    if !std::mem::replace(&mut is_blind, true) {
                        tell(WorkNews::Blind(error));
                    }
                    Vec::new()
                }
            };
            let is_idle = !is_blind && taken.is_empty() && self.drivers().is_empty();
            for run in taken {
                tell(WorkNews::TookUp(run));
                let engine = self.clone();
                driven.spawn(async move {
                    let rest = engine.run_rest(run).await;
                    (run, rest.unwrap_or_else(RunRest::Broken))
                });
            }
            if driven.is_empty() && (self.refuse_when_shutting_down().is_err() || until_idle && is_idle) {
                return Ok(());
            }
            let pause = if self.inner.store.hears_others() { LOOK_PAUSE_TOLD } else { LOOK_PAUSE };
            tokio::select! {
                Some(Ok((run, rest))) = driven.join_next() => {
                    if matches!(rest, RunRest::Broken(_)) {
                        self.unfit().insert(run, Instant::now());
                    }
                    tell(WorkNews::Rested(run, rest));
                }
                _ = timeout(pause, self.inner.work.notified()) => {}
            }
        }
    }

    /// Takes up runs that want an engine and have none, while there is room for them: new ones, those whose engine
    /// ended or let go of them, those a message was left for, and those that are this engine's by the database's account
    /// and are not driven here, because an answer of the database was lost.
    ///
    /// One run that cannot be taken up does not keep the others from it.
    pub async fn claim_runs(&self) -> Result<Vec<WorkflowRunId>, StoreError> {
        let mut taken = Vec::new();
        match self.claim_into(&mut taken).await {
            // What is driven already is told; the next look meets what is wrong.
            Err(error) if taken.is_empty() => Err(error),
            Ok(()) | Err(_) => Ok(taken),
        }
    }

    async fn claim_into(&self, taken: &mut Vec<WorkflowRunId>) -> Result<(), StoreError> {
        while self.has_room() && self.refuse_when_shutting_down().is_ok() {
            let driven: HashSet<WorkflowRunId> = self.drivers().keys().copied().collect();
            let mut passed_over: HashSet<WorkflowRunId> = {
                let mut unfit = self.unfit();
                unfit.retain(|_, since| since.elapsed() < UNFIT_PAUSE);
                unfit.keys().copied().collect()
            };
            // Those driven here are this engine's own, so they are listed too.
            passed_over.extend(driven);
            let room = self.inner.config.runs_max.saturating_sub(self.drivers().len()).min(LOOK_RUNS_MAX);
            let limit = passed_over.len() + room;
            let wanting = self.inner.store.run_orphans(self.inner.owner, limit).await?;
            let mut lost = false;
            for run in wanting.into_iter().filter(|run| !passed_over.contains(run)) {
                if !self.has_room() {
                    break;
                }
                match self.drive(run, Claiming::Idle).await {
                    Ok(true) => taken.push(run),
                    Ok(false) => {}
                    // Somebody else was faster.
                    Err(EngineError::Store(StoreError::Owned { .. })) => lost = true,
                    Err(EngineError::ShuttingDown) => return Ok(()),
                    // Said of this engine: the run is as good as any.
                    Err(EngineError::Store(error @ StoreError::Fenced)) => return Err(error),
                    Err(error) => {
                        tracing::warn!(%run, %error, "could not take the run up");
                        self.unfit().insert(run, Instant::now());
                    }
                }
            }
            if !lost {
                break;
            }
        }
        Ok(())
    }

    /// Whether one more run may be driven here.
    pub(super) fn has_room(&self) -> bool {
        self.drivers().len() < self.inner.config.runs_max
    }

    fn unfit(&self) -> MutexGuard<'_, HashMap<WorkflowRunId, Instant>> {
        self.inner.unfit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears wake-ups from now on; the first call begins it.
    pub(super) fn listen(&self) {
        if !self.inner.is_listening.swap(true, Ordering::SeqCst) {
            let wakeups = self.inner.store.wakeups();
            tokio::spawn(hear(Arc::downgrade(&self.inner), wakeups));
        }
    }
}

/// Passes wake-ups on to whom they concern, as long as the engine is there.
async fn hear(inner: Weak<Inner>, mut wakeups: Box<dyn Wakeups>) {
    while let Some(wakeup) = wakeups.next().await {
        let Some(inner) = inner.upgrade() else { return };
        let engine = Engine { inner };
        let drivers = engine.drivers();
        match wakeup {
            Wakeup::Run(run) => match drivers.get(&run) {
                // A driver that ends at this moment looks once more by itself.
                Some(handle) => drop(handle.to_inbox.send(DriverInput::Look)),
                None => engine.inner.work.notify_one(),
            },
            Wakeup::Any => {
                drivers.values().for_each(|handle| drop(handle.to_inbox.send(DriverInput::Look)));
                engine.inner.work.notify_one();
            }
        }
    }
}
