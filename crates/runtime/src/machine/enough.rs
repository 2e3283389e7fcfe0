//! `at_least`: how many branches of a fan-out have to come through.
//!
//! A join asks for that many branches with a value. Where no join brings the branches together, the fan-out itself fails
//! when the last of its steps has settled: a branch is lost when a failure in it was passed over, unless an earlier
//! step of the branch wrote what the failed one would have written. A fan-out that falls short inside a branch that may
//! fail itself costs that branch; anywhere else it fails the run. One that did not come about, because its list has no
//! value, is asked for nothing.

use std::collections::BTreeSet;

use branchline_schema_model::plan::{LevelIndex, Plan, PlanRead, ReadRole, ReadSource, StepIndex};
use branchline_schema_model::run::{BranchPath, ErrorClass, Failure, StepRunStatus, Tolerated};
use branchline_schema_model::time::Timestamp;

use super::binding::{Bound, Readiness, Resolution, Row};
use super::join::shared_levels;
use super::level::item_level;
use super::state::{RunMachine, StepRunState};
use super::{StepRunKey, Transition};

/// Fan-outs with `at_least`.
#[derive(Debug, Clone)]
pub(super) struct Quorums {
    /// Per level: whether a join brings its branches together.
    joined: Vec<bool>,
    /// Places where all branches have settled, to be looked at; inner ones come first.
    closed: Vec<(LevelIndex, BranchPath)>,
    /// Places of fan-outs that fell short and failed the run.
    failed: Vec<StepRunKey>,
}

impl Quorums {
    pub(super) fn of(plan: &Plan) -> Self {
        Self { joined: joined_levels(plan), closed: Vec::new(), failed: Vec::new() }
    }
}

/// Levels that a read collapses.
fn joined_levels(plan: &Plan) -> Vec<bool> {
    let mut joined = vec![false; plan.levels.len()];
    let steps = plan.steps.iter().filter(|step| step.enabled);
    let reads = steps.flat_map(|step| {
        let filters = step.opens.iter().filter_map(|level| plan.level(*level).kind.each()?.filter.as_ref());
        let conditions = step.when.iter().chain(filters).flat_map(|condition| &condition.reads);
        step.reads.iter().chain(conditions)
    });
    let is_join = |read: &&PlanRead| read.role != ReadRole::Display;
    for read in reads.chain(&plan.outputs).filter(is_join) {
        let ReadSource::Gather { fields, depth } = &read.source else { continue };
        let writers =
            fields.iter().flat_map(|field| field.writers.iter().map(|writer| (*writer, field.attribute)));
        for (writer, attribute) in writers {
            let scope = &plan.step(writer).scope;
            let item = item_level(plan, writer, attribute);
            let end = item.and_then(|level| scope.iter().position(|one| *one == level)).map(|at| at + 1);
            for level in scope.iter().take(end.unwrap_or(scope.len())).skip(*depth as usize) {
                joined[level.get()] = true;
            }
        }
    }
    joined
}

impl RunMachine {
    /// Notes a fan-out that asks for some of its branches, when the last of its steps has closed.
    pub(super) fn note_closed(&mut self, step: StepIndex, place: &BranchPath) {
        let Some(level) = self.plan.step(step).scope.get(place.depth()).copied() else { return };
        let asks = self.each(level).is_some_and(|fan_out| fan_out.at_least.is_some());
        if asks && self.steps_inside(level).iter().rev().all(|inside| self.is_closed(*inside, place)) {
            self.quorums.closed.push((level, place.clone()));
        }
    }

    /// Looks at the fan-outs that have closed.
    pub(super) fn judge_closed(&mut self, now: Timestamp, transition: &mut Transition) {
        for (level, place) in std::mem::take(&mut self.quorums.closed) {
            if let Some(failure) = self.shortage(level, &place) {
                self.fall_short(level, place, failure, now, transition);
            }
        }
    }

    /// Whether an effect has to stay where it is because a fan-out before it fell short.
    pub(super) fn fell_short_before(&self, step: StepIndex, path: &BranchPath) -> bool {
        let scope = &self.plan.step(step).scope;
        self.quorums.failed.iter().any(|key| {
            let shared = shared_levels(&self.plan.step(key.step).scope, scope);
            key.step < step && key.path.starts_with(&path.prefix(shared))
        })
    }

    /// Puts back what fell short before the process died.
    pub(super) fn put_shortages_back(&mut self) {
        let mut failed = self.keys_where(|run| run.status == StepRunStatus::Failed);
        failed.retain(|key| {
            let level = self.plan.step(key.step).scope.get(key.path.depth()).copied();
            level.is_some_and(|level| self.branches(level, &key.path).is_some())
        });
        self.quorums.failed = failed;
    }

    /// Why a closed fan-out falls short, if it does and no join says so.
    fn shortage(&self, level: LevelIndex, place: &BranchPath) -> Option<Failure> {
        let opener = self.plan.level(level).opener;
        let needed = self.each(level)?.at_least?;
        let judged_before = self.steps[opener.get()].runs.contains_key(place);
        if judged_before || !self.came_about(level, place) {
            return None;
        }
        let numbers = self.branches(level, place)?.numbers();
        let lost = numbers.iter().filter(|number| self.is_lost(level, &place.child(**number))).count();
        if lost == 0 && self.quorums.joined[level.get()] {
            return None;
        }
        let given = numbers.len() - lost;
        (given < needed as usize).then(|| self.too_few(level, given, numbers.len(), needed, "came through"))
    }

