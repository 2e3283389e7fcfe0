//! Joins: when all branches below a place have settled.
//!
//! For every step inside levels, each place above its branches counts the children that are not settled yet. The
//! number is set when the branches come into being, in the same transition, so a join can never lose one; settling a
//! step run costs one decrement per level. A place above turns has closed when the turns have ended as well.

use branchline_schema_model::plan::{LevelIndex, Plan, StepIndex};
use branchline_schema_model::run::BranchPath;

use super::level::Branches;
use super::state::{Reader, RunMachine, Trigger};
use super::{StepRunKey, Transition};
use crate::planted::{Planted, is_planted};

impl RunMachine {
    /// Whether everything of this step at or below a place has settled.
    pub(super) fn is_closed(&self, step: StepIndex, place: &BranchPath) -> bool {
        let state = &self.steps[step.get()];
        if !self.plan.step(step).enabled {
            return true;
        }
        if place.depth() >= self.plan.step(step).scope.len() {
            let own = place.prefix(self.plan.step(step).scope.len());
            return state.runs.get(&own).is_some_and(super::StepRunState::is_settled);
        }
        let open = state.open_children.get(place);
        open == Some(&0) || open == Some(&1) && is_planted(Planted::JoinEarly)
    }

    /// Sets the branches below a place, for every step that lives in them, and looks at whatever that makes possible.
    pub(super) fn open_branches(&mut self, level: LevelIndex, parent: &BranchPath, branches: Branches) {
        let opener = self.plan.level(level).opener;
        // Turns that have not ended count as one more child.
        let open = branches.count + u32::from(!branches.complete);
        let numbers = branches.numbers();
        self.count_branches(level, &branches);
        self.steps[opener.get()].branches.insert(parent.clone(), branches);
        for step in self.steps_inside(level) {
            self.steps[step.get()].open_children.insert(parent.clone(), open);
            if open == 0 {
                self.close_place(step, parent);
            }
            for number in &numbers {
                self.look_at_place(step, &parent.child(*number));
            }
        }
    }

    /// The steps that live in a level.
    pub(super) fn steps_inside(&self, level: LevelIndex) -> Vec<StepIndex> {
        self.inside[level.get()].clone()
    }

    /// A step run has settled: closes its joins and puts its readers on the agenda.
    pub(super) fn settle(&mut self, key: &StepRunKey, transition: &mut Transition) {
        if self.steps[key.step.get()].runs[&key.path].status
            == branchline_schema_model::run::StepRunStatus::Succeeded
        {
            self.section_progressed(key);
        }
        for reader in self.readers[key.step.get()].clone() {
            match reader.trigger {
                Trigger::Value => self.look_at_reader(reader, key.step, &key.path),
                Trigger::Earlier { depth } => self.look_at_later(reader, key, depth),
                Trigger::Gather { .. } => {}
            }
        }
        self.close_place(key.step, &key.path);
        transition.step_runs.insert(key.clone());
    }

    /// A step that acts outside waits for every step before it: what has closed in the levels they share may have been
    /// the last.
    fn look_at_effects(&mut self, closed: StepIndex, place: &BranchPath) {
        let later = self.effects.partition_point(|effect| *effect <= closed);
        for index in later..self.effects.len() {
            let effect = self.effects[index];
            let shared = shared_levels(&self.plan.step(effect).scope, &self.plan.step(closed).scope);
            if shared == place.depth() {
                self.look_below(effect, place);
            }
        }
    }

    /// Everything of `step` at and below `place` has settled: tells gathers and the places above.
    fn close_place(&mut self, step: StepIndex, place: &BranchPath) {
        let own_depth = self.plan.step(step).scope.len();
        for reader in self.readers[step.get()].clone() {
            // A writer that stands above the gathered level is read from there: its own end is what counts.
            let Trigger::Gather { depth } = reader.trigger else { continue };
            if depth.min(own_depth) == place.depth() {
                self.look_at_reader(reader, step, place);
            }
        }
        self.look_at_effects(step, place);
        self.note_closed(step, place);
        if place.depth() == self.plan.section_depth(step) {
            self.section_step_closed(step, place.clone());
        }
        if place.depth() > 0 {
            self.close_child(step, &place.prefix(place.depth() - 1));
        }
    }

