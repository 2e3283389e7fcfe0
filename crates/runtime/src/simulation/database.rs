//! A database in memory: the rows of the store, and each transaction of it as one step that happens or does not.
//!
//! It refuses what the real one refuses (a stale fence, a gap in the events, an illegal move, a second row with the
//! same key), and says it in the same words of [`StoreError`].

mod commit;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::id::{
    AttributeValueId, DecisionId, RunMessageId, SchedulerId, SectionRunId, StepAttemptId, StepId, StepRunId,
    WorkflowId, WorkflowRunId,
};
use branchline_schema_model::run::{
    AttributeValue, BranchPath, Decision, FanOutRecord, RunEvent, SectionRun, StepAttempt, StepRun, Usage,
    WorkflowRun, WorkflowRunStatus,
};
use branchline_schema_model::store::{
    Claim, Fence, NewRun, NewRunMessage, SavedWorkflow, StoreError, WorkflowVersion,
};

use crate::planted::{Planted, is_planted};

/// The rows of one run.
#[derive(Clone)]
pub(super) struct RunTables {
    pub(super) run: WorkflowRun,
    pub(super) idempotency_key: Option<String>,
    pub(super) last_sequence: u64,
    pub(super) calls: u64,
    pub(super) usage: Usage,
    pub(super) section_runs: BTreeMap<SectionRunId, Arc<SectionRun>>,
    pub(super) step_runs: BTreeMap<StepRunId, Arc<StepRun>>,
    pub(super) fan_outs: BTreeMap<(StepId, BranchPath), FanOutRecord>,
    pub(super) attempts: BTreeMap<StepAttemptId, Arc<StepAttempt>>,
    pub(super) values: BTreeMap<AttributeValueId, Arc<AttributeValue>>,
    pub(super) decisions: BTreeMap<DecisionId, Arc<Decision>>,
    pub(super) events: Vec<Arc<RunEvent>>,
    pub(super) messages: BTreeMap<RunMessageId, Message>,
}

/// A message, and whether it was applied.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) message: Arc<NewRunMessage>,
    pub(super) applied: bool,
}

impl RunTables {
    fn new(run: NewRun) -> Self {
        Self {
            run: WorkflowRun {
                id: run.id,
                workflow_id: run.workflow_id,
                label: run.label,
                status: WorkflowRunStatus::Pending,
                waiting: false,
                reason: None,
                options: run.options,
                owner_id: None,
                claim_epoch: 0,
                created_at: run.created_at,
                started_at: None,
                ended_at: None,
            },
            idempotency_key: run.idempotency_key,
            last_sequence: 0,
            calls: 0,
            usage: Usage::default(),
            section_runs: BTreeMap::new(),
            step_runs: BTreeMap::new(),
            fan_outs: BTreeMap::new(),
            attempts: BTreeMap::new(),
            values: BTreeMap::new(),
            decisions: BTreeMap::new(),
            events: Vec::new(),
            messages: BTreeMap::new(),
        }
    }

    pub(super) fn has_messages(&self) -> bool {
        self.messages.values().any(|message| !message.applied)
    }
}

/// Everything there is.
#[derive(Default)]
pub(super) struct Database {
    workflows: BTreeMap<WorkflowId, Arc<WorkflowVersion>>,
    runs: BTreeMap<WorkflowRunId, Arc<RunTables>>,
}

impl Database {
    pub(super) fn runs(&self) -> impl Iterator<Item = &Arc<RunTables>> {
        self.runs.values()
    }

    pub(super) fn run(&self, id: WorkflowRunId) -> Result<&Arc<RunTables>, StoreError> {
        self.runs.get(&id).ok_or_else(|| not_found("run", id))
    }

    pub(super) fn workflow_save(&mut self, version: WorkflowVersion) -> SavedWorkflow {
        let same = |stored: &&Arc<WorkflowVersion>| {
            (&stored.name, &stored.content_hash) == (&version.name, &version.content_hash)
        };
        if let Some(stored) = self.workflows.values().find(same) {
            return SavedWorkflow { workflow: (**stored).clone(), created: false };
        }
        let versions = self.workflows.values().filter(|stored| stored.name == version.name);
        let newest = versions.map(|stored| stored.version).max().unwrap_or(0);
        let saved = WorkflowVersion { version: newest + 1, ..version };
        self.workflows.insert(saved.id, Arc::new(saved.clone()));
        SavedWorkflow { workflow: saved, created: true }
    }

    pub(super) fn run_create(&mut self, run: NewRun) -> Result<WorkflowRunId, StoreError> {
        if let Some(key) = &run.idempotency_key
            && let Some(stored) = self.runs.values().find(|one| one.idempotency_key.as_ref() == Some(key))
        {
            if stored.run.workflow_id == run.workflow_id {
                return Ok(stored.run.id);
            }
            let message = format!("the idempotency key `{key}` was used to start another workflow");
            return Err(StoreError::Conflict { message });
        }
        if !self.workflows.contains_key(&run.workflow_id) {
            return Err(not_found("workflow", run.workflow_id));
        }
        let id = run.id;
        self.runs.insert(id, Arc::new(RunTables::new(run)));
        Ok(id)
    }

    /// Gives a run an owner, unless it has another one that lives.
    pub(super) fn run_claim(
        &mut self,
        run: WorkflowRunId,
        owner: SchedulerId,
        is_alive: impl Fn(SchedulerId) -> bool,
    ) -> Result<Claim, StoreError> {
        let tables = self.tables(run)?;
        let previous_owner = tables.run.owner_id;
        if let Some(other) = previous_owner.filter(|other| *other != owner && is_alive(*other)) {
            return Err(StoreError::Owned { owner: other });
        }
        tables.run.owner_id = Some(owner);
        tables.run.claim_epoch += 1;
        let fence = Fence { run_id: run, owner_id: owner, claim_epoch: tables.run.claim_epoch };
        Ok(Claim { fence, previous_owner })
    }

    pub(super) fn run_release(&mut self, fence: Fence) -> Result<bool, StoreError> {
        let tables = self.tables(fence.run_id)?;
        let holds = holds(&tables.run, fence);
        if holds {
            tables.run.owner_id = None;
        }
        Ok(holds)
    }

    pub(super) fn message_insert(&mut self, message: NewRunMessage) -> Result<bool, StoreError> {
        let tables = self.tables(message.run_id)?;
        let is_there = tables.messages.values().any(|one| one.message.unique_key == message.unique_key);
        if is_there && !is_planted(Planted::MessageKeyIgnored) {
            return Ok(false);
        }
        tables.messages.insert(message.id, Message { message: Arc::new(message), applied: false });
        Ok(true)
    }

    fn tables(&mut self, run: WorkflowRunId) -> Result<&mut RunTables, StoreError> {
        self.runs.get_mut(&run).map(Arc::make_mut).ok_or_else(|| not_found("run", run))
    }
}

/// Whether a fence holds, as the store is asked to judge it.
fn holds(run: &WorkflowRun, fence: Fence) -> bool {
    let owner = run.owner_id == Some(fence.owner_id);
    let epoch = run.claim_epoch == fence.claim_epoch || is_planted(Planted::FenceWithoutEpoch);
    owner && epoch || is_planted(Planted::NoFence)
}

pub(super) fn not_found(what: &'static str, id: impl std::fmt::Display) -> StoreError {
    StoreError::NotFound { what, name: id.to_string() }
}
