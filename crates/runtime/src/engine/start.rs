//! Definitions in, runs started and taken up.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use branchline_schema_model::check::check;
use branchline_schema_model::definition::{SourceMap, Workflow};
use branchline_schema_model::id::{WorkflowId, WorkflowRunId};
use branchline_schema_model::plan::{Plan, compile, workflow_version};
use branchline_schema_model::run::Status as _;
use branchline_schema_model::store::{NewRun, SavedWorkflow, StoreError, WorkflowVersion};
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Author, DriverHandle, Engine, RunOptions, RunRest};
use crate::clock::{new_uuid, now};
use crate::error::EngineError;
use crate::scheduler::{Driver, DriverInput, DriverParts, run_inputs};

/// Why a run is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claiming {
    /// Because it wants an engine, if it is free.
    Idle,
    /// To have its messages applied.
    Deliver,
    /// To go on, also if it is paused.
    Resume,
}

impl Engine {
    /// Checks and saves a definition: a new version when its content is new.
    ///
    /// # Errors
    ///
    /// [`EngineError::Definition`] with the first problem; whoever has the files shows all of them with [`check`].
    pub async fn workflow_save(&self, workflow: &Workflow) -> Result<SavedWorkflow, EngineError> {
        let checked = check(workflow, &SourceMap::default(), &self.check_context());
        let Some(plan) = checked.plan else {
            let first = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            return Err(EngineError::Definition {
                message: first.map(ToString::to_string).unwrap_or_default(),
            });
        };
        let version = workflow_version(workflow, &plan, &mut new_uuid, now());
        Ok(self.inner.store.workflow_save(version).await?)
    }

    /// The compiled plan of a stored version.
    pub async fn workflow_plan(&self, id: WorkflowId) -> Result<Arc<Plan>, EngineError> {
        let version = self.inner.store.workflow_fetch(id).await?;
        self.compile(&version).map(Arc::new)
    }

    pub(super) fn compile(&self, version: &WorkflowVersion) -> Result<Plan, EngineError> {
        let definition = |message: String| EngineError::Definition { message };
        let workflow = Workflow::from_canonical_json(&version.document)
            .map_err(|error| definition(error.to_string()))?;
        compile(&workflow, &self.check_context()).map_err(definition)
    }

    /// Creates a run and begins to drive it, or leaves it to others when this engine has no room. The inputs are checked
    /// before anything is written.
    pub async fn run_start(
        &self,
        workflow: WorkflowId,
        options: RunOptions,
    ) -> Result<WorkflowRunId, EngineError> {
        let (created, is_new) = self.create(workflow, options).await?;
        if is_new && !(self.has_room() && self.drive_or_owned(created).await?) {
            self.inner.store.run_tell(created).await;
        }
        Ok(created)
    }

    /// Creates a run for whoever takes runs up ([`work`](Self::work)), here or elsewhere.
    pub async fn run_queue(
        &self,
        workflow: WorkflowId,
        options: RunOptions,
    ) -> Result<WorkflowRunId, EngineError> {
        let (created, _) = self.create(workflow, options).await?;
        self.inner.store.run_tell(created).await;
        Ok(created)
    }