    fn too_few(&self, level: LevelIndex, given: usize, all: usize, needed: u32, did: &str) -> Failure {
        let opener = self.plan.address(self.plan.level(level).opener);
        let message = format!("only {given} of {all} branches of `{opener}` {did}, {needed} are needed");
        Failure::new(ErrorClass::MissingInput, message)
    }

    /// Whether a fan-out had a list to run over.
    fn came_about(&self, level: LevelIndex, place: &BranchPath) -> bool {
        let Some(fan_out) = self.each(level) else { return false };
        let opener = self.plan.step(self.plan.level(level).opener);
        let list = self.resolve(&opener.reads[fan_out.list_read], place);
        let filter = fan_out.filter.as_ref().map_or(&[][..], |filter| &filter.reads);
        matches!(list, Resolution::Bound(Bound::One(_) | Bound::Rows(_)))
            && matches!(self.bind_reads(filter, place), Readiness::Ready(_))
    }

    /// Whether nothing of what a step does in a branch came through, for one of the steps in it.
    fn is_lost(&self, level: LevelIndex, branch: &BranchPath) -> bool {
        // What the steps of a joined fan-out wrote is for the join to count.
        let by_failures = !self.quorums.joined[level.get()];
        let inside = self.steps_inside(level);
        inside.iter().any(|step| !self.came_through(*step, branch, branch.depth(), by_failures))
    }

    /// Whether anything of a step came through at or below a place.
    fn came_through(&self, step: StepIndex, place: &BranchPath, outside: usize, by_failures: bool) -> bool {
        let run = self.steps[step.get()].runs.get(place);
        let failed = run.filter(|run| run.tolerated.is_some());
        if place.depth() == self.plan.step(step).scope.len() {
            return !by_failures || failed.is_none_or(|run| self.is_replaced(step, place, outside, run));
        }
        // A failure above the branches: they could not be made, or too few of them came through.
        let below = self.branches_below(step, place, place.depth() + 1);
        let mut below = below.iter();
        failed.is_none()
            && (below.len() == 0 || below.any(|place| self.came_through(step, place, outside, by_failures)))
    }

    /// Whether an earlier step of the branch wrote all that a failed one would have written.
    fn is_replaced(&self, step: StepIndex, path: &BranchPath, outside: usize, run: &StepRunState) -> bool {
        let own = self.plan.step(step);
        let has_value = |attribute| {
            let earlier = self.plan.steps[..step.get()].iter().filter(|earlier| {
                earlier.enabled && earlier.scope.len() >= outside && own.scope.starts_with(&earlier.scope)
            });
            earlier.rev().any(|earlier| {
                let there = self.steps[earlier.index.get()].runs.get(&path.prefix(earlier.scope.len()));
                there.is_some_and(|there| there.value_of(attribute).is_some())
            })
        };
        run.tolerated == Some(Tolerated::Skip)
            && !own.writes.is_empty()
            && own.writes.iter().all(|attribute| has_value(*attribute))
    }

    fn fall_short(
        &mut self,
        level: LevelIndex,
        place: BranchPath,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) {
        let key = StepRunKey { step: self.plan.level(level).opener, path: place };
        let around = &self.plan.step(key.step).scope[..key.path.depth()];
        let tolerated = self.may_fail(around).then_some(Tolerated::Skip);
        if tolerated.is_none() {
            self.quorums.failed.push(key.clone());
        }
        self.fail_place(&key, failure, tolerated, now, transition);
    }

    fn may_fail(&self, levels: &[LevelIndex]) -> bool {
        levels.iter().any(|level| self.each(*level).is_some_and(|fan_out| fan_out.at_least.is_some()))
    }

    /// Whether the fan-outs a join collapses have enough branches with a value. Branches in which an inner one does not are
    /// dropped, where an outer one allows for that.
    pub(super) fn hold_to_at_least(
        &self,
        writer: StepIndex,
        below: &BranchPath,
        with_value: Vec<BranchPath>,
        rows: &mut Vec<Row>,
    ) -> Result<(), Failure> {
        let scope = &self.plan.step(writer).scope;
        let mut with_value = with_value;
        for (depth, level) in scope.iter().enumerate().skip(below.depth()).rev() {
            let Some(needed) = self.each(*level).and_then(|fan_out| fan_out.at_least) else { continue };
            let given: BTreeSet<BranchPath> =
                with_value.iter().map(|branch| branch.prefix(depth + 1)).collect();
            let mut dropped = BTreeSet::new();
            for parent in self.branches_below(writer, below, depth) {
                let given =
                    given.range(parent.clone()..).take_while(|branch| branch.starts_with(&parent)).count();
                if given >= needed as usize || !self.came_about(*level, &parent) {
                    continue;
                }
                if !self.may_fail(&scope[below.depth()..depth]) {
                    let all = self.branches(*level, &parent).map_or(0, |branches| branches.count);
                    return Err(self.too_few(*level, given, all as usize, needed, "gave a value"));
                }
                dropped.insert(parent);
            }
            if !dropped.is_empty() {
                with_value.retain(|branch| !dropped.contains(&branch.prefix(depth)));
                rows.retain(|row| !dropped.contains(&row.branch.prefix(depth)));
            }
        }
        Ok(())
    }
}
