//! One driver per owned run.

mod attempt;
mod commit;
mod decide;
mod people;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{AttributeIndex, Plan, StepIndex};
use branchline_schema_model::run::{BranchPath, Status as _, ValueSource, WorkflowRunStatus};
use branchline_schema_model::store::{
    Claim, Fence, RunCommit, RunSnapshot, Store, StoreError, WorkflowVersion,
};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::inputs::run_inputs;
use super::journal::{Extras, Journal, NewValue};
use super::values::ValueTexts;
use crate::action::{ActionRegistry, StepFailure, StepOutput};
use crate::artifact::ProjectFiles;
use crate::clock::{new_uuid, now};
use crate::engine::{Notice, RunOptions, RunRest};
use crate::error::EngineError;
use crate::machine::{Command, Input, RunMachine, StepRunKey, Transition, Written};
use crate::planted::{Planted, is_planted};

/// Inputs decided on together, before one commit. More wait for the next.
const INPUTS_PER_COMMIT_MAX: usize = 256;

/// How often it is looked for messages and for runs where they are told of: that may be lost, and what dies tells nothing.
pub(crate) const LOOK_PAUSE_TOLD: Duration = Duration::from_secs(5);

/// Something for a driver from outside its own loop.
pub(crate) enum DriverInput {
    /// An attempt ended.
    Ended { key: StepRunKey, attempt: u32, result: Box<Result<StepOutput, StepFailure>> },
    /// A message was inserted: look now. Answered when it is applied.
    Nudge(oneshot::Sender<()>),
    /// A message may have come: look now.
    Look,
    /// Go on after a pause. Answered when it is done.
    Resume(oneshot::Sender<()>),
    /// Start nothing new, let what is under way end, and let go of the run.
    Drain,
    /// Let go of the run now; attempts under way are lost.
    Stop,
}

/// What a driver is made of.
pub(crate) struct DriverParts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) actions: ActionRegistry,
    pub(crate) plan: Arc<Plan>,
    pub(crate) workflow: Arc<WorkflowVersion>,
    pub(crate) snapshot: RunSnapshot,
    pub(crate) claim: Claim,
    pub(crate) options: RunOptions,
    pub(crate) parallel_calls: u32,
    /// Whether a paused run goes on. It does not for a message only.
    pub(crate) resumes: bool,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) files: ProjectFiles,
    pub(crate) notices: broadcast::Sender<Notice>,
    pub(crate) message_poll: Duration,
}

/// Drives one run from claim to rest.
pub(crate) struct Driver {
    store: Arc<dyn Store>,
    actions: ActionRegistry,
    machine: RunMachine,
    journal: Journal,
    texts: ValueTexts,
    options: RunOptions,
    slots: Arc<Semaphore>,
    files: ProjectFiles,
    notices: broadcast::Sender<Notice>,
    message_poll: Duration,
    inbox: mpsc::UnboundedReceiver<DriverInput>,
    to_inbox: mpsc::UnboundedSender<DriverInput>,
    attempts: HashMap<StepRunKey, AbortHandle>,
    /// What the next commit writes.
    transition: Transition,
    extras: Extras,
    nudges: Vec<oneshot::Sender<()>>,
    draining: bool,
    stopped: bool,
    resumes: bool,
    /// What the machine said to an input it refused. Its state is not to be trusted after that.
    refused: Option<String>,
    /// `None` when there may be messages to look at.
    messages_read_at: Option<Instant>,
}

impl Driver {
    /// Puts a claimed run together.
    pub(crate) fn new(
        parts: DriverParts,
        inbox: mpsc::UnboundedReceiver<DriverInput>,
        to_inbox: mpsc::UnboundedSender<DriverInput>,
    ) -> Result<Self, EngineError> {
        let takes_slot =
            parts.plan.steps.iter().map(|step| {
                parts.actions.get(step.action.name()).is_none_or(|executor| executor.takes_slot())
            });
        let recovered = RunMachine::recover(
            Arc::clone(&parts.plan),
            takes_slot.collect(),
            parts.parallel_calls,
            &parts.workflow,
            &parts.snapshot,
            now(),
        )
        .map_err(|error| EngineError::State { message: error.to_string() })?;
        let journal = Journal::new(
            parts.claim.fence,
            parts.workflow,
            recovered.section_run_ids,
            recovered.step_run_ids,
            &parts.snapshot.open_attempts,
            parts.snapshot.last_sequence,
        );
        Ok(Self {
            texts: ValueTexts::new(Arc::clone(&parts.store)),
            store: parts.store,
            actions: parts.actions,
            machine: recovered.machine,
            journal,
            options: parts.options,
            slots: parts.slots,
            files: parts.files,
            notices: parts.notices,
            message_poll: parts.message_poll,
            inbox,
            to_inbox,
            attempts: HashMap::new(),
            transition: recovered.transition,
            extras: Extras::default(),
            nudges: Vec::new(),
            draining: false,
            stopped: false,
            resumes: parts.resumes,
            refused: None,
            messages_read_at: None,
        })
    }

