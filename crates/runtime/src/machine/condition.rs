//! Conditions: bound here, evaluated outside, because the machine knows no texts. Their results are not stored: values
//! never change, so whoever takes the run up evaluates them again.

use branchline_schema_model::run::{Failure, Status};
use branchline_schema_model::time::Timestamp;

use super::binding::Readiness;
use super::state::RunMachine;
use super::{Command, IllegalInput, Question, StepRunKey, Transition};

impl RunMachine {
    /// Whether the conditions of a blocked step run hold. When nobody knows yet, it is asked for or waited for.
    pub(super) fn is_allowed(
        &mut self,
        key: &StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<bool, IllegalInput> {
        if self.plan.step(key.step).when.is_empty() || self.allowed.contains(key) {
            return Ok(true);
        }
        let asked = (key.clone(), Question::When);
        if self.evaluating.contains(&asked) {
            return Ok(false);
        }
        let mut bindings = Vec::new();
        for condition in &self.plan.step(key.step).when {
            match self.bind_reads(&condition.reads, &key.path) {
                Readiness::Pending => return Ok(false),
                Readiness::Ready(binding) => bindings.push(binding),
                Readiness::Missing { read } => {
                    let reason = format!("`{read}`, which `when` reads, has no value");
                    self.skip(key, reason, now, transition)?;
                    return Ok(false);
                }
                Readiness::Failed(failure) => {
                    self.fail_unstarted(key, failure, now, transition)?;
                    return Ok(false);
                }
            }
        }
        self.evaluating.insert(asked);
        let question = Question::When;
        transition.commands.push(Command::Evaluate { key: key.clone(), question, bindings });
        Ok(false)
    }

    /// Whether the answer to this question is wanted.
    pub fn is_evaluating(&self, key: &StepRunKey, question: Question) -> bool {
        self.evaluating.contains(&(key.clone(), question))
    }

    pub(super) fn evaluated(
        &mut self,
        key: &StepRunKey,
        question: Question,
        result: Result<bool, Failure>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if !self.evaluating.remove(&(key.clone(), question)) || self.status.is_terminal() {
            // A duplicate, or the run was cancelled meanwhile.
            return Ok(());
        }
        match (question, result) {
            (_, Err(failure)) => self.fail_unstarted(key, failure, now, transition),
            (Question::When, Ok(true)) => {
                self.allowed.insert(key.clone());
                self.agenda.push_back(key.clone());
                Ok(())
            }
            (Question::When, Ok(false)) => self.skip(key, "`when` is false".to_owned(), now, transition),
            (Question::Until, Ok(holds)) => self.turn_ended(key, holds, now, transition),
        }
    }
}
