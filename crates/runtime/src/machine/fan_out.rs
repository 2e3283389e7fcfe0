//! Branches: one per element of a list, then one per candidate.

use branchline_schema_model::definition::{Action, OnError};
use branchline_schema_model::limits::BRANCHES_MAX;
use branchline_schema_model::plan::{LevelIndex, LevelKind, StepIndex};
use branchline_schema_model::run::{
    BranchPath, ErrorClass, EventKind, Failure, StepRunStatus, Tolerated, WorkflowRunStatus,
};
use branchline_schema_model::time::Timestamp;

use super::binding::{Binding, Bound, Readiness, Resolution};
use super::level::Branches;
use super::state::{RunMachine, StepRunState};
use super::{Command, IllegalInput, NewBranch, StepRunKey, Transition, Written};

impl RunMachine {
    /// Opens the first level a step opens itself, at the place above it, once that is possible.
    pub(super) fn look_at_opening(
        &mut self,
        key: StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let Some(level) = self.plan.step(key.step).opens.first().copied() else { return Ok(()) };
        if self.branches(level, &key.path).is_some() {
            return Ok(());
        }
        match &self.plan.level(level).kind {
            LevelKind::Each(_) => self.look_at_list(level, key, now, transition),
            LevelKind::Candidates(candidates) => {
                let numbers = (1..=candidates.count()).collect();
                self.open_new(level, &key.path, Branches::all(numbers), transition);
                Ok(())
            }
            LevelKind::Turns(_) => {
                self.open_new(level, &key.path, Branches::first_turn(), transition);
                Ok(())
            }
        }
    }

    /// Asks for the list of a fan-out to be taken apart, once it is bound.
    fn look_at_list(
        &mut self,
        level: LevelIndex,
        key: StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        // A step run at the place above the branches says that the list could not be taken apart.
        if self.expanding.contains(&key) || self.step_run(&key).is_some() {
            return Ok(());
        }
        let Some(fan_out) = self.each(level) else { return Ok(()) };
        let list = match self.resolve(&self.plan.step(key.step).reads[fan_out.list_read], &key.path) {
            Resolution::Pending => return Ok(()),
            Resolution::Missing | Resolution::Bound(Bound::Absent) => {
                let reason = "the list it runs over has no value".to_owned();
                return self.no_branches(level, &key, reason, now, transition);
            }
            Resolution::TooFew(failure) => return self.fail_fan_out(level, &key, failure, now, transition),
            Resolution::Bound(list) => list,
        };
        let reads = fan_out.filter.as_ref().map_or(&[][..], |filter| &filter.reads);
        match self.bind_reads(reads, &key.path) {
            Readiness::Pending => Ok(()),
            Readiness::Missing { read } => {
                let reason = format!("`{read}`, which its `where` reads, has no value");
                self.no_branches(level, &key, reason, now, transition)
            }
            Readiness::Failed(failure) => self.fail_fan_out(level, &key, failure, now, transition),
            Readiness::Ready(filter) => {
                self.expand(key, list, filter, transition);
                Ok(())
            }
        }
    }

    fn expand(&mut self, key: StepRunKey, list: Bound, filter: Binding, transition: &mut Transition) {
        let (step, parent) = (key.step, key.path.clone());
        transition.commands.push(Command::Expand { step, parent, list, filter });
        self.expanding.insert(key);
    }

    fn no_branches(
        &mut self,
        level: LevelIndex,
        key: &StepRunKey,
        reason: String,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        transition.events.push(EventKind::StepSkipped { step: self.address(key), reason });
        self.fan_out(level, key, Vec::new(), now, transition)
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
        items: Result<Vec<NewBranch>, Failure>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let key = StepRunKey { step, path: parent.clone() };
        if !self.expanding.remove(&key) {
            // A duplicate, or the run was cancelled meanwhile.
            return Ok(());
        }
        let Some(level) = self.plan.step(step).opens.first().copied() else {
            return Err(IllegalInput(format!("`{}` does not fan out", self.address(&key))));
        };
        let items = items.and_then(|items| match self.too_many_branches(level, items.len()) {
            Some(failure) => Err(failure),
            None => Ok(items),
        });
        match items {
            Ok(items) => self.fan_out(level, &key, items, now, transition),
            Err(failure) => self.fail_fan_out(level, &key, failure, now, transition),
        }
    }

    /// Whether so many elements may become branches of a step. Values of those that may not must not be written.
    pub fn takes_branches(&self, step: StepIndex, elements: usize) -> bool {
        let level = self.plan.step(step).opens.first();
        level.is_some_and(|level| self.too_many_branches(*level, elements).is_none())
    }

