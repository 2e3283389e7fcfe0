//! People in a run: tasks that answer themselves, answers and other messages from outside.

use std::sync::Arc;

use branchline_schema_model::run::{DecisionKind, ErrorClass, Failure, ValueSource, WorkflowRunStatus};
use branchline_schema_model::store::{MessageKind, RunMessage, StoreError};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::super::answer::{CheckedAnswer, check_answer, has_default};
use super::super::journal::NewDecision;
use super::super::patience::patiently;
use super::super::perform::{from_stored, inputs_of, stored_outputs};
use super::Driver;
use crate::action::broken_asserts;
use crate::engine::{Answer, Author};
use crate::machine::{Binding, Bound, Input, StepRunKey};
use crate::planted::{Planted, is_planted};
use crate::prompt::Branch;

impl Driver {
    /// An open task: unattended runs answer by themselves; a choice without options is settled here.
    pub(super) async fn ask(&mut self, key: &StepRunKey, binding: &Binding) -> Result<(), StoreError> {
        if !self.machine.is_open_task(key) {
            // Answered or cancelled by a message that came with the same commit.
            return Ok(());
        }
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let options = self.task_options(key, binding).await?;
        let chooses = step.task.as_ref().is_some_and(|task| task.from.is_some());
        if chooses && options.is_empty() {
            let many = step.writes.first().is_some_and(|index| plan.attribute(*index).value_type.is_array);
            if many {
                let values = step
                    .writes
                    .iter()
                    .map(|index| (plan.attribute(*index).name.clone(), Json::Array(Vec::new())));
                let answer = CheckedAnswer { values: values.collect(), picked: Vec::new() };
                self.accept(key, answer, DecisionKind::Automatic, Author::default(), 0);
            } else {
                let failure = Failure::new(ErrorClass::MissingInput, "there is no option to choose from");
                self.feed(Input::Unanswerable { key: key.clone(), failure });
            }
            return Ok(());
        }
        if self.options.unattended && has_default(step, self.options.rehearse) {
            let checked = check_answer(&plan, step, &options, &Answer::Default, self.options.rehearse);
            match self.asserted(key, binding, checked).await? {
                Ok(answer) => {
                    self.accept(key, answer, DecisionKind::Automatic, Author::default(), options.len());
                }
                Err(problem) => {
                    tracing::warn!(step = %self.machine.address(key), %problem, "the task waits for a person");
                }
            }
        }
        Ok(())
    }

    async fn task_options(&mut self, key: &StepRunKey, binding: &Binding) -> Result<Vec<Json>, StoreError> {
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let Some(from) = step.task.as_ref().and_then(|task| task.from) else { return Ok(Vec::new()) };
        let Some(attribute) = step.reads[from].source.attributes().first().copied() else {
            return Ok(Vec::new());
        };
        let ids = binding.get(from).map(Bound::ids).unwrap_or_default();
        let texts = self.texts.fetch(&ids).await?;
        // What stands in a list is an option of its own, as in the view of the task.
        let values = texts.iter().filter_map(|text| from_stored(&plan, attribute, text).ok());
        let options = values.flat_map(|value| match value {
            Json::Array(items) => items,
            value => vec![value],
        });
        Ok(options.collect())
    }

    /// The answer, if all that its step asserts holds with it.
    async fn asserted(
        &mut self,
        key: &StepRunKey,
        binding: &Binding,
        checked: Result<CheckedAnswer, String>,
    ) -> Result<Result<CheckedAnswer, String>, StoreError> {
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let answer = match checked {
            Ok(answer) if !step.asserts.is_empty() => answer,
            checked => return Ok(checked),
        };
        let bound = self.bound_texts(binding.clone()).await?;
        let inputs = match inputs_of(&plan, &step.reads, &bound) {
            Ok(inputs) => inputs,
            Err(failure) => return Ok(Err(failure.message)),
        };
        let branch = self.machine.branch_of(key).map(|(number, count)| Branch { number, count });
        let problems = broken_asserts(&plan, step, &inputs, &answer.values, branch);
        Ok(if problems.is_empty() { Ok(answer) } else { Err(problems.join("; ")) })
    }

