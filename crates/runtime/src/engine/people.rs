//! Tasks, answers and cancelling: what people ask of an engine.

use std::collections::{BTreeMap, HashMap};

use branchline_schema_model::id::{AttributeValueId, RunMessageId, StepRunId, WorkflowRunId};
use branchline_schema_model::plan::{Plan, PlanStep};
use branchline_schema_model::run::{Decision, StepRunStatus};
use branchline_schema_model::store::{
    MessageKind, NewRunMessage, StepRunView, StoreError, ValueFilter, ValueView,
};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

use super::{Answer, Author, Engine, Task};
use crate::clock::{new_uuid, now};
use crate::error::EngineError;
use crate::scheduler::{DriverInput, check_answer, options_of, task_of};

/// How often a message is brought to a run whose driver comes to rest each time.
const DELIVERIES_MAX: u32 = 4;

impl Engine {
    /// The open tasks of a run, or of all runs.
    pub async fn task_list(&self, run: Option<WorkflowRunId>) -> Result<Vec<Task>, EngineError> {
        let mut tasks = Vec::new();
        for view in self.inner.store.task_list(run).await? {
            tasks.push(self.task(view).await?.1);
        }
        Ok(tasks)
    }

    /// One open task.
    ///
    /// # Errors
    ///
    /// [`EngineError::TooLate`] when it waits no longer.
    pub async fn task_fetch(&self, step_run: StepRunId) -> Result<Task, EngineError> {
        let view = self.open_task(step_run).await?;
        Ok(self.task(view).await?.1)
    }

    /// Answers a task. The answer is checked first; the first one wins.
    ///
    /// When this engine owns the run, or nobody does, the run goes on here and the recorded decision is returned.
    /// When another engine owns it, the answer is left for that engine, and `None` is returned.
    ///
    /// # Errors
    ///
    /// [`EngineError::Answer`] when it does not fit, [`EngineError::TooLate`] when somebody answered before.
    pub async fn task_answer(
        &self,
        step_run: StepRunId,
        answer: Answer,
        author: Author,
    ) -> Result<Option<Decision>, EngineError> {
        self.refuse_when_shutting_down()?;
        let view = self.open_task(step_run).await?;
        let run = view.run_id;
        let (plan, task) = self.task(view).await?;
        let step = step_at(&plan, &task.address)?;
        let options: Vec<Json> = task.options.into_iter().map(|option| option.value).collect();
        check_answer(&plan, step, &options, &answer, false)
            .map_err(|message| EngineError::Answer { message })?;
        let message = NewRunMessage {
            id: RunMessageId::from_uuid(new_uuid()),
            run_id: run,
            unique_key: format!("answer:{step_run}"),
            kind: MessageKind::Answer { step_run_id: step_run, answer: json!([answer, author]) },
            created_at: now(),
        };
        if !self.inner.store.message_insert(message).await? {
            return Err(self.too_late(run, step_run).await?);
        }
        if !self.deliver(run).await? {
            return Ok(None);
        }
        self.decision(run, step_run).await
    }

    /// Cancels a run, whoever owns it. Returns once the wish is durable, or done if this engine could do it.
    ///
    /// # Errors
    ///
    /// [`EngineError::State`] when it has ended already.
    pub async fn run_cancel(&self, run: WorkflowRunId, author: Author) -> Result<(), EngineError> {
        use branchline_schema_model::run::Status as _;
        let summary = self.inner.store.run_fetch(run).await?;
        if summary.run.status.is_terminal() {
            return Err(EngineError::State {
                message: format!("the run has {} already", summary.run.status),
            });
        }
        let message = NewRunMessage {
            id: RunMessageId::from_uuid(new_uuid()),
            run_id: run,
            unique_key: "cancel".to_owned(),
            kind: MessageKind::Cancel { author: author.name },
            created_at: now(),
        };
        self.inner.store.message_insert(message).await?;
        self.deliver(run).await?;
        Ok(())
    }

