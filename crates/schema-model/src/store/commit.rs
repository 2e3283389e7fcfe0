//! What the engine that owns a run asks of the store.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::error::StoreError;
use super::wakeup::Wakeups;
use crate::id::{
    AttributeValueId, RunMessageId, SchedulerId, SectionRunId, StepAttemptId, StepRunId, WorkflowId,
    WorkflowRunId,
};
use crate::run::{
    AttemptOutcome, AttributeValue, Decision, FanOutRecord, InputBinding, RunEvent, SectionRun,
    SectionRunStatus, StepAttempt, StepRun, StepRunStatus, Tolerated, Usage, WorkflowRun, WorkflowRunStatus,
};
use crate::time::Timestamp;

/// A run to create, in state `pending`, owned by nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub id: WorkflowRunId,
    /// The version it runs.
    pub workflow_id: WorkflowId,
    /// A name for people.
    pub label: Option<String>,
    /// How it is run: model override, parallel calls, unattended, and the given inputs until they are values.
    pub options: Json,
    /// Starting twice with the same key is starting once.
    pub idempotency_key: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// The right to write a run: valid while the run's row carries the same pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The run.
    pub run_id: WorkflowRunId,
    /// The engine.
    pub owner_id: SchedulerId,
    /// The epoch its claim was given.
    pub claim_epoch: i64,
}

/// A successful claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// For every write from now on.
    pub fence: Fence,
    /// Who owned the run until now: this engine itself, or one that ended without letting go of it.
    pub previous_owner: Option<SchedulerId>,
}

/// Changes of one run that belong together: all are committed, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct RunCommit {
    /// Checked first, in the same transaction.
    pub fence: Fence,
    /// Applied in order.
    pub changes: Vec<Change>,
    /// Appended to the log; sequence numbers are given by the engine, without gaps.
    pub events: Vec<RunEvent>,
    /// Messages these changes answer; marked as applied.
    pub messages_applied: Vec<RunMessageId>,
}

/// One change of a run's tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The run's own row.
    Run {
        /// New state.
        status: WorkflowRunStatus,
        /// Whether every live step waits for a person.
        waiting: bool,
        /// Why it is paused, failed or cancelled.
        reason: Option<String>,
        /// Set once, when the first step starts.
        started_at: Option<Timestamp>,
        /// Set when the state is terminal.
        ended_at: Option<Timestamp>,
    },
    /// A new section run.
    SectionRunInsert(SectionRun),
    /// A section run moved.
    SectionRunUpdate {
        /// Which.
        id: SectionRunId,
        /// New state.
        status: SectionRunStatus,
        /// When its first step run started.
        started_at: Option<Timestamp>,
        /// When it ended.
        ended_at: Option<Timestamp>,
    },
    /// A new step run.
    StepRunInsert(StepRun),
    /// A step run moved.
    StepRunUpdate(StepRunUpdate),
    /// A fan-out happened.
    FannedOut(FanOutRecord),
    /// An attempt is about to begin.
    AttemptInsert(StepAttempt),
    /// An attempt ended.
    AttemptUpdate(Box<AttemptEnd>),
    /// A value was written.
    ValueInsert(AttributeValue),
    /// A task was answered.
    DecisionInsert(Decision),
}

/// The columns of a step run that change.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRunUpdate {
    /// Which.
    pub id: StepRunId,
    /// New state.
    pub status: StepRunStatus,
    /// Set when it failed and the run goes on without it.
    pub tolerated: Option<Tolerated>,
    /// What it was bound to; `None` leaves what is there (it is written once, when the step run becomes ready).
    pub inputs: Option<InputBinding>,
    /// Attempts begun so far.
    pub attempts: u32,
    /// Times taken up again after a death.
    pub recoveries: u32,
    /// Attempts that count no more.
    pub renewed_attempts: u32,
    /// Not before this moment.
    pub available_at: Option<Timestamp>,
    /// The last failure, or why it was skipped.
    pub error: Option<String>,
    /// SHA-256 of the rendered prompt, in hex.
    pub prompt_hash: Option<String>,
    /// When its first attempt began or it began to wait.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptEnd {
    /// Which.
    pub id: StepAttemptId,
    /// When.
    pub ended_at: Timestamp,
    /// How.
    pub outcome: AttemptOutcome,
    /// `provider/model` that answered.
    pub model: Option<String>,
    /// The messages and parameters sent.
    pub request: Option<Json>,
    /// The answer as text.
    pub response: Option<String>,
    /// The provider's name of the request.
    pub provider_request_id: Option<String>,
    /// Tokens of all its calls.
    pub usage: Usage,
    /// Model calls made.
    pub calls: u32,
}

