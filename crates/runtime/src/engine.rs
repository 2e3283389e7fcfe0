//! The engine: the public face of the runtime.
//!
//! One engine is one scheduler with a random id. It owns the runs it started or resumed, as long as they have
//! something to do, and lets go of them when they wait for a person or have ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::check::CheckContext;
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::id::{StepRunId, WorkflowId, WorkflowRunId};
use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::{Decision, RunEvent, StepRun, WorkflowRunStatus};
use branchline_schema_model::store::{SavedWorkflow, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::sync::broadcast;

use crate::action::ActionRegistry;
use crate::error::EngineError;

/// How an engine works.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Model calls in flight over all runs of this engine.
    pub parallel_calls: u32,
    /// How often the owner of a run looks for messages from other processes, in milliseconds.
    pub message_poll_ms: u64,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { parallel_calls: branchline_schema_model::limits::PARALLEL_CALLS_DEFAULT, message_poll_ms: 500 }
    }
}

/// How a run is started. Kept with the run, so that a resumed run goes on in the same way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// Values of run inputs by attribute name, of the attribute's type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Json>,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A model that replaces the one of every step (`mock`, an alias, or `provider/model`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tasks take their default or the first option by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unattended: bool,
    /// With `unattended`: an `input` task without a default takes a shape-true value, and so do missing run inputs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rehearse: bool,
    /// Model calls of this run in flight; the engine's bound when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_calls: Option<u32>,
    /// Starting twice with the same key is starting once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// The answer to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// `choose`: option numbers from 1, in the order wanted.
    Pick(Vec<u32>),
    /// `choose`: a text (or value) of one's own.
    Own(Json),
    /// `input`: values by attribute name.
    Values(BTreeMap<String, Json>),
    /// The task's default, or its first option.
    Default,
}

/// Who answers, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person's name.
    pub name: Option<String>,
    /// Why.
    pub note: Option<String>,
}

/// A task as a person sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// The step run that asks.
    pub step_run: StepRun,
    /// The run it belongs to.
    pub run_id: WorkflowRunId,
    /// Address of the step run.
    pub address: String,
    /// `choose` or `input`.
    pub action: String,
    /// The question: the step's description, or its name.
    pub question: String,
    /// The options of a `choose`, in order.
    pub options: Vec<TaskOption>,
    /// The values an `input` asks for, or the one a `choose` writes.
    pub fields: Vec<TaskField>,
    /// Fewest picks.
    pub min: u32,
    /// Most picks; `None` for no bound.
    pub max: Option<u32>,
    /// Whether a text of one's own is taken.
    pub own_text: bool,
    /// What is taken unattended.
    pub default: Option<Json>,
}

/// One option of a `choose`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskOption {
    /// From 1.
    pub number: u32,
    /// The branch it comes from; empty for items of one list.
    pub branch: String,
    /// The value.
    pub value: Json,
    /// What else is shown, by attribute name.
    pub show: BTreeMap<String, Json>,
}

/// One value a task asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskField {
    /// Attribute name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its type, for people.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its JSON Schema.
    pub schema: Json,
}

/// What happens in the runs of this engine, as it happens.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A committed event.
    Event(Arc<RunEvent>),
    /// A piece of a model's answer. Not durable; lost when nobody listens.
    Token {
        /// The run.
        run_id: WorkflowRunId,
        /// Address of the step run.
        step: Arc<str>,
        /// The piece.
        text: Arc<str>,
    },
}

/// Why a run needs its engine no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunRest {
    /// It came to its end.
    Ended(WorkflowRunStatus),
    /// Every live step waits for a person.
    Waiting,
    /// It is paused, with the reason.
    Paused(String),
    /// The engine was shut down, or another one took the run over.
    LetGo,
    /// The database failed for good; what was acknowledged is kept, and the run can be resumed.
    Broken(EngineError),
}

/// Drives runs. Cheap to clone; all clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    _inner: Arc<()>,
}

impl Engine {
    /// Starts an engine on a store. `actions` holds the built-in executors
    /// ([`built_in`](crate::action::built_in)) and those of the embedding program.
    pub async fn start(
        _config: EngineConfig,
        _store: Arc<dyn Store>,
        _actions: ActionRegistry,
    ) -> Result<Self, EngineError> {
        todo!()
    }

    /// What the checker has to know about this engine's actions.
    pub fn check_context(&self) -> CheckContext {
        todo!()
    }

    /// Checks and saves a definition: a new version when its content is new.
    pub async fn workflow_save(&self, _workflow: &Workflow) -> Result<SavedWorkflow, EngineError> {
        todo!()
    }

    /// The compiled plan of a stored version.
    pub async fn workflow_plan(&self, _id: WorkflowId) -> Result<Arc<Plan>, EngineError> {
        todo!()
    }

    /// Creates a run and begins to drive it. The inputs are checked before anything is written.
    pub async fn run_start(
        &self,
        _workflow: WorkflowId,
        _options: RunOptions,
    ) -> Result<WorkflowRunId, EngineError> {
        todo!()
    }

    /// Takes a run up that nobody drives: after a crash, an interruption, a pause, or a task answered elsewhere.
    pub async fn run_resume(&self, _run: WorkflowRunId) -> Result<(), EngineError> {
        todo!()
    }

    /// Cancels a run, whoever owns it. Returns once the wish is durable.
    pub async fn run_cancel(&self, _run: WorkflowRunId, _author: Author) -> Result<(), EngineError> {
        todo!()
    }

    /// Waits until a run of this engine needs it no longer.
    pub async fn run_rest(&self, _run: WorkflowRunId) -> Result<RunRest, EngineError> {
        todo!()
    }

    /// The open tasks of a run, or of all runs.
    pub async fn task_list(&self, _run: Option<WorkflowRunId>) -> Result<Vec<Task>, EngineError> {
        todo!()
    }

    /// One open task.
    pub async fn task_fetch(&self, _step_run: StepRunId) -> Result<Task, EngineError> {
        todo!()
    }

    /// Answers a task. The answer is checked first; the first one wins.
    ///
    /// When this engine owns the run, or nobody does, the run goes on here and the recorded decision is returned.
    /// When another engine owns it, the answer is left for that engine, and `None` is returned.
    pub async fn task_answer(
        &self,
        _step_run: StepRunId,
        _answer: Answer,
        _author: Author,
    ) -> Result<Option<Decision>, EngineError> {
        todo!()
    }

    /// Everything that happens in this engine's runs from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        todo!()
    }

    /// Stops: starts nothing new, waits for the calls in flight at most `drain`, records what comes, and lets go of
    /// all runs. Calls still in flight after that are lost and repeated on resume.
    pub async fn shutdown(&self, _drain: std::time::Duration) {
        todo!()
    }
}