    /// Drives the run until it needs no engine any longer, and lets go of it.
    pub(crate) async fn drive(mut self) -> RunRest {
        loop {
            let rest = match self.drive_to_rest().await {
                Ok(rest) => rest,
                Err(StoreError::Fenced) => RunRest::LetGo,
                Err(error) => RunRest::Broken(error.into()),
            };
            for (_, handle) in self.attempts.drain() {
                handle.abort();
            }
            if let Err(error) = self.store.run_release(self.journal.fence).await {
                tracing::warn!(run = %self.journal.fence.run_id, %error, "the run could not be let go of");
                return rest;
            }
            let listens = matches!(rest, RunRest::Waiting | RunRest::Paused(_));
            if !listens || !self.is_called_back().await {
                return rest;
            }
        }
    }

    /// Whoever left a message while the run was owned here relies on this engine to find it, and one may have come
    /// after the last look. So the run is taken up again when there is one, if nobody else has done so.
    async fn is_called_back(&mut self) -> bool {
        let Fence { run_id, owner_id, claim_epoch } = self.journal.fence;
        let has_messages =
            self.store.message_list(&[run_id]).await.is_ok_and(|messages| !messages.is_empty());
        if !has_messages {
            return false;
        }
        let Ok(claim) = self.store.run_claim(run_id, owner_id).await else { return false };
        if claim.fence.claim_epoch != claim_epoch + 1 {
            // Another engine had it in between: what is in memory here is old, and that engine saw the messages.
            let _ = self.store.run_release(claim.fence).await;
            return false;
        }
        self.journal.fence = claim.fence;
        self.messages_read_at = None;
        true
    }

    async fn drive_to_rest(&mut self) -> Result<RunRest, StoreError> {
        // Before the beginning, so that nothing is begun in a run that is to be cancelled.
        self.apply_messages().await?;
        self.begin();
        loop {
            let look_pause = self.look_pause();
            if self.messages_read_at.is_none_or(|read_at| read_at.elapsed() >= look_pause) {
                self.apply_messages().await?;
            }
            self.settle_and_commit().await?;
            if let Some(rest) = self.rest() {
                return Ok(rest);
            }
            self.wait_for_input().await?;
        }
    }

    /// A new run starts with its inputs; a paused one goes on if somebody asked for it.
    fn begin(&mut self) {
        match self.machine.status() {
            WorkflowRunStatus::Pending => {
                // They were checked before the run was created, so a problem here is not a user's.
                let values = run_inputs(self.machine.plan(), &self.options).unwrap_or_default();
                let key = StepRunKey { step: StepIndex::INPUTS, path: BranchPath::ROOT };
                let mut inputs = Vec::new();
                for (name, given) in values {
                    let plan = Arc::clone(self.machine.plan());
                    let Some(attribute) = plan.attribute_named(&name) else { continue };
                    let stored = plan.attribute(attribute).value_type.to_stored(&given.value);
                    if let Ok(text) = stored {
                        inputs.push(self.new_value(&key, attribute, text, given.source, None));
                    }
                }
                self.feed(Input::Start { inputs });
            }
            WorkflowRunStatus::Paused if self.resumes => self.feed(Input::Resume),
            _ => {}
        }
        self.resumes = false;
    }

    fn rest(&self) -> Option<RunRest> {
        let status = self.machine.status();
        if status.is_terminal() {
            return Some(RunRest::Ended(status));
        }
        if self.stopped {
            return Some(RunRest::LetGo);
        }
        if self.machine.running_count() > 0 {
            return None;
        }
        if status == WorkflowRunStatus::Paused {
            return Some(RunRest::Paused(self.machine.reason().unwrap_or_default().to_owned()));
        }
        if self.draining {
            return Some(RunRest::LetGo);
        }
        self.machine.is_waiting().then_some(RunRest::Waiting)
    }

    /// How long it waits for a message before it looks by itself.
    fn look_pause(&self) -> Duration {
        let is_told = self.store.hears_others();
        if is_told { self.message_poll.max(LOOK_PAUSE_TOLD) } else { self.message_poll }
    }