    fn too_many_branches(&self, level: LevelIndex, elements: usize) -> Option<Failure> {
        if elements > BRANCHES_MAX {
            let message = format!("the list has {elements} elements, at most {BRANCHES_MAX} can be branches");
            return Some(Failure::new(ErrorClass::MissingInput, message));
        }
        self.too_many(level, elements)
    }

    fn fan_out(
        &mut self,
        level: LevelIndex,
        key: &StepRunKey,
        items: Vec<NewBranch>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let Some(attribute) = self.each(level).map(|fan_out| fan_out.item) else {
            return Err(IllegalInput(format!("`{}` does not fan out", self.address(key))));
        };
        let numbers = items.iter().map(|branch| branch.number).collect();
        let mut opened = Vec::with_capacity(items.len());
        for branch in items {
            let place = key.path.child(branch.number);
            opened.push(place.clone());
            self.hold_item(key.step, place, attribute, branch, now, transition);
        }
        self.open_new(level, &key.path, Branches::all(numbers), transition);
        if self.plan.step(key.step).action == Action::Each {
            for path in &opened {
                self.settle(&StepRunKey { step: key.step, path: path.clone() }, transition);
            }
        }
        if let Some(inner) = self.plan.step(key.step).opens.get(1).copied()
            && let LevelKind::Candidates(candidates) = &self.plan.level(inner).kind
        {
            let numbers: Vec<u32> = (1..=candidates.count()).collect();
            for place in &opened {
                self.open_new(inner, place, Branches::all(numbers.clone()), transition);
            }
        }
        Ok(())
    }

    /// Puts the element where its branch finds it.
    fn hold_item(
        &mut self,
        step: StepIndex,
        place: BranchPath,
        attribute: branchline_schema_model::plan::AttributeIndex,
        branch: NewBranch,
        now: Timestamp,
        transition: &mut Transition,
    ) {
        let plan_step = self.plan.step(step);
        let ends = plan_step.action == Action::Each;
        let mut path = place;
        while path.depth() < plan_step.scope.len() {
            path = path.child(1);
        }
        let status = if ends { StepRunStatus::Succeeded } else { StepRunStatus::Blocked };
        let mut run = StepRunState::new(status, now);
        run.ended_at = ends.then_some(now);
        run.values.push(Written { attribute, id: branch.item });
        run.label = branch.label;
        let key = StepRunKey { step, path };
        self.steps[step.get()].runs.insert(key.path.clone(), run);
        self.open_section(&key, now, transition);
        transition.step_runs.insert(key);
    }

    /// Opens branches under a place, and says so.
    pub(super) fn open_new(
        &mut self,
        level: LevelIndex,
        parent: &BranchPath,
        branches: Branches,
        transition: &mut Transition,
    ) {
        let count = branches.count;
        self.open_branches(level, parent, branches);
        transition.fan_outs.extend(self.fanned_out(level, parent));
        // A turn is told by its section run.
        if self.plan.level(level).kind.is_branching() {
            let key = StepRunKey { step: self.plan.level(level).opener, path: parent.clone() };
            transition.events.push(EventKind::FannedOut { step: self.address(&key), branches: count });
        }
    }

    /// A list that cannot be taken apart fails the step itself, at the place above its branches.
    fn fail_fan_out(
        &mut self,
        level: LevelIndex,
        key: &StepRunKey,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let on_error = self.plan.step(key.step).on_error;
        if on_error == OnError::Pause {
            if self.status == WorkflowRunStatus::Running {
                return self.pause_run(key, &failure, transition);
            }
            return Ok(());
        }
        let tolerated = tolerance(on_error);
        self.fail_place(key, failure, tolerated, now, transition);
        match tolerated {
            Some(_) => self.fan_out(level, key, Vec::new(), now, transition),
            None => Ok(()),
        }
    }

    /// Fails a step at a place above its branches.
    pub(super) fn fail_place(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        tolerated: Option<Tolerated>,
        now: Timestamp,
        transition: &mut Transition,
    ) {
        let status = if tolerated.is_some() { StepRunStatus::Skipped } else { StepRunStatus::Failed };
        let mut run = StepRunState::new(status, now);
        run.tolerated = tolerated;
        run.error = Some(failure.to_string());
        run.ended_at = Some(now);
        self.steps[key.step.get()].runs.insert(key.path.clone(), run);
        self.open_section(key, now, transition);
        transition.step_runs.insert(key.clone());
        let event = EventKind::StepFailed { step: self.address(key), label: None, failure, tolerated };
        transition.events.push(event);
        if tolerated.is_none() {
            self.failed.push(key.clone());
        }
    }
}

/// How a run goes on after a failure that `on_error` tolerates.
pub(super) const fn tolerance(on_error: OnError) -> Option<Tolerated> {
    match on_error {
        OnError::Skip => Some(Tolerated::Skip),
        OnError::Null => Some(Tolerated::Null),
        OnError::Fail | OnError::Pause => None,
    }
}