/// Everything an engine needs to take a run up again; texts of values stay in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSnapshot {
    /// The run.
    pub run: WorkflowRun,
    /// Its section runs.
    pub section_runs: Vec<SectionRun>,
    /// Its step runs.
    pub step_runs: Vec<StepRun>,
    /// Its fan-outs.
    pub fan_outs: Vec<FanOutRecord>,
    /// Its values with an empty `value` text.
    pub values: Vec<AttributeValue>,
    /// How many attempts of a step run failed in a way that [is free](crate::run::ErrorClass::is_free).
    pub free_attempts: std::collections::BTreeMap<StepRunId, u32>,
    /// Attempts that never ended.
    pub open_attempts: Vec<StepAttempt>,
    /// The sequence number of its last event; 0 without one.
    pub last_sequence: u64,
}

/// What somebody who does not own a run wants of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MessageKind {
    /// Stop for good.
    Cancel {
        /// Who, for people.
        author: Option<String>,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// Start nothing new until somebody resumes the run; what is under way ends.
    Pause {
        /// Who, for people.
        author: Option<String>,
        /// Why.
        note: Option<String>,
    },
    /// Go on after a pause. A run that is not paused goes on anyway.
    Resume {
        /// Who, for people.
        author: Option<String>,
    },
    /// The answer to a task.
    Answer {
        /// The step run that asks.
        step_run_id: StepRunId,
        /// The answer, in the runtime's form.
        answer: Json,
    },
}

/// A message to insert.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRunMessage {
    /// Its id.
    pub id: RunMessageId,
    /// The run.
    pub run_id: WorkflowRunId,
    /// Inserting a second one with the same key makes nothing.
    pub unique_key: String,
    /// What is wanted.
    pub kind: MessageKind,
    /// When.
    pub created_at: Timestamp,
}

/// A message that was not applied yet.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMessage {
    /// Its id.
    pub id: RunMessageId,
    /// The run.
    pub run_id: WorkflowRunId,
    /// What is wanted.
    pub kind: MessageKind,
    /// When it was inserted.
    pub created_at: Timestamp,
}

/// Serves the engine. Every write of a run's tree is one [`RunCommit`] under its fence.
#[async_trait]
pub trait RunStore: Send + Sync {
    /// Creates a run, or returns the id of the one that was created with the same idempotency key.
    async fn run_create(&self, run: NewRun) -> Result<WorkflowRunId, StoreError>;

    /// Creates a run together with everything that happened in it, read from a file: all of it, or nothing. Nobody owns
    /// it afterwards. The fence of `commit` is of this run, with an owner that never lived.
    async fn run_import(&self, run: NewRun, commit: RunCommit) -> Result<WorkflowRunId, StoreError>;

    /// Takes ownership of a run.
    ///
    /// # Errors
    ///
    /// [`StoreError::Owned`] while its owner lives.
    async fn run_claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError>;

    /// As [`run_claim`](Self::run_claim), for whoever takes any run: when it is not known at once that nobody lives who
    /// owns it, it is left alone, and `None` is returned.
    async fn run_claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Option<Claim>, StoreError>;

    /// Lets go of a run. A stale fence is no error: somebody else has it already.
    async fn run_release(&self, fence: Fence) -> Result<(), StoreError>;

    /// Reads a run back.
    async fn run_load(&self, run: WorkflowRunId) -> Result<RunSnapshot, StoreError>;

    /// Commits changes; durable when it returns.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] when the fence is stale.
    async fn run_commit(&self, commit: RunCommit) -> Result<(), StoreError>;

    /// The stored texts of values, in the order asked for.
    async fn value_texts(&self, ids: &[AttributeValueId]) -> Result<Vec<Arc<str>>, StoreError>;

    /// Leaves a message for the owner of a run; `false` when one with that key is there already.
    async fn message_insert(&self, message: NewRunMessage) -> Result<bool, StoreError>;

    /// Messages not applied yet, of these runs, oldest first.
    async fn message_list(&self, runs: &[WorkflowRunId]) -> Result<Vec<RunMessage>, StoreError>;

    /// Runs that want an engine and have none that lives, or this one, oldest first, at most `limit`. A run wants one when
    /// it is `pending`, when it is `running` and does not wait for people, when its owner died, and when a message for it
    /// was left.
    async fn run_orphans(&self, owner: SchedulerId, limit: usize) -> Result<Vec<WorkflowRunId>, StoreError>;

    /// Tells everybody who listens that there is something to look at in a run: it is new, was let go of, or has a
    /// message. It may be lost; the rows are what counts.
    async fn run_tell(&self, run: WorkflowRunId);

    /// Listens to what is told from now on.
    fn wakeups(&self) -> Box<dyn Wakeups>;

    /// Whether listeners of this store hear at present what other processes tell. If not, they have to look often.
    fn hears_others(&self) -> bool;
}
