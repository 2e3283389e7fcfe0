//! Start, pause, resume, cancel.

use branchline_schema_model::definition::OnError;
use branchline_schema_model::plan::StepIndex;
use branchline_schema_model::run::{
    AttemptOutcome, BranchPath, ErrorClass, EventKind, Failure, Status, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::time::Timestamp;

use super::state::{RunMachine, StepRunState};
use super::{Command, IllegalInput, StepRunKey, Transition, Written};
use crate::planted::{Planted, is_planted};

impl RunMachine {
    /// Completes the `inputs` step and looks at every step.
    pub(super) fn start(
        &mut self,
        inputs: Vec<Written>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.set_status(WorkflowRunStatus::Running, None, transition)?;
        self.started_at = Some(now);
        let key = StepRunKey { step: StepIndex::INPUTS, path: BranchPath::ROOT };
        self.open_section(&key, now, transition);
        let mut run = StepRunState::new(StepRunStatus::Succeeded, now);
        run.started_at = Some(now);
        run.ended_at = Some(now);
        run.values = inputs;
        self.steps[key.step.get()].runs.insert(BranchPath::ROOT, run);
        self.settle(&key, transition);
        if let Some(failure) = self.too_many_from_the_start() {
            self.agenda.clear();
            return self.end(WorkflowRunStatus::Failed, Some(failure.to_string()), now, transition);
        }
        self.look_at_everything();
        Ok(())
    }

    /// Puts every step run and fan-out there is on the agenda.
    pub(super) fn look_at_everything(&mut self) {
        for index in 0..self.plan.steps.len() as u32 {
            self.look_below(StepIndex(index), &BranchPath::ROOT);
        }
    }

    /// Pauses the run because every further call would fail the same way. The step run keeps its attempt for later.
    pub(super) fn pause(
        &mut self,
        key: &StepRunKey,
        failure: &Failure,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let run = self.move_step_run(key, StepRunStatus::Ready, transition)?;
        run.error = Some(failure.to_string());
        // Whoever mends the key or the credit gets the full number of attempts.
        run.free_retries += u32::from(failure.class.is_free());
        self.move_step_run(key, StepRunStatus::Held, transition)?;
        self.pause_run(key, failure, transition)
    }

    /// Pauses the run because of this step run: nothing new starts until somebody resumes it.
    pub(super) fn pause_run(
        &mut self,
        key: &StepRunKey,
        failure: &Failure,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.status == WorkflowRunStatus::Running {
            let reason = format!("`{}` failed: {failure}", self.address(key));
            self.set_status(WorkflowRunStatus::Paused, Some(reason), transition)?;
            self.waiting = false;
        }
        self.hold(transition)
    }

    /// Pauses the run because somebody wants it. A run that has ended, or is paused, stays as it is.
    pub(super) fn pause_by_person(
        &mut self,
        reason: String,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.status != WorkflowRunStatus::Running {
            return Ok(());
        }
        self.set_status(WorkflowRunStatus::Paused, Some(reason), transition)?;
        self.waiting = false;
        self.hold(transition)
    }

    /// Holds back what could start now or later.
    fn hold(&mut self, transition: &mut Transition) -> Result<(), IllegalInput> {
        let mut to_hold = self.ready.drain_ready();
        to_hold.extend(std::mem::take(&mut self.delayed).into_iter().map(|(_, key)| key));
        for key in to_hold {
            self.move_step_run(&key, StepRunStatus::Held, transition)?;
        }
        Ok(())
    }

    /// Goes on after a pause.
    pub(super) fn resume(&mut self, now: Timestamp, transition: &mut Transition) -> Result<(), IllegalInput> {
        if self.status != WorkflowRunStatus::Paused {
            // It goes on already.
            return Ok(());
        }
        self.set_status(WorkflowRunStatus::Running, None, transition)?;
        for key in self.keys_where(|run| run.status == StepRunStatus::Held) {
            let renews = self.plan.step(key.step).on_error == OnError::Pause;
            let run = self.move_step_run(&key, StepRunStatus::Ready, transition)?;
            if renews {
                // `on_error: pause`: whoever resumes wants the full number of attempts again.
                run.renewed_attempts += run.counted_attempts();
            }
            self.offer(&key, now, transition)?;
        }
        self.look_at_everything();
        Ok(())
    }

    /// Stops for good: nothing of the run changes after this.
    pub(super) fn cancel(
        &mut self,
        reason: Option<String>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.status.is_terminal() {
            // It has ended already.
            return Ok(());
        }
        for key in self.ready.running().cloned().collect::<Vec<_>>() {
            self.ready.stop(&self.plan, &key);
            let failure = Failure::new(ErrorClass::Cancelled, "the run was cancelled");
            transition.attempts_closed.push((key.clone(), AttemptOutcome::Failed(failure)));
            transition.commands.push(Command::Abort { key });
        }
        self.ready.drain_ready();
        self.delayed.clear();
        self.expanding.clear();
        self.evaluating.clear();
        self.allowed.clear();
        self.waiting_tasks.clear();
        self.agenda.clear();
        let left = |run: &StepRunState| {
            is_planted(Planted::CancelLeavesRunning) && run.status == StepRunStatus::Running
        };
        for key in self.keys_where(|run| !run.status.is_terminal() && !left(run)) {
            let run = self.move_step_run(&key, StepRunStatus::Cancelled, transition)?;
            run.ended_at = Some(now);
            transition.events.push(EventKind::StepCancelled { step: self.address(&key) });
        }
        self.end(WorkflowRunStatus::Cancelled, reason, now, transition)
    }

    pub(super) fn keys_where(&self, wanted: impl Fn(&StepRunState) -> bool) -> Vec<StepRunKey> {
        let mut keys = Vec::new();
        for (index, step) in (0..).zip(&self.steps) {
            for (path, run) in &step.runs {
                if wanted(run) {
                    keys.push(StepRunKey { step: StepIndex(index), path: path.clone() });
                }
            }
        }
        keys
    }
}
