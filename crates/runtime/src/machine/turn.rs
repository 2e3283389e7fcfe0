//! Turns of a section that repeats: opened one after another by its implicit step `until`.

use branchline_schema_model::definition::OnMax;
use branchline_schema_model::plan::{LevelIndex, LevelKind, StepIndex, Turns};
use branchline_schema_model::run::{BranchPath, ErrorClass, EventKind, Failure, Status, StepRunStatus};
use branchline_schema_model::time::Timestamp;

use super::binding::Readiness;
use super::state::RunMachine;
use super::{Command, IllegalInput, Question, StepRunKey, Transition};

impl RunMachine {
    /// Decides whether another turn follows, once everything else of this one has closed.
    pub(super) fn look_at_until(
        &mut self,
        key: StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.evaluating.contains(&(key.clone(), Question::Until)) || !self.is_rest_of_turn_closed(&key) {
            return Ok(());
        }
        let has_condition = self.turns_of(key.step).is_some_and(|(_, turns)| turns.until.is_some());
        if !has_condition {
            return self.turn_ended(&key, false, now, transition);
        }
        match self.bind(key.step, &key.path) {
            Readiness::Pending => Ok(()),
            Readiness::Missing { read } => {
                let message = format!("`{read}`, which its condition reads, has no value");
                self.fail_unstarted(&key, Failure::new(ErrorClass::MissingInput, message), now, transition)
            }
            Readiness::Failed(failure) => self.fail_unstarted(&key, failure, now, transition),
            Readiness::Ready(binding) => {
                self.evaluating.insert((key.clone(), Question::Until));
                let (question, bindings) = (Question::Until, vec![binding]);
                transition.commands.push(Command::Evaluate { key, question, bindings });
                Ok(())
            }
        }
    }

    fn is_rest_of_turn_closed(&self, until: &StepRunKey) -> bool {
        let section = &self.plan.sections[self.plan.step(until.step).section.get()];
        let first = section.first_step.0;
        (first..first + section.step_count)
            .map(StepIndex)
            .filter(|step| *step != until.step)
            .all(|step| self.is_closed(step, &until.path))
    }

    /// A turn has ended, and its condition was seen.
    pub(super) fn turn_ended(
        &mut self,
        key: &StepRunKey,
        holds: bool,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let Some((level, turns)) = self.turns_of(key.step) else { return Ok(()) };
        let (number, max, on_max) = (key.path.branch_number(), turns.max, turns.on_max);
        if let Some(until) = turns.until.clone().filter(|_| !holds && number >= max) {
            if on_max == OnMax::Fail {
                let message = format!("after {max} turns, the most there may be, `{until}` does not hold");
                let failure = Failure::new(ErrorClass::InvalidOutput, message);
                return self.fail_unstarted(key, failure, now, transition);
            }
            let place = key.path.prefix(key.path.depth() - 1);
            let section = self.plan.section_address(self.plan.step(key.step).section, &place);
            transition.events.push(EventKind::TurnsUsedUp { section, turns: number, until });
        }
        let goes_on = !holds && number < max;
        if let Some(failure) = self.too_many(level, 1).filter(|_| goes_on) {
            return self.fail_unstarted(key, failure, now, transition);
        }
        self.run_through(key, now, transition)?;
        let run = self.move_step_run(key, StepRunStatus::Succeeded, transition)?;
        run.ended_at = Some(now);
        self.settle(key, transition);
        let parent = key.path.prefix(key.path.depth() - 1);
        if goes_on {
            self.open_turn(level, &parent, number + 1, transition);
        } else {
            self.close_turns(level, &parent);
        }
        Ok(())
    }

    /// An `until` that is passed over ends the turns.
    pub(super) fn until_passed_over(&mut self, key: &StepRunKey) {
        if let Some((level, _)) = self.turns_of(key.step) {
            self.close_turns(level, &key.path.prefix(key.path.depth() - 1));
        }
    }

    fn open_turn(
        &mut self,
        level: LevelIndex,
        parent: &BranchPath,
        number: u32,
        transition: &mut Transition,
    ) {
        let opener = self.plan.level(level).opener;
        if let Some(branches) = self.steps[opener.get()].branches.get_mut(parent) {
            branches.count = number;
        }
        self.amount.add(level, 1);
        for step in self.steps_inside(level) {
            *self.steps[step.get()].open_children.entry(parent.clone()).or_default() += 1;
            self.look_at_place(step, &parent.child(number));
        }
        transition.fan_outs.extend(self.fanned_out(level, parent));
    }

    /// No further turn follows: what stands outside may read the last one.
    fn close_turns(&mut self, level: LevelIndex, parent: &BranchPath) {
        let opener = self.plan.level(level).opener;
        match self.steps[opener.get()].branches.get_mut(parent) {
            Some(branches) if !branches.complete => branches.complete = true,
            _ => return,
        }
        for step in self.steps_inside(level) {
            self.close_child(step, parent);
        }
    }

    fn turns_of(&self, step: StepIndex) -> Option<(LevelIndex, &Turns)> {
        let level = *self.plan.step(step).opens.first()?;
        match &self.plan.level(level).kind {
            LevelKind::Turns(turns) => Some((level, turns)),
            LevelKind::Each(_) | LevelKind::Candidates(_) => None,
        }
    }

    /// Takes a step run that the engine performs by itself to where it may end.
    pub(super) fn run_through(
        &mut self,
        key: &StepRunKey,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        self.ensure_run(key, now, transition);
        for status in [StepRunStatus::Ready, StepRunStatus::Running] {
            let run = self.move_step_run(key, status, transition)?;
            debug_assert!(!run.status.is_terminal());
        }
        Ok(())
    }
}