    /// Has the messages of a run applied: by the driver here, or by a new one if nobody owns the run. `false` when
    /// another engine owns it, which will find them.
    async fn deliver(&self, run: WorkflowRunId) -> Result<bool, EngineError> {
        for _ in 0..DELIVERIES_MAX {
            if let Some(handle) = self.driver(run) {
                let (reply, applied) = oneshot::channel();
                // A driver that ends at this moment drops the reply; then the run is claimed again.
                if handle.to_inbox.send(DriverInput::Nudge(reply)).is_ok() && applied.await.is_ok() {
                    return Ok(true);
                }
                let mut rest = handle.rest;
                let _ = rest.wait_for(Option::is_some).await;
            }
            match self.drive(run, false).await {
                Ok(_) => {}
                // The message is kept: whoever owns the run finds it, or whoever takes it up next.
                Err(EngineError::Store(StoreError::Owned { .. }) | EngineError::ShuttingDown) => {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    async fn open_task(&self, step_run: StepRunId) -> Result<StepRunView, EngineError> {
        let view = self.inner.store.step_run_fetch(step_run).await?;
        if view.step_run.status == StepRunStatus::Waiting {
            return Ok(view);
        }
        Err(self.too_late(view.run_id, step_run).await?)
    }

    async fn too_late(&self, run: WorkflowRunId, step_run: StepRunId) -> Result<EngineError, EngineError> {
        let message = match self.decision(run, step_run).await? {
            Some(decision) => {
                let by = decision.author.map(|author| format!(" by {author}")).unwrap_or_default();
                format!("the task was answered{by} at {}; nothing changed", decision.created_at)
            }
            None => "the task does not wait for an answer (any longer)".to_owned(),
        };
        Ok(EngineError::TooLate { message })
    }

    async fn decision(
        &self,
        run: WorkflowRunId,
        step_run: StepRunId,
    ) -> Result<Option<Decision>, EngineError> {
        let decisions = self.inner.store.decision_list(run).await?;
        Ok(decisions.into_iter().find(|decision| decision.step_run_id == step_run))
    }

    async fn task(&self, view: StepRunView) -> Result<(std::sync::Arc<Plan>, Task), EngineError> {
        let workflow = self.inner.store.run_workflow(view.run_id).await?;
        let plan = self.workflow_plan(workflow).await?;
        let step = step_at(&plan, &view.address)?;
        let Some(task) = &step.task else {
            return Err(EngineError::State { message: format!("`{}` is not a task", view.address) });
        };
        let mut options = Vec::new();
        if let Some(from) = task.from {
            options = options_of(self.bound_values(&plan, step, from, &view).await?);
        }
        let mut shown = BTreeMap::new();
        for read in &task.show {
            let values = self.bound_values(&plan, step, *read, &view).await?;
            shown
                .insert(step.reads[*read].name.clone(), values.into_iter().map(|(value, _)| value).collect());
        }
        let task = task_of(&plan, step, task, view, options, &shown);
        Ok((plan, task))
    }

    /// The values a read of a step run was bound to, each with the branch that wrote it.
    async fn bound_values(
        &self,
        plan: &Plan,
        step: &PlanStep,
        read: usize,
        view: &StepRunView,
    ) -> Result<Vec<(Json, String)>, EngineError> {
        let read = &step.reads[read];
        let Some(attribute) = read.source.attributes().first().map(|index| plan.attribute(*index)) else {
            return Ok(Vec::new());
        };
        let ids: &[AttributeValueId] = view.step_run.inputs.get(&read.name).map_or(&[], Vec::as_slice);
        let filter = ValueFilter { attribute: Some(attribute.name.clone()), ..ValueFilter::default() };
        let written: HashMap<AttributeValueId, ValueView> = self
            .inner
            .store
            .value_list(view.run_id, &filter)
            .await?
            .into_iter()
            .map(|one| (one.value.id, one))
            .collect();
        let values = ids.iter().filter_map(|id| written.get(id)).map(|one| {
            let value = attribute.value_type.from_stored(&one.value.value);
            let branch = one.address.split_once('/').map_or(String::new(), |(_, branch)| branch.to_owned());
            Ok((value.map_err(|problem| EngineError::State { message: problem.to_string() })?, branch))
        });
        values.collect()
    }
}

fn step_at<'a>(plan: &'a Plan, address: &str) -> Result<&'a PlanStep, EngineError> {
    let parsed: Option<branchline_schema_model::run::StepRunAddress> = address.parse().ok();
    let step = parsed.and_then(|address| plan.step_at(&address.section, &address.step));
    step.map(|index| plan.step(index))
        .ok_or_else(|| EngineError::State { message: format!("the workflow has no step `{address}`") })
}