    async fn wait_for_input(&mut self) -> Result<(), StoreError> {
        let until_retry =
            self.machine.wake_at().map(|due_at| Duration::from_millis(due_at.millis_since(now()) + 1));
        let pause = self.look_pause();
        let pause = until_retry.map_or(pause, |retry| retry.min(pause));
        let mut inputs = Vec::new();
        match tokio::time::timeout(pause, self.inbox.recv()).await {
            Ok(Some(input)) => inputs.push(input),
            // The driver holds a sender itself, so the channel cannot close; a timeout is a look at the clock.
            Ok(None) | Err(_) => self.feed(Input::Tick),
        }
        while inputs.len() < INPUTS_PER_COMMIT_MAX {
            let Ok(input) = self.inbox.try_recv() else { break };
            inputs.push(input);
        }
        // Whoever wants to stop does not want the results beside it to start anything new.
        inputs.sort_by_key(|input| !matches!(input, DriverInput::Drain | DriverInput::Stop));
        for input in inputs {
            self.take(input);
        }
        Ok(())
    }

    fn take(&mut self, input: DriverInput) {
        match input {
            DriverInput::Ended { key, attempt, result } => self.attempt_ended(key, attempt, *result),
            DriverInput::Nudge(reply) => {
                self.messages_read_at = None;
                self.nudges.push(reply);
            }
            DriverInput::Look => self.messages_read_at = None,
            DriverInput::Resume(reply) => {
                self.feed(Input::Resume);
                self.nudges.push(reply);
            }
            DriverInput::Drain => {
                self.draining = true;
                self.feed(Input::Drain);
            }
            DriverInput::Stop => self.stopped = true,
        }
    }

    /// Registers a value for the next commit.
    fn new_value(
        &mut self,
        key: &StepRunKey,
        attribute: AttributeIndex,
        text: String,
        source: ValueSource,
        author: Option<String>,
    ) -> Written {
        let id = AttributeValueId::from_uuid(new_uuid());
        let text: Arc<str> = text.into();
        self.texts.keep(id, Arc::clone(&text));
        self.extras.values.push(NewValue { key: key.clone(), attribute, id, text, source, author });
        Written { attribute, id }
    }

    fn feed(&mut self, input: Input) {
        match self.machine.step(input, now()) {
            Ok(transition) => self.transition.merge(transition),
            // A bug. Nothing of it may be written; the run is put together again from the store on resume.
            Err(error) => {
                tracing::error!(run = %self.journal.fence.run_id, %error, "the run machine refused an input");
                self.refused.get_or_insert_with(|| error.to_string());
            }
        }
    }

    /// Answers what the machine asks of us without going outside, commits, and performs the rest.
    async fn settle_and_commit(&mut self) -> Result<(), StoreError> {
        let mut outside = Vec::new();
        let mut commands: VecDeque<Command> = std::mem::take(&mut self.transition.commands).into();
        while let Some(command) = commands.pop_front() {
            match command {
                Command::Expand { step, parent, list, filter } => {
                    self.expand(step, parent, &list, filter).await?;
                }
                Command::Evaluate { key, question, bindings } => {
                    self.evaluate(key, question, bindings).await?;
                }
                Command::Ask { key, binding } => self.ask(&key, &binding).await?,
                Command::Abort { key } => {
                    // What is begun and given up in one commit is not performed: its call would leave all the same.
                    outside
                        .retain(|one| !matches!(one, Command::Execute { key: begun, .. } if *begun == key));
                    outside.push(Command::Abort { key });
                }
                Command::Execute { .. } => outside.push(command),
            }
            commands.extend(std::mem::take(&mut self.transition.commands));
        }
        let commit = self.commit_of_decisions()?;
        if is_planted(Planted::ActBeforePersist) {
            for command in std::mem::take(&mut outside) {
                self.perform(command).await?;
            }
        }
        if let Some(commit) = commit {
            self.commit(commit).await?;
        }
        for command in outside {
            self.perform(command).await?;
        }
        for nudge in self.nudges.drain(..) {
            // Whoever nudged may have gone.
            let _ = nudge.send(());
        }
        Ok(())
    }

    /// What was decided since the last commit, as rows.
    fn commit_of_decisions(&mut self) -> Result<Option<RunCommit>, StoreError> {
        if let Some(message) = self.refused.take() {
            return Err(StoreError::Unexpected { message });
        }
        let transition = std::mem::take(&mut self.transition);
        let extras = std::mem::take(&mut self.extras);
        if transition.is_empty() && extras.messages_applied.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.journal.commit(&mut self.machine, &transition, extras, now())))
    }

    async fn commit(&mut self, commit: RunCommit) -> Result<(), StoreError> {
        let events = commit.events.clone();
        self.commit_once(commit).await?;
        self.texts.trim();
        for event in events {
            // Nobody has to listen.
            let _ = self.notices.send(Notice::Event(Arc::new(event)));
        }
        Ok(())
    }
}
