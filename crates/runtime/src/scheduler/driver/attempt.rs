//! Attempts: started after the commit, and taken in when they end.

use std::sync::Arc;

use branchline_schema_model::plan::ReadRole;
use branchline_schema_model::run::{ErrorClass, Failure, ValueSource};
use branchline_schema_model::store::StoreError;

use super::super::perform::{Attempt, gathered_of, inputs_of, perform, stored_outputs};
use super::{Driver, DriverInput};
use crate::action::{StepFailure, StepOutput};
use crate::engine::Notice;
use crate::machine::{Binding, Bound, Command, Input, StepRunKey};
use crate::prompt::Branch;

impl Driver {
    pub(super) fn attempt_ended(
        &mut self,
        key: StepRunKey,
        attempt: u32,
        result: Result<StepOutput, StepFailure>,
    ) {
        self.attempts.remove(&key);
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let (stored, record) = match result {
            Ok(output) => (stored_outputs(&plan, step, &output.values), output.record),
            Err(failure) => (Err(failure.failure), *failure.record),
        };
        let source = if record.calls > 0 { ValueSource::Model } else { ValueSource::Computed };
        let result = stored.map(|texts| {
            let write = |(attribute, text)| self.new_value(&key, attribute, text, source, None);
            texts.into_iter().map(write).collect()
        });
        let tokens = (record.usage.input_tokens, record.usage.output_tokens);
        let prompt_hash = record.prompt_hash.clone();
        let closed_before = self.transition.attempts_closed.len();
        self.feed(Input::Ended { key: key.clone(), attempt, result, tokens, prompt_hash });
        let accepted = self.transition.attempts_closed.len() > closed_before;
        if accepted {
            self.extras.records.insert(key, record);
        } else {
            // Late: the run was cancelled meanwhile. Nothing of it may be written.
            self.extras.values.retain(|value| value.key != key);
        }
    }

    pub(super) async fn perform(&mut self, command: Command) -> Result<(), StoreError> {
        match command {
            Command::Execute { key, attempt, binding } => self.execute(key, attempt, binding).await,
            Command::Abort { key } => {
                if let Some(handle) = self.attempts.remove(&key) {
                    handle.abort();
                }
                Ok(())
            }
            // Answered before the commit.
            Command::Expand { .. } | Command::Evaluate { .. } | Command::Ask { .. } => Ok(()),
        }
    }

    async fn execute(&mut self, key: StepRunKey, attempt: u32, binding: Binding) -> Result<(), StoreError> {
        // Without one the run was cancelled in the commit that began the attempt.
        let Some(attempt_id) = self.journal.attempt_id(&key) else { return Ok(()) };
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let mut bound = Vec::with_capacity(binding.len());
        for (read, one) in step.reads.iter().zip(binding) {
            // A branch works on its element. Handing every branch the whole list would cost the square of it.
            let one = if read.role == ReadRole::ForEach { Bound::Absent } else { one };
            let texts = self.texts.fetch(&one.ids()).await?;
            bound.push((one, texts));
        }
        self.texts.trim();
        let job = Attempt {
            plan: Arc::clone(&plan),
            key: key.clone(),
            address: self.machine.address(&key),
            branch: self.machine.branch_of(&key).map(|(number, count)| Branch { number, count }),
            number: attempt,
            id: attempt_id,
            model: self.options.model.clone(),
        };
        let executor = self.actions.get(step.action.name()).cloned();
        let slots =
            executor.as_ref().is_none_or(|executor| executor.takes_slot()).then(|| Arc::clone(&self.slots));
        let to_inbox = self.to_inbox.clone();
        let mut on_token = self.token_sender(&job.address);
        let (files, run_id) = (self.files.clone(), self.journal.fence.run_id);
        let handle = tokio::spawn(async move {
            let result = async {
                let step = job.plan.step(job.key.step);
                let inputs = inputs_of(&job.plan, &step.reads, &bound)?;
                let gathered = gathered_of(&job.plan, step, &bound)?;
                drop(bound);
                let unknown =
                    || Failure::new(ErrorClass::Action, format!("no action `{}` is registered", step.action));
                let executor = executor.ok_or_else(unknown)?;
                let _slot = match &slots {
                    // The semaphore is never closed.
                    Some(slots) => slots.acquire().await.ok(),
                    None => None,
                };
                let output = perform(&job, inputs, gathered, executor.as_ref(), &mut on_token).await?;
                files.keep(run_id, &job.address, &job.plan, step, output).await
            };
            let result = Box::new(result.await);
            // The driver may have gone; then the attempt counts as lost.
            let _ = to_inbox.send(DriverInput::Ended { key: job.key, attempt: job.number, result });
        });
        self.attempts.insert(key, handle.abort_handle());
        Ok(())
    }

    fn token_sender(&self, address: &str) -> impl FnMut(&str) + Send + use<> {
        let notices = self.notices.clone();
        let run_id = self.journal.fence.run_id;
        let step: Arc<str> = address.into();
        move |text: &str| {
            if notices.receiver_count() > 0 {
                let _ = notices.send(Notice::Token { run_id, step: Arc::clone(&step), text: text.into() });
            }
        }
    }
}
