//! Tasks: a person's answer ends a waiting step run.

use branchline_schema_model::run::{EventKind, Failure, StepRunStatus};
use branchline_schema_model::time::Timestamp;

use super::state::RunMachine;
use super::{IllegalInput, StepRunKey, Transition, Written};

impl RunMachine {
    /// Whether this step run waits for an answer.
    pub fn is_open_task(&self, key: &StepRunKey) -> bool {
        self.waiting_tasks.contains(key)
    }

    pub(super) fn answered(
        &mut self,
        key: &StepRunKey,
        written: Vec<Written>,
        author: Option<String>,
        picked: Vec<u32>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if !self.waiting_tasks.remove(key) {
            // Late: somebody answered before, or the run was cancelled.
            return Ok(());
        }
        let run = self.move_step_run(key, StepRunStatus::Succeeded, transition)?;
        run.values.extend(written);
        run.ended_at = Some(now);
        transition.events.push(EventKind::Answered { step: self.address(key), author, picked });
        self.settle(key, transition);
        Ok(())
    }

    pub(super) fn unanswerable(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if !self.waiting_tasks.remove(key) {
            return Ok(());
        }
        self.fail(key, failure, now, transition)
    }
}
