//! The database as one process sees it: over a connection that may be slow, lose answers, or be cut.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use branchline_schema_model::id::{AttributeValueId, SchedulerId, StepRunId, WorkflowId, WorkflowRunId};
use branchline_schema_model::run::{Decision, RunEvent, SectionRun, StepAttempt};
use branchline_schema_model::store::{
    Claim, DefinitionStore, Fence, NewRun, NewRunMessage, RunCommit, RunFilter, RunMessage, RunReader,
    RunSnapshot, RunStore, RunSummary, SavedWorkflow, StepRunFilter, StepRunView, StepUsage, StoreError,
    ValueFilter, ValueView, Wakeup, Wakeups, WorkflowVersion,
};

use super::database::{Database, not_found};
use super::faults::LEASE_MS;
use super::invariant;
use super::state::{State, World};
use crate::planted::{Planted, is_planted};

/// The store of one process.
pub(super) struct ProcessStore {
    pub(super) world: Arc<World>,
    pub(super) process: usize,
}

/// What becomes of one transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Happens,
    Refused,
    Unknown,
    Late(u64),
    CrashBefore,
    CrashAfter,
    StopBefore(u64),
    StopAfter(u64),
}

impl ProcessStore {
    async fn read<T>(
        &self,
        name: &'static str,
        body: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        self.transaction(name, false, move |state, _| body(&state.database)).await
    }

    async fn write<T>(
        &self,
        name: &'static str,
        body: impl FnOnce(&mut State, usize) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        self.transaction(name, true, body).await
    }

    async fn transaction<T>(
        &self,
        name: &'static str,
        writes: bool,
        body: impl FnOnce(&mut State, usize) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        let process = self.process;
        self.world.gate(process).await;
        let (before_ms, fate, after_ms) = draw(&mut self.world.lock(), name, writes);
        pause(before_ms).await;
        if let Fate::StopBefore(for_ms) = fate {
            self.world.lock().stop(process, for_ms);
        }
        if fate == Fate::CrashBefore {
            self.world.lock().kill(process, &format!("before {name}"));
        }
        self.world.gate(process).await;
        if let Some(error) = cut(&mut self.world.lock(), process, name, fate) {
            return Err(error);
        }
        if let Fate::Late(after_ms) = fate {
            self.world.lock().history.tell(&format!("p{process} {name}: lost, and made {after_ms} ms later"));
            let world = Arc::clone(&self.world);
            tokio::spawn(async move {
                pause(after_ms).await;
                let mut state = world.lock();
                let made = body(&mut state, process).is_ok();
                state.count(if made { "late transactions made" } else { "late transactions refused" });
            });
            return Err(unavailable());
        }
        let result = body(&mut self.world.lock(), process);
        match fate {
            Fate::CrashAfter => self.world.lock().kill(process, &format!("after {name}")),
            Fate::StopAfter(for_ms) => self.world.lock().stop(process, for_ms),
            _ => {}
        }
        pause(after_ms).await;
        self.world.gate(process).await;
        if fate == Fate::Unknown && result.is_ok() {
            let mut state = self.world.lock();
            state.count("unknown commits");
            state.history.tell(&format!("p{process} {name}: made, and the answer is lost"));
            return Err(unavailable());
        }
        result
    }
}

fn draw(state: &mut State, name: &str, writes: bool) -> (u64, Fate, u64) {
    let (random, faults) = (&mut state.random, &state.faults);
    let time = |random: &mut super::random::Random| {
        if random.chance(faults.slow) { random.between(20, 3_000) } else { 1 }
    };
    let (before_ms, after_ms) = (time(random), if writes { time(random) } else { 0 });
    let stop_ms = |random: &mut super::random::Random| random.between(LEASE_MS / 2, 4 * LEASE_MS);
    let fate = if random.chance(faults.refused) {
        Fate::Refused
    } else if !writes {
        Fate::Happens
    } else if random.chance(faults.unknown) {
        Fate::Unknown
    } else if name == "run_commit" && random.chance(faults.late) {
        Fate::Late(random.between(1, 40_000))
    } else if random.chance(faults.crash) {
        if random.chance(500) { Fate::CrashBefore } else { Fate::CrashAfter }
    } else if random.chance(faults.stop) {
        let for_ms = stop_ms(random);
        if random.chance(500) { Fate::StopBefore(for_ms) } else { Fate::StopAfter(for_ms) }
    } else {
        Fate::Happens
    };
    (before_ms, fate, after_ms)
}

/// Why a transaction does not happen at all.
fn cut(state: &mut State, process: usize, name: &str, fate: Fate) -> Option<StoreError> {
    if state.is_down() {
        state.count("transactions in an outage");
        return Some(unavailable());
    }
    if fate != Fate::Refused {
        return None;
    }
    state.count("refused transactions");
    state.history.tell(&format!("p{process} {name}: refused"));
    Some(match state.random.below(3) {
        0 => StoreError::Busy { message: "simulated".to_owned() },
        1 => StoreError::NotWritable { message: "simulated".to_owned() },
        _ => unavailable(),
    })
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { message: "simulated".to_owned() }
}

