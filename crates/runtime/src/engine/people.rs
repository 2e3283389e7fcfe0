//! Tasks, answers and cancelling: what people ask of an engine.

use std::collections::{BTreeMap, HashMap};

use branchline_schema_model::definition::Action;
use branchline_schema_model::id::{AttributeValueId, RunMessageId, StepRunId, WorkflowRunId};
use branchline_schema_model::plan::{Plan, PlanStep, ReadRole, ReadSource, TaskPlan};
use branchline_schema_model::run::{
    BranchPath, Decision, Status as _, StepRun, StepRunAddress, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::store::{
    MessageKind, NewRunMessage, StepRunView, StoreError, ValueFilter, ValueView,
};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

use super::start::Claiming;
use super::{Answer, Author, Engine, Task};
use crate::action::broken_asserts;
use crate::clock::{new_uuid, now};
use crate::error::EngineError;
use crate::prompt::render;
use crate::scheduler::{BoundValue, DriverInput, Shown, check_answer, options_of, task_of};

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
        let answer = by_number(&task, answer).map_err(|message| EngineError::Answer { message })?;
        let options: Vec<Json> = task.options.iter().map(|option| option.value.clone()).collect();
        let checked = check_answer(&plan, step, &options, &answer, false)
            .map_err(|message| EngineError::Answer { message })?;
        if matches!(answer, Answer::Values(_) | Answer::Own(_))
            && let Some(message) = self.inner.files.problems(&plan, &checked.values).into_iter().next()
        {
            return Err(EngineError::Answer { message });
        }
        self.hold_to_asserts(&plan, step, &task.step_run, run, &checked.values).await?;
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
        let kind = MessageKind::Cancel { author: author.name, note: author.note };
        self.wish(run, "cancel".to_owned(), kind).await
    }

    /// Pauses a run, whoever owns it: nothing new starts, calls under way end and are recorded. Returns once the wish is
    /// durable, or done if this engine could do it. [`run_resume`](Self::run_resume) goes on.
    ///
    /// # Errors
    ///
    /// [`EngineError::State`] when it has ended, or is paused already.
    pub async fn run_pause(&self, run: WorkflowRunId, author: Author) -> Result<(), EngineError> {
        let summary = self.inner.store.run_fetch(run).await?;
        if summary.run.status == WorkflowRunStatus::Paused {
            return Err(EngineError::State { message: "the run is paused already".to_owned() });
        }
        // A run can be paused many times, and each wish is one.
        let key = format!("pause:{}", new_uuid());
        self.wish(run, key, MessageKind::Pause { author: author.name, note: author.note }).await
    }

    /// Leaves word that a run shall go on, for whoever drives it.
    pub(super) async fn ask_to_resume(&self, run: WorkflowRunId, author: Author) -> Result<(), EngineError> {
        let message = NewRunMessage {
            id: RunMessageId::from_uuid(new_uuid()),
            run_id: run,
            unique_key: format!("resume:{}", new_uuid()),
            kind: MessageKind::Resume { author: author.name },
            created_at: now(),
        };
        self.inner.store.message_insert(message).await?;
        self.inner.store.run_tell(run).await;
        Ok(())
    }

    /// Leaves a message for whoever owns the run, and has it applied if that can be here.
    async fn wish(
        &self,
        run: WorkflowRunId,
        unique_key: String,
        kind: MessageKind,
    ) -> Result<(), EngineError> {
        let summary = self.inner.store.run_fetch(run).await?;
        if summary.run.status.is_terminal() {
            return Err(EngineError::State {
                message: format!("the run has {} already", summary.run.status),
            });
        }
        let id = RunMessageId::from_uuid(new_uuid());
        let message = NewRunMessage { id, run_id: run, unique_key, kind, created_at: now() };
        self.inner.store.message_insert(message).await?;
        self.deliver(run).await?;
        Ok(())
    }

    /// Has the messages of a run applied: by the driver here, or by a new one if nobody owns the run. `false` when
    /// another engine owns it, which will find them.
    async fn deliver(&self, run: WorkflowRunId) -> Result<bool, EngineError> {
        let is_here = self.apply_here(run).await?;
        if !is_here {
            self.inner.store.run_tell(run).await;
        }
        Ok(is_here)
    }

    async fn apply_here(&self, run: WorkflowRunId) -> Result<bool, EngineError> {
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
            if !self.has_room() {
                return Ok(false);
            }
            match self.drive(run, Claiming::Deliver).await {
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
        let mut shown = Shown::default();
        if let Some(from) = task.from {
            shown.options =
                options_of(self.bound_values(&plan, step, from, &view.step_run, view.run_id).await?);
        }
        for read in shown_reads(step, task) {
            let values = self.bound_values(&plan, step, read, &view.step_run, view.run_id).await?;
            shown.values.insert(step.reads[read].name.clone(), values);
        }
        if step.action == Action::Note && step.prompt.as_ref().is_some_and(|prompt| !prompt.trim().is_empty())
        {
            let values = self.read_values(&plan, step, &view.step_run, view.run_id).await?;
            let rendered = render(&plan, step.index, &values, None);
            shown.text =
                Some(rendered.map_or_else(|problem| problem.to_string(), |rendered| rendered.text()));
        }
        let task = task_of(&plan, step, task, view, shown);
        Ok((plan, task))
    }

    /// Refuses an answer with which something its step asserts does not hold.
    async fn hold_to_asserts(
        &self,
        plan: &Plan,
        step: &PlanStep,
        step_run: &StepRun,
        run: WorkflowRunId,
        outputs: &BTreeMap<String, Json>,
    ) -> Result<(), EngineError> {
        if step.asserts.is_empty() {
            return Ok(());
        }
        let inputs = self.read_values(plan, step, step_run, run).await?;
        let problems = broken_asserts(plan, step, &inputs, outputs, None);
        if problems.is_empty() { Ok(()) } else { Err(EngineError::Answer { message: problems.join("; ") }) }
    }

    /// What a step run read, by name.
    async fn read_values(
        &self,
        plan: &Plan,
        step: &PlanStep,
        step_run: &StepRun,
        run: WorkflowRunId,
    ) -> Result<BTreeMap<String, Json>, EngineError> {
        let mut values = BTreeMap::new();
        for (index, read) in step.reads.iter().enumerate() {
            let bound = self.bound_values(plan, step, index, step_run, run).await?;
            let mut bound = bound.into_iter().map(|one| one.value);
            let value = match read.source {
                ReadSource::Gather { .. } => {
                    let flat = bound.flat_map(|value| match value {
                        Json::Array(items) => items,
                        value => vec![value],
                    });
                    Some(flat.collect())
                }
                ReadSource::Value { .. } | ReadSource::Item { .. } => bound.next(),
            };
            values.extend(value.map(|value| (read.name.clone(), value)));
        }
        Ok(values)
    }

    /// The values a read of a step run was bound to, each with the branch that wrote it.
    async fn bound_values(
        &self,
        plan: &Plan,
        step: &PlanStep,
        read: usize,
        step_run: &StepRun,
        run: WorkflowRunId,
    ) -> Result<Vec<BoundValue>, EngineError> {
        let read = &step.reads[read];
        let Some(attribute) = read.source.attributes().first().map(|index| plan.attribute(*index)) else {
            return Ok(Vec::new());
        };
        let ids: &[AttributeValueId] = step_run.inputs.get(&read.name).map_or(&[], Vec::as_slice);
        let filter = ValueFilter { attribute: Some(attribute.name.clone()), ..ValueFilter::default() };
        let written: HashMap<AttributeValueId, ValueView> = self
            .inner
            .store
            .value_list(run, &filter)
            .await?
            .into_iter()
            .map(|one| (one.value.id, one))
            .collect();
        let values = ids.iter().filter_map(|id| written.get(id)).map(|one| {
            let value = attribute.value_type.from_stored(&one.value.value);
            let (branch, place) = branch_of(plan, &one.address);
            let value = value.map_err(|problem| EngineError::State { message: problem.to_string() })?;
            Ok(BoundValue { value, branch, place })
        });
        values.collect()
    }
}

