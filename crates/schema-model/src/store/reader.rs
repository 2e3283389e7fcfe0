//! What people ask of the store: lists, details, logs.

use async_trait::async_trait;
use serde::Serialize;

use super::error::StoreError;
use crate::id::{AttributeValueId, StepRunId, WorkflowId, WorkflowRunId};
use crate::run::{
    AttributeValue, BranchPath, CandidateAddress, Decision, RunEvent, SectionRun, StepAttempt, StepRun,
    StepRunAddress, StepRunStatus, Usage, WorkflowRun, WorkflowRunStatus,
};

/// Which runs to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only of the workflow with this name.
    pub workflow: Option<String>,
    /// Only in this state.
    pub status: Option<WorkflowRunStatus>,
    /// Only older than this one (the last of the page before).
    pub before: Option<WorkflowRunId>,
    /// At most this many, up to [`PAGE_ROWS_MAX`](crate::limits::PAGE_ROWS_MAX).
    pub limit: usize,
}

/// A run with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run.
    #[serde(flatten)]
    pub run: WorkflowRun,
    /// The workflow's name.
    pub workflow_name: String,
    /// The workflow's version.
    pub workflow_version: u32,
    /// Model calls made.
    pub calls: u64,
    /// Tokens of all attempts.
    pub usage: Usage,
    /// Step runs by step and state.
    pub steps: Vec<StepCount>,
    /// Step runs that failed and the run went on. Like `steps`, it is left at nothing in lists.
    pub tolerated_failures: u32,
}

/// How many step runs of a step are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepCount {
    /// `section.step` in slugs.
    pub step: String,
    /// The state.
    pub status: StepRunStatus,
    /// How many.
    pub count: u32,
}

/// What the successful model calls of a step took in one run, by the model that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepUsage {
    /// `section.step` in slugs.
    pub step: String,
    /// `provider/model`.
    pub model: String,
    /// How many calls.
    pub calls: u64,
    /// The fewest and the most tokens of a prompt.
    pub input_tokens: (u64, u64),
    /// The fewest and the most tokens of an answer.
    pub output_tokens: (u64, u64),
}

/// Which step runs to list, in reference order and then by branch path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepRunFilter {
    /// Only of this step, `section.step` in slugs.
    pub step: Option<String>,
    /// Only of this element of its section.
    pub element: Option<u32>,
    /// Only of this turn of its section.
    pub turn: Option<u32>,
    /// Only this branch of a section run and those below it.
    pub below: Option<BranchPath>,
    /// Only this candidate; of the names of it, those that are there have to be equal.
    pub candidate: Option<CandidateAddress>,
    /// Only in this state.
    pub status: Option<StepRunStatus>,
    /// Only those that failed and the run went on.
    pub tolerated: bool,
    /// Skip everything up to and with this one (the last of the page before).
    pub after: Option<StepRunId>,
    /// At most this many, up to [`PAGE_ROWS_MAX`](crate::limits::PAGE_ROWS_MAX).
    pub limit: usize,
}

impl StepRunFilter {
    /// The step runs at and below an address.
    pub fn at(address: &StepRunAddress) -> Self {
        Self {
            step: Some(format!("{}.{}", address.section, address.step)),
            element: address.element,
            turn: address.turn,
            below: Some(address.path.clone()),
            candidate: address.candidate.clone(),
            ..Self::default()
        }
    }
}

/// A step run with its address.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRunView {
    /// The step run.
    #[serde(flatten)]
    pub step_run: StepRun,
    /// Such as `section.step/branch`.
    pub address: String,
    /// The run it belongs to.
    pub run_id: WorkflowRunId,
    /// Tokens of all its attempts.
    pub usage: Usage,
    /// Model calls of all its attempts.
    pub calls: u64,
}

/// Which values to list, in reference order, then branch path, then output order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueFilter {
    /// Only of this attribute.
    pub attribute: Option<String>,
    /// Only written by this step run.
    pub step_run: Option<StepRunId>,
    /// Only this one.
    pub id: Option<AttributeValueId>,
    /// Skip everything up to and with this one (the last of the page before).
    pub after: Option<AttributeValueId>,
    /// At most this many; `None` for all of the run.
    pub limit: Option<usize>,
}

/// A value with its names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValueView {
    /// The value.
    #[serde(flatten)]
    pub value: AttributeValue,
    /// The attribute's name.
    pub attribute: String,
    /// Address of the step run that wrote it.
    pub address: String,
}

/// Serves people. Nothing here changes anything.
#[async_trait]
pub trait RunReader: Send + Sync {
    /// The run meant by a full id, a unique ending of one (at least 4 characters), or `last`.
    async fn run_find(&self, text: &str) -> Result<WorkflowRunId, StoreError>;

    /// One run.
    async fn run_fetch(&self, id: WorkflowRunId) -> Result<RunSummary, StoreError>;

    /// A page of runs. Their `steps` are left empty, and failures are not counted.
    async fn run_list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError>;

    /// The section runs of a run, in order.
    async fn section_run_list(&self, run: WorkflowRunId) -> Result<Vec<SectionRun>, StoreError>;

    /// A page of the step runs of a run.
    async fn step_run_list(
        &self,
        run: WorkflowRunId,
        filter: &StepRunFilter,
    ) -> Result<Vec<StepRunView>, StoreError>;

    /// Step runs that wait for a person, of one run or of all, oldest first.
    async fn task_list(&self, run: Option<WorkflowRunId>) -> Result<Vec<StepRunView>, StoreError>;

    /// One step run.
    async fn step_run_fetch(&self, id: StepRunId) -> Result<StepRunView, StoreError>;

    /// The attempts of a step run, in order.
    async fn attempt_list(&self, step_run: StepRunId) -> Result<Vec<StepAttempt>, StoreError>;

    /// What the model calls of each step of a run took. An attempt that asked again counts as calls of equal size.
    async fn step_usage_list(&self, run: WorkflowRunId) -> Result<Vec<StepUsage>, StoreError>;

    /// The values of a run.
    async fn value_list(
        &self,
        run: WorkflowRunId,
        filter: &ValueFilter,
    ) -> Result<Vec<ValueView>, StoreError>;

    /// The decisions of a run, in order of time.
    async fn decision_list(&self, run: WorkflowRunId) -> Result<Vec<Decision>, StoreError>;

    /// Events of a run after a sequence number, at most `limit`.
    async fn event_list(
        &self,
        run: WorkflowRunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RunEvent>, StoreError>;

    /// The version a run runs.
    async fn run_workflow(&self, run: WorkflowRunId) -> Result<WorkflowId, StoreError>;
}