pub(super) async fn pause(for_ms: u64) {
    if for_ms > 0 {
        tokio::time::sleep(Duration::from_millis(for_ms)).await;
    }
}

#[async_trait]
impl DefinitionStore for ProcessStore {
    async fn workflow_save(&self, workflow: WorkflowVersion) -> Result<SavedWorkflow, StoreError> {
        self.write("workflow_save", move |state, _| Ok(state.database.workflow_save(workflow))).await
    }

    async fn workflow_fetch(&self, id: WorkflowId) -> Result<WorkflowVersion, StoreError> {
        self.read("workflow_fetch", move |database| Ok((**database.workflow(id)?).clone())).await
    }

    async fn workflow_find(&self, name: &str, version: Option<u32>) -> Result<WorkflowVersion, StoreError> {
        let name = name.to_owned();
        self.read("workflow_find", move |database| {
            let mut versions = database.workflows();
            versions.retain(|one| one.name == name && version.is_none_or(|wanted| wanted == one.version));
            versions.into_iter().max_by_key(|one| one.version).ok_or_else(|| not_found("workflow", &name))
        })
        .await
    }

    async fn workflow_list(&self) -> Result<Vec<WorkflowVersion>, StoreError> {
        self.read("workflow_list", |database| Ok(database.workflows())).await
    }
}

#[async_trait]
impl RunStore for ProcessStore {
    async fn run_create(&self, run: NewRun) -> Result<WorkflowRunId, StoreError> {
        self.write("run_create", move |state, process| {
            let id = state.database.run_create(run)?;
            state.history.tell(&format!("p{process} creates run {id}"));
            Ok(id)
        })
        .await
    }

    async fn run_import(&self, run: NewRun, commit: RunCommit) -> Result<WorkflowRunId, StoreError> {
        self.write("run_import", move |state, _| {
            let id = state.database.run_create(run)?;
            let claim = state.database.run_claim(id, commit.fence.owner_id, |_| false)?;
            state.database.run_commit(&RunCommit { fence: claim.fence, ..commit })?;
            state.database.run_release(claim.fence)?;
            Ok(id)
        })
        .await
    }

    async fn run_claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        self.write("run_claim", move |state, process| {
            state.owners.insert(owner, process);
            let epoch_before = state.database.run(run)?.run.claim_epoch;
            let alive: Vec<SchedulerId> =
                state.owners.keys().copied().filter(|one| state.is_alive(*one)).collect();
            let claim = state.database.run_claim(run, owner, |one| alive.contains(&one))?;
            state.history.tell(&format!("p{process} claims the run, epoch {}", claim.fence.claim_epoch));
            match claim.previous_owner {
                Some(previous) if previous == owner => state.count("own runs claimed again"),
                Some(_) => state.count("takeovers"),
                None => {}
            }
            if claim.fence.claim_epoch <= epoch_before {
                state.violated("EpochMonotonic", "a claim did not raise the epoch");
            }
            Ok(claim)
        })
        .await
    }

    async fn run_release(&self, fence: Fence) -> Result<(), StoreError> {
        self.write("run_release", move |state, process| {
            let held = state.database.run_release(fence)?;
            state.history.tell(&format!("p{process} lets go, epoch {}: {held}", fence.claim_epoch));
            Ok(())
        })
        .await
    }

    async fn run_load(&self, run: WorkflowRunId) -> Result<RunSnapshot, StoreError> {
        self.read("run_load", move |database| database.run_load(run)).await
    }

    async fn run_commit(&self, commit: RunCommit) -> Result<(), StoreError> {
        if is_planted(Planted::EventsOutsideTransaction) {
            // The events go their own way; the rows may not follow.
            let events = commit.events.clone();
            let refused = self.world.lock().random.chance(20);
            if refused {
                self.world.lock().database.keep_events(&events);
            }
        }
        self.write("run_commit", move |state, process| invariant::commit(state, process, &commit)).await
    }

    async fn value_texts(&self, ids: &[AttributeValueId]) -> Result<Vec<Arc<str>>, StoreError> {
        let ids = ids.to_vec();
        self.read("value_texts", move |database| database.value_texts(&ids)).await
    }

    async fn message_insert(&self, message: NewRunMessage) -> Result<bool, StoreError> {
        self.write("message_insert", move |state, process| {
            let key = message.unique_key.clone();
            let is_new = state.database.message_insert(message)?;
            state.history.tell(&format!("p{process} leaves a message {key}: {is_new}"));
            if !is_new {
                state.count("second messages refused");
            }
            Ok(is_new)
        })
        .await
    }

    async fn message_list(&self, runs: &[WorkflowRunId]) -> Result<Vec<RunMessage>, StoreError> {
        let runs = runs.to_vec();
        self.read("message_list", move |database| Ok(database.message_list(&runs))).await
    }

    async fn run_claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Option<Claim>, StoreError> {
        match self.run_claim(run, owner).await {
            Err(StoreError::Owned { .. }) => Ok(None),
            claim => claim.map(Some),
        }
    }

    async fn run_orphans(&self, owner: SchedulerId, limit: usize) -> Result<Vec<WorkflowRunId>, StoreError> {
        self.transaction("run_orphans", false, move |state, _| {
            let mut runs = state.database.run_orphans(owner, |one| state.is_alive(one));
            runs.truncate(limit);
            Ok(runs)
        })
        .await
    }

    /// All of them are lost here: what is true without wake-ups is true with them.
    async fn run_tell(&self, _run: WorkflowRunId) {}

    fn wakeups(&self) -> Box<dyn Wakeups> {
        Box::new(Silence)
    }

    fn hears_others(&self) -> bool {
        false
    }
}