/// The reads a task shows: those beside its options, or what is declared for display.
fn shown_reads(step: &PlanStep, task: &TaskPlan) -> Vec<usize> {
    if task.from.is_some() {
        return task.show.clone();
    }
    let displayed = (0..step.reads.len()).filter(|read| step.reads[*read].role == ReadRole::Display);
    let mut shown: Vec<usize> = task.show.iter().copied().chain(displayed).collect();
    shown.dedup();
    shown
}

/// An answer that takes whole branches as the numbers of their options; any other as it is.
fn by_number(task: &Task, answer: Answer) -> Result<Answer, String> {
    let Answer::Branches(branches) = answer else { return Ok(answer) };
    let mut numbers = Vec::new();
    for branch in &branches {
        let before = numbers.len();
        let options = task.options.iter().filter(|option| option.branch == *branch);
        numbers.extend(options.map(|option| option.number));
        if branch.is_empty() || numbers.len() == before {
            let mut known: Vec<String> =
                task.options.iter().map(|option| format!("`{}`", option.branch)).collect();
            known.dedup();
            return Err(match known.as_slice() {
                [] => "this task wants values, there is nothing to pick from".to_owned(),
                [only] if only == "``" => "the options come from no branches; pick them by number".to_owned(),
                _ => format!("there is no branch `{branch}`; the branches are {}", known.join(", ")),
            });
        }
    }
    Ok(Answer::Pick(numbers))
}

/// The branch in an address, as it is shown beside an option (`2/1`, `@bold.2`; section elements come first), and the
/// number of each of its levels.
fn branch_of(plan: &Plan, address: &str) -> (String, BranchPath) {
    let Ok(address) = address.parse::<StepRunAddress>() else { return (String::new(), BranchPath::ROOT) };
    let place = plan.place_of(&address).map(|(_, path)| path).unwrap_or_default();
    let numbers = address.element.into_iter().chain(address.path.numbers().iter().copied());
    let path = BranchPath::new(numbers.collect()).to_string();
    let candidate = address.candidate.map(|candidate| candidate.to_string()).unwrap_or_default();
    (format!("{path}{candidate}"), place)
}

fn step_at<'a>(plan: &'a Plan, address: &str) -> Result<&'a PlanStep, EngineError> {
    let parsed: Option<StepRunAddress> = address.parse().ok();
    let step = parsed.and_then(|address| plan.step_at(&address.section, &address.step));
    step.map(|index| plan.step(index))
        .ok_or_else(|| EngineError::State { message: format!("the workflow has no step `{address}`") })
}