    /// Drives a run that was created a moment ago; `false` when another engine looked for work at that moment.
    async fn drive_or_owned(&self, run: WorkflowRunId) -> Result<bool, EngineError> {
        match self.drive(run, Claiming::Resume).await {
            Ok(_) => Ok(true),
            Err(EngineError::Store(StoreError::Owned { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Creates a run, unless its key did before. Whether it is new.
    async fn create(
        &self,
        workflow: WorkflowId,
        options: RunOptions,
    ) -> Result<(WorkflowRunId, bool), EngineError> {
        self.refuse_when_shutting_down()?;
        let plan = self.workflow_plan(workflow).await?;
        run_inputs(&plan, &options).map_err(|problems| EngineError::Inputs { problems })?;
        let problems = self.inner.files.problems(&plan, &options.inputs);
        if !problems.is_empty() {
            return Err(EngineError::Inputs { problems });
        }
        let unexpected = |error: serde_json::Error| EngineError::State { message: error.to_string() };
        let wanted = WorkflowRunId::from_uuid(new_uuid());
        let run = NewRun {
            id: wanted,
            workflow_id: workflow,
            label: options.label.clone(),
            options: serde_json::to_value(&options).map_err(unexpected)?,
            idempotency_key: options.idempotency_key.clone(),
            created_at: now(),
        };
        let created = self.inner.store.run_create(run).await?;
        Ok((created, created == wanted))
    }

    /// Takes a run up that nobody drives: after a crash, an interruption, a pause, or a task answered elsewhere. `false`
    /// when another engine drives it, or will: that one is told to go on.
    ///
    /// # Errors
    ///
    /// [`EngineError::State`] when it has ended.
    pub async fn run_resume(&self, run: WorkflowRunId, author: Author) -> Result<bool, EngineError> {
        self.refuse_when_shutting_down()?;
        loop {
            if let Some(mut handle) = self.driver(run) {
                let (reply, resumed) = oneshot::channel();
                // A driver that comes to rest at this moment drops the reply; then the run is claimed again.
                if handle.to_inbox.send(DriverInput::Resume(reply)).is_ok() && resumed.await.is_ok() {
                    return Ok(true);
                }
                let _ = handle.rest.wait_for(Option::is_some).await;
            }
            let summary = self.inner.store.run_fetch(run).await?;
            if summary.run.status.is_terminal() {
                return Err(EngineError::State {
                    message: format!("the run has {} already", summary.run.status),
                });
            }
            let driven = if self.has_room() { self.drive(run, Claiming::Resume).await } else { Ok(false) };
            match driven {
                Ok(true) => return Ok(true),
                // It was given a driver here at this moment.
                Ok(false) if self.has_room() => {}
                Ok(false) | Err(EngineError::Store(StoreError::Owned { .. })) => {
                    self.ask_to_resume(run, author).await?;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Claims a run and gives it a driver; `false` when it has one here.
    pub(super) async fn drive(&self, run: WorkflowRunId, claiming: Claiming) -> Result<bool, EngineError> {
        let _claiming = self.inner.claiming.lock().await;
        self.refuse_when_shutting_down()?;
        if self.driver(run).is_some() {
            return Ok(false);
        }
        let owner = self.inner.owner;
        let claim = match claiming {
            Claiming::Idle => {
                let claim = self.inner.store.run_claim_idle(run, owner).await?;
                claim.ok_or(StoreError::Owned { owner })?
            }
            Claiming::Deliver | Claiming::Resume => self.inner.store.run_claim(run, owner).await?,
        };
        self.listen();
        let driver = self.driver_for(run, claim, claiming == Claiming::Resume).await;
        let (driver, to_inbox) = match driver {
            Ok(driver) => driver,
            Err(error) => {
                self.inner.store.run_release(claim.fence).await?;
                return Err(error);
            }
        };
        let (to_rest, rest) = watch::channel(None::<RunRest>);
        self.drivers().insert(run, DriverHandle { to_inbox, rest });
        let engine = self.clone();
        tokio::spawn(async move {
            let rest = AssertUnwindSafe(driver.drive()).catch_unwind().await.unwrap_or_else(|_| {
                let message = "internal error: the driver of the run panicked; what was acknowledged is kept";
                RunRest::Broken(EngineError::State { message: message.to_owned() })
            });
            // Out of the map before the news, so that whoever hears it may take the run up again.
            engine.drivers().remove(&run);
            if rest == RunRest::LetGo {
                // Others may take it up now.
                engine.inner.store.run_tell(run).await;
            }
            engine.inner.work.notify_one();
            let _ = to_rest.send(Some(rest));
        });
        Ok(true)
    }

    async fn driver_for(
        &self,
        run: WorkflowRunId,
        claim: branchline_schema_model::store::Claim,
        resumes: bool,
    ) -> Result<(Driver, mpsc::UnboundedSender<DriverInput>), EngineError> {
        let store = &self.inner.store;
        let snapshot = store.run_load(run).await?;
        let workflow = Arc::new(store.workflow_fetch(snapshot.run.workflow_id).await?);
        let plan = Arc::new(self.compile(&workflow)?);
        let options: RunOptions = serde_json::from_value(snapshot.run.options.clone()).map_err(|error| {
            EngineError::State { message: format!("the options of the run are damaged: {error}") }
        })?;
        // Bounded by the attempts in flight, each of which answers once.
        let (to_inbox, inbox) = mpsc::unbounded_channel();
        let parts = DriverParts {
            store: Arc::clone(store),
            actions: self.inner.actions.clone(),
            plan,
            workflow,
            snapshot,
            claim,
            parallel_calls: options.parallel_calls.unwrap_or(self.inner.config.parallel_calls),
            options,
            resumes,
            slots: Arc::clone(&self.inner.slots),
            files: self.inner.files.clone(),
            notices: self.inner.notices.clone(),
            message_poll: Duration::from_millis(self.inner.config.message_poll_ms.max(1)),
        };
        Ok((Driver::new(parts, inbox, to_inbox.clone())?, to_inbox))
    }
}