    fn accept(
        &mut self,
        key: &StepRunKey,
        answer: CheckedAnswer,
        kind: DecisionKind,
        author: Author,
        option_count: usize,
    ) {
        let plan = Arc::clone(self.machine.plan());
        let step = plan.step(key.step);
        let Ok(texts) = stored_outputs(&plan, step, &answer.values) else { return };
        let write =
            |(attribute, text)| self.new_value(key, attribute, text, ValueSource::Human, author.name.clone());
        let written = texts.into_iter().map(write).collect();
        let picked = answer.picked;
        self.feed(Input::Answered {
            key: key.clone(),
            written,
            author: author.name.clone(),
            picked: picked.clone(),
        });
        self.extras.decisions.push(NewDecision {
            key: key.clone(),
            kind,
            picked,
            option_count: option_count as u32,
            author: author.name,
            note: author.note,
        });
    }

    pub(super) async fn apply_messages(&mut self) -> Result<(), StoreError> {
        self.messages_read_at = Some(Instant::now());
        let runs = [self.journal.fence.run_id];
        let mut is_held = false;
        for message in patiently(|| self.store.message_list(&runs)).await? {
            let id = message.id;
            if self.extras.messages_applied.contains(&id) && !is_planted(Planted::MessageTwice) {
                // Seen a second time before the commit that says so.
                continue;
            }
            if matches!(message.kind, MessageKind::Pause { .. })
                && self.machine.status() == WorkflowRunStatus::Pending
            {
                // A run that has not begun cannot be held back; it is looked at again when it has.
                self.messages_read_at = None;
                is_held = true;
                continue;
            }
            if is_held && matches!(message.kind, MessageKind::Resume { .. }) {
                // It was left after a pause that is still to come.
                continue;
            }
            if !is_planted(Planted::MessageLost) {
                self.apply_message(message).await?;
            }
            self.extras.messages_applied.push(id);
        }
        Ok(())
    }

    async fn apply_message(&mut self, message: RunMessage) -> Result<(), StoreError> {
        match message.kind {
            MessageKind::Cancel { author, note } => {
                let reason = (author.is_some() || note.is_some()).then(|| by_whom("cancelled", author, note));
                self.feed(Input::Cancel { reason });
            }
            MessageKind::Pause { author, note } => {
                self.feed(Input::Pause { reason: by_whom("paused", author, note) });
            }
            MessageKind::Resume { author: _ } => self.feed(Input::Resume),
            MessageKind::Answer { step_run_id, answer } => {
                let key = self
                    .machine
                    .tasks()
                    .find(|key| self.journal.step_run_id(key) == Some(step_run_id))
                    .cloned();
                let given: Result<(Answer, Author), _> = serde_json::from_value(answer);
                // Late answers and answers nobody can read change nothing; the sender was told.
                let (Some(key), Ok((answer, author))) = (key, given) else { return Ok(()) };
                let binding =
                    self.machine.step_run(&key).and_then(|run| run.binding.clone()).unwrap_or_default();
                let options = self.task_options(&key, &binding).await?;
                let plan = Arc::clone(self.machine.plan());
                let rehearse = self.options.rehearse;
                let checked = check_answer(&plan, plan.step(key.step), &options, &answer, rehearse);
                match self.asserted(&key, &binding, checked).await? {
                    Ok(answer) => self.accept(&key, answer, DecisionKind::Human, author, options.len()),
                    Err(problem) => {
                        tracing::warn!(step = %self.machine.address(&key), %problem, "an answer was refused");
                    }
                }
            }
        }
        Ok(())
    }
}

/// A reason for people, such as ``paused by Ada: the price``.
fn by_whom(what: &str, author: Option<String>, note: Option<String>) -> String {
    let by = author.map_or_else(|| format!("{what} by hand"), |author| format!("{what} by {author}"));
    match note {
        Some(note) => format!("{by}: {note}"),
        None => by,
    }
}
