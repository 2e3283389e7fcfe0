//! The engine: the public face of the runtime.
//!
//! One engine is one scheduler with a random id. It owns the runs it started or resumed, as long as they have
//! something to do, and lets go of them when they wait for a person or have ended.

mod output;
mod people;
mod start;
mod worker;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use branchline_schema_model::check::{CheckContext, CustomAction};
use branchline_schema_model::definition::Action;
use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::run::{RunEvent, Status as _, StepRun, WorkflowRunStatus};
use branchline_schema_model::store::Store;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::sync::{Semaphore, broadcast, mpsc, watch};

pub use self::output::RunOutput;
pub use self::worker::WorkNews;
use crate::action::ActionRegistry;
use crate::artifact::ProjectFiles;
use crate::clock::new_uuid;
use crate::error::EngineError;
use crate::scheduler::DriverInput;

/// Notices kept for a slow listener; one that falls further behind reads the store again.
const NOTICES_MAX: usize = 8_192;

/// How an engine works.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Model calls in flight over all runs of this engine.
    pub parallel_calls: u32,
    /// Runs driven at a time. Those that are started or answered beyond it are left to others, or to later.
    pub runs_max: usize,
    /// How often the owner of a run looks for messages from other processes that could not tell of them, in
    /// milliseconds.
    pub message_poll_ms: u64,
    /// The project folder: paths of the type `file` start there, and what steps write as a `file` is kept below its
    /// `.branchline/artifacts`. Without one such a step fails.
    pub project: Option<PathBuf>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            parallel_calls: branchline_schema_model::limits::PARALLEL_CALLS_DEFAULT,
            runs_max: usize::MAX,
            message_poll_ms: 500,
            project: None,
        }
    }
}

/// How a run is started. Kept with the run, so that a resumed run goes on in the same way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// Values of run inputs by attribute name, of the attribute's type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Json>,
    /// Names of those inputs that were read from a file of another program.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub imported: BTreeSet<String>,
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
    /// `choose`: everything these branches gave ([`TaskOption::branch`]), in the order wanted.
    Branches(Vec<String>),
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
    /// `choose`, `input` or `note`.
    pub action: String,
    /// The question: the step's description, or its name.
    pub question: String,
    /// The rendered prompt of a `note`: what is to be copied or done.
    pub text: Option<String>,
    /// What an `input` or a `note` shows beside the question, by attribute name.
    pub show: BTreeMap<String, Json>,
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
    /// Whether an answer needs it.
    pub required: bool,
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
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    config: EngineConfig,
    store: Arc<dyn Store>,
    actions: ActionRegistry,
    owner: SchedulerId,
    slots: Arc<Semaphore>,
    files: ProjectFiles,
    notices: broadcast::Sender<Notice>,
    drivers: Mutex<HashMap<WorkflowRunId, DriverHandle>>,
    /// Held while a run is claimed, so that two requests for the same run do not give it two drivers, and no run
    /// slips in behind a shutdown.
    claiming: tokio::sync::Mutex<()>,
    /// Runs that could not be driven here, and since when.
    unfit: Mutex<HashMap<WorkflowRunId, tokio::time::Instant>>,
    /// There may be runs to take up, or room for them.
    work: tokio::sync::Notify,
    is_listening: AtomicBool,
    shutting_down: AtomicBool,
}

#[derive(Clone)]
struct DriverHandle {
    to_inbox: mpsc::UnboundedSender<DriverInput>,
    rest: watch::Receiver<Option<RunRest>>,
}

impl Engine {
    /// Starts an engine on a store. `actions` holds the built-in executors
    /// ([`built_in`](crate::action::built_in)) and those of the embedding program. Needs a tokio runtime.
    pub fn start(config: EngineConfig, store: Arc<dyn Store>, actions: ActionRegistry) -> Self {
        let (notices, _) = broadcast::channel(NOTICES_MAX);
        let inner = Inner {
            slots: Arc::new(Semaphore::new(config.parallel_calls.max(1) as usize)),
            files: ProjectFiles::new(config.project.as_deref()),
            config,
            store,
            actions,
            owner: SchedulerId::from_uuid(new_uuid()),
            notices,
            drivers: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            unfit: Mutex::default(),
            work: tokio::sync::Notify::new(),
            is_listening: AtomicBool::new(false),
            shutting_down: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What the checker has to know about this engine's actions. Model names are left unchecked.
    pub fn check_context(&self) -> CheckContext {
        let custom = |name: &&str| matches!(Action::from((*name).to_owned()), Action::Custom(_));
        let actions = self.inner.actions.names().filter(custom).filter_map(|name| {
            let executor = self.inner.actions.get(name)?;
            Some((name.to_owned(), CustomAction { effect: executor.is_effect() }))
        });
        CheckContext { actions: actions.collect(), ..CheckContext::default() }
    }

    /// Everything that happens in this engine's runs from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.inner.notices.subscribe()
    }

    /// Waits until a run needs its engine no longer. For a run this engine does not drive, says how it stands.
    pub async fn run_rest(&self, run: WorkflowRunId) -> Result<RunRest, EngineError> {
        if let Some(mut handle) = self.driver(run) {
            // The sender lives as long as the driver's task; if that is gone, the store knows how the run stands.
            if let Ok(rest) = handle.rest.wait_for(Option::is_some).await {
                return Ok(rest.clone().unwrap_or(RunRest::LetGo));
            }
        }
        let summary = self.inner.store.run_fetch(run).await?;
        Ok(match summary.run.status {
            status if status.is_terminal() => RunRest::Ended(status),
            WorkflowRunStatus::Paused => RunRest::Paused(summary.run.reason.unwrap_or_default()),
            _ if summary.run.waiting => RunRest::Waiting,
            _ => RunRest::LetGo,
        })
    }

    /// Stops: starts nothing new, waits for the calls in flight at most `drain`, records what comes, and lets go of
    /// all runs. Calls still in flight after that are lost and repeated on resume.
    pub async fn shutdown(&self, drain: Duration) {
        {
            let _claiming = self.inner.claiming.lock().await;
            self.inner.shutting_down.store(true, Ordering::SeqCst);
            self.inner.work.notify_one();
        }
        let handles: Vec<DriverHandle> = self.drivers().values().cloned().collect();
        for handle in &handles {
            // A driver that has ended needs no telling.
            let _ = handle.to_inbox.send(DriverInput::Drain);
        }
        let all = async {
            for mut handle in handles {
                let _ = handle.rest.wait_for(Option::is_some).await;
            }
        };
        if tokio::time::timeout(drain, all).await.is_ok() {
            return;
        }
        let handles: Vec<DriverHandle> = self.drivers().values().cloned().collect();
        for mut handle in handles {
            let _ = handle.to_inbox.send(DriverInput::Stop);
            let _ = handle.rest.wait_for(Option::is_some).await;
        }
    }

    fn driver(&self, run: WorkflowRunId) -> Option<DriverHandle> {
        self.drivers().get(&run).cloned()
    }

    fn drivers(&self) -> std::sync::MutexGuard<'_, HashMap<WorkflowRunId, DriverHandle>> {
        // The map is never left half-changed, so a panic elsewhere does no harm to it.
        self.inner.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_when_shutting_down(&self) -> Result<(), EngineError> {
        if self.inner.shutting_down.load(Ordering::SeqCst) { Err(EngineError::ShuttingDown) } else { Ok(()) }
    }
}