struct Silence;

#[async_trait]
impl Wakeups for Silence {
    async fn next(&mut self) -> Option<Wakeup> {
        None
    }
}

#[async_trait]
impl RunReader for ProcessStore {
    async fn run_find(&self, text: &str) -> Result<WorkflowRunId, StoreError> {
        let text = text.to_owned();
        self.read("run_find", move |database| {
            let found = database.runs().map(|tables| tables.run.id).find(|id| id.to_string() == text);
            found.ok_or_else(|| not_found("run", text))
        })
        .await
    }

    async fn run_fetch(&self, id: WorkflowRunId) -> Result<RunSummary, StoreError> {
        self.read("run_fetch", move |database| database.run_summary(id)).await
    }

    async fn run_list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError> {
        let filter = filter.clone();
        self.read("run_list", move |database| {
            let runs = database.runs().map(|tables| database.run_summary(tables.run.id));
            let mut runs = runs.collect::<Result<Vec<_>, _>>()?;
            runs.reverse();
            runs.retain(|one| {
                filter.workflow.as_ref().is_none_or(|name| *name == one.workflow_name)
                    && filter.status.is_none_or(|status| status == one.run.status)
                    && filter.before.is_none_or(|before| one.run.id < before)
            });
            runs.truncate(filter.limit);
            Ok(runs)
        })
        .await
    }

    async fn section_run_list(&self, run: WorkflowRunId) -> Result<Vec<SectionRun>, StoreError> {
        self.read("section_run_list", move |database| database.section_runs(run)).await
    }

    async fn step_run_list(
        &self,
        run: WorkflowRunId,
        filter: &StepRunFilter,
    ) -> Result<Vec<StepRunView>, StoreError> {
        let filter = filter.clone();
        self.read("step_run_list", move |database| {
            let mut views = database.step_run_views(|tables, row| {
                tables.run.id == run
                    && filter.status.is_none_or(|status| status == row.status)
                    && (!filter.tolerated || row.tolerated.is_some())
                    && filter.after.is_none_or(|after| row.id > after)
            })?;
            views.truncate(filter.limit);
            Ok(views)
        })
        .await
    }

    async fn task_list(&self, run: Option<WorkflowRunId>) -> Result<Vec<StepRunView>, StoreError> {
        self.read("task_list", move |database| {
            database.step_run_views(|tables, row| {
                run.is_none_or(|run| run == tables.run.id) && Database::is_waiting(row)
            })
        })
        .await
    }

    async fn step_run_fetch(&self, id: StepRunId) -> Result<StepRunView, StoreError> {
        self.read("step_run_fetch", move |database| {
            let found = database.step_run_views(|_, row| row.id == id)?.pop();
            found.ok_or_else(|| not_found("step run", id))
        })
        .await
    }

    async fn attempt_list(&self, step_run: StepRunId) -> Result<Vec<StepAttempt>, StoreError> {
        self.read("attempt_list", move |database| Ok(database.attempts(step_run))).await
    }

    async fn step_usage_list(&self, _: WorkflowRunId) -> Result<Vec<StepUsage>, StoreError> {
        // Nothing in a simulation asks for a forecast.
        self.read("step_usage_list", |_| Ok(Vec::new())).await
    }

    async fn value_list(
        &self,
        run: WorkflowRunId,
        filter: &ValueFilter,
    ) -> Result<Vec<ValueView>, StoreError> {
        let filter = filter.clone();
        self.read("value_list", move |database| database.value_views(run, &filter)).await
    }

    async fn decision_list(&self, run: WorkflowRunId) -> Result<Vec<Decision>, StoreError> {
        self.read("decision_list", move |database| database.decisions(run)).await
    }

    async fn event_list(
        &self,
        run: WorkflowRunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RunEvent>, StoreError> {
        self.read("event_list", move |database| database.events(run, after, limit)).await
    }

    async fn run_workflow(&self, run: WorkflowRunId) -> Result<WorkflowId, StoreError> {
        self.read("run_workflow", move |database| Ok(database.run(run)?.run.workflow_id)).await
    }
}
