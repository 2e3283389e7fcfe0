//! Joins: when all branches below a place have settled.
//!
//! For every step inside fan-outs, each place above its branches counts the children that are not settled yet. The
//! number is set when the fan-out happens, in the same transition as its branches, so a join can never lose one;
//! settling a step run costs one decrement per level.

use branchline_schema_model::plan::{LevelIndex, StepIndex};
use branchline_schema_model::run::BranchPath;

use super::state::{Reader, RunMachine, Trigger};
use super::{StepRunKey, Transition};

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
        state.open_children.get(place) == Some(&0)
    }

    /// The branches of a step below a place, `depth` levels deep, in branch order.
    pub(super) fn branches_below(
        &self,
        step: StepIndex,
        place: &BranchPath,
        depth: usize,
    ) -> Vec<BranchPath> {
        let scope = &self.plan.step(step).scope;
        let mut branches = vec![place.clone()];
        for level in scope.iter().take(depth).skip(place.depth()) {
            let opener = self.plan.level(*level).opener;
            let counts = &self.steps[opener.get()].branches;
            branches = branches
                .iter()
                .flat_map(|parent| {
                    (1..=counts.get(parent).copied().unwrap_or(0)).map(|number| parent.child(number))
                })
                .collect();
        }
        branches
    }

    /// Sets the number of branches below a place, for every step that lives in them, and looks at whatever that
    /// makes possible.
    pub(super) fn open_branches(&mut self, opener: StepIndex, parent: &BranchPath, count: u32) {
        self.steps[opener.get()].branches.insert(parent.clone(), count);
        let level = parent.depth();
        let inside: Vec<StepIndex> = self
            .plan
            .steps
            .iter()
            .filter(|step| {
                step.enabled
                    && step.scope.get(level).is_some_and(|one| self.plan.level(*one).opener == opener)
            })
            .map(|step| step.index)
            .collect();
        if count == 0 {
            // No step run will settle here and tell them.
            self.look_at_effects();
        }
        for step in inside {
            self.steps[step.get()].open_children.insert(parent.clone(), count);
            if count == 0 {
                self.close_place(step, parent);
            }
            for branch in self.branches_below(step, parent, level + 1) {
                self.look_at_place(step, &branch);
            }
        }
    }

    /// A step run has settled: closes its joins and puts its readers on the agenda.
    pub(super) fn settle(&mut self, key: &StepRunKey, transition: &mut Transition) {
        if self.steps[key.step.get()].runs[&key.path].status
            == branchline_schema_model::run::StepRunStatus::Succeeded
        {
            self.section_progressed(key.step);
        }
        for reader in self.readers[key.step.get()].clone() {
            if reader.trigger == Trigger::Value {
                self.look_at_reader(reader, key.step, &key.path);
            }
        }
        self.close_place(key.step, &key.path);
        self.look_at_effects();
        transition.step_runs.insert(key.clone());
    }

    /// Whatever ends may be the last thing a step that acts outside waited for.
    fn look_at_effects(&mut self) {
        for effect in self.effects.clone() {
            self.look_below(effect, &BranchPath::ROOT);
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
        if place.depth() == 0 {
            self.section_step_closed(step);
            return;
        }
        let above = place.prefix(place.depth() - 1);
        let Some(open) = self.steps[step.get()].open_children.get_mut(&above) else { return };
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.close_place(step, &above);
        }
    }

    fn look_at_reader(&mut self, reader: Reader, writer: StepIndex, at: &BranchPath) {
        let shared = shared_levels(&self.plan.step(reader.step).scope, &self.plan.step(writer).scope);
        let shared = match reader.trigger {
            Trigger::Value => shared,
            Trigger::Gather { depth } => shared.min(depth),
        };
        self.look_below(reader.step, &at.prefix(shared));
    }

    /// Puts every step run and every fan-out of `step` at or below a place on the agenda.
    pub(super) fn look_below(&mut self, step: StepIndex, place: &BranchPath) {
        let depth = self.plan.step(step).scope.len();
        let opens = !self.plan.step(step).opens.is_empty();
        if opens && place.depth() < depth {
            for parent in self.branches_below(step, place, depth - 1) {
                self.agenda.push_back(StepRunKey { step, path: parent });
            }
        }
        for path in self.branches_below(step, place, depth) {
            self.agenda.push_back(StepRunKey { step, path });
        }
    }

    /// Like [`Self::look_below`], for a place that has just come into being and has nothing below it.
    fn look_at_place(&mut self, step: StepIndex, place: &BranchPath) {
        let plan_step = self.plan.step(step);
        let parent_depth = plan_step.scope.len() - plan_step.opens.len();
        if place.depth() == plan_step.scope.len() || place.depth() == parent_depth {
            self.agenda.push_back(StepRunKey { step, path: place.clone() });
        }
    }
}

fn shared_levels(one: &[LevelIndex], other: &[LevelIndex]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}
