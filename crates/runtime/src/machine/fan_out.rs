//! Fan-outs: one branch per element of a list.

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::limits::BRANCHES_MAX;
use branchline_schema_model::plan::{FanOut, StepIndex};
use branchline_schema_model::run::{BranchPath, ErrorClass, EventKind, Failure, Status, StepRunStatus};
use branchline_schema_model::time::Timestamp;

use super::binding::{Bound, Resolution};
use super::state::{RunMachine, StepRunState};
use super::{Command, IllegalInput, StepRunKey, Transition, Written};

impl RunMachine {
    /// Asks for the list of a fan-out to be taken apart, once it is bound.
    pub(super) fn look_at_fan_out(
        &mut self,
        key: StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let Some(fan_out) = self.fan_out_of(key.step) else { return Ok(()) };
        let failed = self.step_run(&key).is_some();
        if failed
            || self.expanding.contains(&key)
            || self.steps[key.step.get()].branches.contains_key(&key.path)
        {
            return Ok(());
        }
        let step = self.plan.step(key.step);
        match self.resolve(&step.reads[fan_out.list_read], &key.path) {
            Resolution::Pending => Ok(()),
            Resolution::Missing | Resolution::Bound(Bound::Absent) => {
                self.open_section(key.step, now, transition);
                let reason = "the list it runs over has no value".to_owned();
                transition.events.push(EventKind::StepSkipped { step: self.address(&key), reason });
                self.fan_out(&key, &[], now, transition)
            }
            Resolution::Bound(list) => {
                transition.commands.push(Command::Expand { step: key.step, parent: key.path.clone(), list });
                self.expanding.insert(key);
                Ok(())
            }
        }
    }

    /// Whether the list of a fan-out is to be taken apart.
    pub fn is_expanding(&self, step: StepIndex, parent: &BranchPath) -> bool {
        self.expanding.contains(&StepRunKey { step, path: parent.clone() })
    }

    /// The list was taken apart.
    pub(super) fn expanded(
        &mut self,
        step: StepIndex,
        parent: &BranchPath,
        items: Result<Vec<AttributeValueId>, Failure>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let key = StepRunKey { step, path: parent.clone() };
        if !self.expanding.remove(&key) {
            // A duplicate, or the run was cancelled meanwhile.
            return Ok(());
        }
        self.open_section(step, now, transition);
        match items {
            Ok(items) if items.len() <= BRANCHES_MAX => self.fan_out(&key, &items, now, transition),
            Ok(items) => {
                let message =
                    format!("the list has {} elements, at most {BRANCHES_MAX} can be branches", items.len());
                self.fail_fan_out(&key, &Failure::new(ErrorClass::MissingInput, message), now, transition);
                Ok(())
            }
            Err(failure) => {
                self.fail_fan_out(&key, &failure, now, transition);
                Ok(())
            }
        }
    }

    fn fan_out(
        &mut self,
        key: &StepRunKey,
        items: &[AttributeValueId],
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let Some(fan_out) = self.fan_out_of(key.step) else {
            return Err(IllegalInput(format!("`{}` does not fan out", self.address(key))));
        };
        let count = items.len() as u32;
        transition.fan_outs.push((key.step, key.path.clone(), count));
        transition.events.push(EventKind::FannedOut { step: self.address(key), branches: count });
        for (number, item) in (1..).zip(items) {
            let mut run = StepRunState::new(StepRunStatus::Blocked, now);
            run.values.push(Written { attribute: fan_out.item, id: *item });
            let path = key.path.child(number);
            transition.step_runs.insert(StepRunKey { step: key.step, path: path.clone() });
            self.steps[key.step.get()].runs.insert(path, run);
        }
        self.open_branches(key.step, &key.path, count);
        Ok(())
    }

    /// A list that cannot be taken apart fails the step itself, at the parent branch.
    fn fail_fan_out(
        &mut self,
        key: &StepRunKey,
        failure: &Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) {
        let mut run = StepRunState::new(StepRunStatus::Failed, now);
        debug_assert!(run.status.is_terminal());
        run.error = Some(failure.to_string());
        run.ended_at = Some(now);
        self.steps[key.step.get()].runs.insert(key.path.clone(), run);
        self.failed.push(key.clone());
        transition.step_runs.insert(key.clone());
        transition.events.push(EventKind::StepFailed { step: self.address(key), failure: failure.clone() });
    }

    fn fan_out_of(&self, step: StepIndex) -> Option<FanOut> {
        self.plan.fan_out(step).cloned()
    }
}
