//! Going on: whatever the last input made possible, until nothing more is.

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::StepIndex;
use branchline_schema_model::run::{BranchPath, EventKind, Status, StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;

use super::binding::{Binding, Readiness};
use super::join::shared_levels;
use super::state::{RunMachine, StepRunState};
use super::{Command, IllegalInput, StepRunKey, Transition};
use crate::planted::{Planted, is_planted};

impl RunMachine {
    /// Works the agenda off, starts what has a slot, and sees whether the run rests.
    pub(super) fn go_on(&mut self, now: Timestamp, transition: &mut Transition) -> Result<(), IllegalInput> {
        if self.status != WorkflowRunStatus::Running && self.status != WorkflowRunStatus::Paused {
            self.agenda.clear();
            return Ok(());
        }
        loop {
            // Before the steps that act outside, which may start only if it is well.
            self.judge_closed(now, transition);
            let Some(key) = self.agenda.pop_front() else { break };
            self.look_at(key, now, transition)?;
        }
        self.close_sections(now, transition);
        if self.status == WorkflowRunStatus::Running || is_planted(Planted::PauseIgnored) {
            self.wake_due(now);
            self.dispatch(now, transition)?;
            self.rest_or_end(now, transition)?;
        }
        Ok(())
    }

    fn look_at(
        &mut self,
        key: StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let step = self.plan.step(key.step);
        if !step.enabled || key.step == StepIndex::INPUTS {
            return Ok(());
        }
        if !step.opens.is_empty() && key.path.depth() + step.opens.len() == step.scope.len() {
            return self.look_at_opening(key, now, transition);
        }
        let (is_until, is_effect) = (step.action == Action::Until, step.effect);
        let status = self.step_run(&key).map(|run| run.status);
        if status.is_some_and(|status| status != StepRunStatus::Blocked) {
            return Ok(());
        }
        if !self.is_allowed(&key, now, transition)? {
            return Ok(());
        }
        if is_until {
            return self.look_at_until(key, now, transition);
        }
        if !self.are_after_closed(&key) || is_effect && !self.all_before_ended_well(key.step, &key.path) {
            return Ok(());
        }
        match self.bind(key.step, &key.path) {
            Readiness::Pending => Ok(()),
            Readiness::Missing { read } => {
                let reason = format!("`{read}` has no value");
                self.skip(&key, reason, now, transition)
            }
            Readiness::Failed(failure) => self.fail_unstarted(&key, failure, now, transition),
            Readiness::Ready(binding) => self.make_ready(&key, binding, now, transition),
        }
    }

    /// DESIGN §4, effects: every earlier step of the own branch and its ancestors, and every branch of earlier
    /// fan-outs outside it, has ended without failing.
    fn all_before_ended_well(&self, step: StepIndex, path: &BranchPath) -> bool {
        let scope = &self.plan.step(step).scope;
        // The nearest are mostly the last to end.
        let mut earlier = self.plan.steps[..step.get()].iter().rev().filter(|earlier| earlier.enabled);
        !self.fell_short_before(step, path)
            && earlier.all(|earlier| {
                self.is_closed(earlier.index, &path.prefix(shared_levels(&earlier.scope, scope)))
            })
    }

    /// Whether the steps its author put before it have ended.
    fn are_after_closed(&self, key: &StepRunKey) -> bool {
        let step = self.plan.step(key.step);
        step.after.iter().all(|earlier| {
            let shared = shared_levels(&self.plan.step(*earlier).scope, &step.scope);
            self.is_closed(*earlier, &key.path.prefix(shared))
        })
    }

    /// Makes the step run there, blocked, if it has not come into being yet.
    pub(super) fn ensure_run(&mut self, key: &StepRunKey, now: Timestamp, transition: &mut Transition) {
        self.open_section(key, now, transition);
        self.allowed.remove(key);
        if self.step_run(key).is_none() {
            let mut run = StepRunState::new(StepRunStatus::Blocked, now);
            run.label = self.label_of(key);
            self.steps[key.step.get()].runs.insert(key.path.clone(), run);
        }
    }

    fn make_ready(
        &mut self,
        key: &StepRunKey,
        binding: Binding,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.ensure_run(key, now, transition);
        let held = self.status == WorkflowRunStatus::Paused;
        let next = if held { StepRunStatus::Held } else { StepRunStatus::Ready };
        self.move_step_run(key, next, transition)?.binding = Some(binding);
        if held { Ok(()) } else { self.offer(key, now, transition) }
    }

    /// Gives a ready step run to the queue, or to a person.
    pub(super) fn offer(
        &mut self,
        key: &StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if !self.plan.step(key.step).action.is_human() {
            self.ready.push(&self.plan, key.clone());
            return Ok(());
        }
        let run = self.move_step_run(key, StepRunStatus::Waiting, transition)?;
        run.started_at.get_or_insert(now);
        let binding = run.binding.clone().unwrap_or_default();
        self.waiting_tasks.insert(key.clone());
        let (step, label) = (self.address(key), self.label_of(key));
        transition.events.push(EventKind::StepWaiting { step, label });
        transition.commands.push(Command::Ask { key: key.clone(), binding });
        Ok(())
    }

    /// Ends a step run that will not run; readers pass it over.
    pub(super) fn skip(
        &mut self,
        key: &StepRunKey,
        reason: String,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.ensure_run(key, now, transition);
        let run = self.move_step_run(key, StepRunStatus::Skipped, transition)?;
        run.ended_at = Some(now);
        run.error = Some(reason.clone());
        transition.events.push(EventKind::StepSkipped { step: self.address(key), reason });
        self.settle(key, transition);
        self.until_passed_over(key);
        Ok(())
    }

    fn wake_due(&mut self, now: Timestamp) {
        while let Some((due_at, key)) = self.delayed.first().cloned() {
            if due_at > now {
                break;
            }
            self.delayed.pop_first();
            self.ready.push(&self.plan, key);
        }
    }

    /// Whether nothing is left to do: then the run has ended, or every live step waits for a person.
    fn rest_or_end(&mut self, now: Timestamp, transition: &mut Transition) -> Result<(), IllegalInput> {
        let busy = self.ready.running_count() > 0
            || !self.ready.is_empty()
            || !self.delayed.is_empty()
            || !self.expanding.is_empty()
            || !self.evaluating.is_empty();
        let waiting = !busy && !self.waiting_tasks.is_empty();
        if waiting != self.waiting {
            self.waiting = waiting;
            transition.run = true;
        }
        if busy || waiting {
            return Ok(());
        }
        let (status, reason) = self.outcome();
        self.end(status, reason, now, transition)
    }

    fn outcome(&self) -> (WorkflowRunStatus, Option<String>) {
        if let Some(first) = self.failed.first() {
            let error = self.step_run(first).and_then(|run| run.error.clone()).unwrap_or_default();
            let others = match self.failed.len() - 1 {
                0 => String::new(),
                count => format!(" and {count} more"),
            };
            let reason = format!("`{}`{others} failed: {error}", self.address(first));
            return (WorkflowRunStatus::Failed, Some(reason));
        }
        let open = self.plan.steps.iter().find(|step| !self.is_closed(step.index, &BranchPath::ROOT));
        match open {
            // Cannot happen in a plan whose reads all point backwards; said loudly instead of hanging.
            Some(step) => {
                let reason = format!(
                    "internal error: `{}` can neither run nor be skipped",
                    self.plan.address(step.index)
                );
                (WorkflowRunStatus::Failed, Some(reason))
            }
            None => match self.outputs_failure() {
                Some(failure) => (WorkflowRunStatus::Failed, Some(failure.to_string())),
                None => (WorkflowRunStatus::Succeeded, None),
            },
        }
    }

    /// Moves the run to its end.
    pub(super) fn end(
        &mut self,
        status: WorkflowRunStatus,
        reason: Option<String>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.set_status(status, reason, transition)?;
        self.ended_at = Some(now);
        self.waiting = false;
        self.end_sections(status, now, transition);
        Ok(())
    }

    /// Moves the run, refusing what the table of legal moves does not have.
    pub(super) fn set_status(
        &mut self,
        status: WorkflowRunStatus,
        reason: Option<String>,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.status = self.status.become_checked(status).map_err(|error| IllegalInput(error.to_string()))?;
        self.reason.clone_from(&reason);
        transition.run = true;
        transition.events.push(EventKind::RunStatus { status, reason });
        Ok(())
    }
}