    /// One more child of a place has closed, or its turns have ended.
    pub(super) fn close_child(&mut self, step: StepIndex, above: &BranchPath) {
        let Some(open) = self.steps[step.get()].open_children.get_mut(above) else { return };
        *open = open.saturating_sub(1);
        if *open == 0 || *open == 1 && is_planted(Planted::JoinEarly) {
            self.close_place(step, above);
        }
    }

    /// A reader in later branches (or turns) of a level sees the nearest earlier value: the next branch has to be looked
    /// at, and those after it as long as what lies between has settled without one.
    fn look_at_later(&mut self, reader: Reader, key: &StepRunKey, depth: usize) {
        let parent = key.path.prefix(depth);
        let own = key.path.numbers().get(depth).copied().unwrap_or(0);
        let Some(level) = self.plan.step(key.step).scope.get(depth).copied() else { return };
        let Some(branches) = self.branches(level, &parent) else { return };
        let mut places = Vec::new();
        for number in branches.after(own) {
            let place = parent.child(number);
            places.push(place.clone());
            let mut between = key.path.numbers().to_vec();
            between[depth] = number;
            let run = self.steps[key.step.get()].runs.get(&BranchPath::new(between));
            let writes = &self.plan.step(key.step).writes;
            let left_out = |run: &super::StepRunState| writes.iter().any(|one| run.value_of(*one).is_none());
            if !run.is_some_and(|run| run.is_settled() && left_out(run)) {
                break;
            }
        }
        for place in places {
            self.look_below(reader.step, &place);
        }
    }

    fn look_at_reader(&mut self, reader: Reader, writer: StepIndex, at: &BranchPath) {
        let shared = shared_levels(&self.plan.step(reader.step).scope, &self.plan.step(writer).scope);
        let shared = match reader.trigger {
            Trigger::Value => shared,
            Trigger::Gather { depth } | Trigger::Earlier { depth } => shared.min(depth),
        };
        self.look_below(reader.step, &at.prefix(shared));
    }

    /// Puts every step run and every fan-out of `step` at or below a place on the agenda.
    pub(super) fn look_below(&mut self, step: StepIndex, place: &BranchPath) {
        let depth = self.plan.step(step).scope.len();
        let above = depth - self.plan.step(step).opens.len();
        if above < depth && place.depth() <= above {
            for parent in self.branches_below(step, place, above) {
                self.agenda.push_back(StepRunKey { step, path: parent });
            }
        }
        for path in self.branches_below(step, place, depth) {
            self.agenda.push_back(StepRunKey { step, path });
        }
    }

    /// Like [`Self::look_below`], for a place that has just come into being and has nothing below it.
    pub(super) fn look_at_place(&mut self, step: StepIndex, place: &BranchPath) {
        let plan_step = self.plan.step(step);
        let parent_depth = plan_step.scope.len() - plan_step.opens.len();
        if place.depth() == plan_step.scope.len() || place.depth() == parent_depth {
            self.agenda.push_back(StepRunKey { step, path: place.clone() });
        }
    }
}

/// The steps that live in each level.
pub(super) fn inside_of(plan: &Plan) -> Vec<Vec<StepIndex>> {
    let mut inside = vec![Vec::new(); plan.levels.len()];
    for step in plan.steps.iter().filter(|step| step.enabled) {
        step.scope.iter().for_each(|level| inside[level.get()].push(step.index));
    }
    inside
}

/// How many levels two scopes share.
pub(super) fn shared_levels(one: &[LevelIndex], other: &[LevelIndex]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}
