//! Levels: the places a step run is in, and what multiplies it.
//!
//! A path has one number per level of the scope of its step. The branches of a place are known by the step that opens
//! the level; of turns, the last one is where anything still happens.

use branchline_schema_model::plan::{AttributeIndex, FanOut, LevelIndex, LevelKind, Plan, StepIndex};
use branchline_schema_model::run::BranchPath;

use super::section::SectionKey;
use super::state::{RunMachine, StepRunState};
use super::{FannedOut, StepRunKey};

/// The branches of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branches {
    pub(super) count: u32,
    /// The numbers when `where` left some out; otherwise they are those up to `count`.
    pub(super) listed: Option<Vec<u32>>,
    /// Whether no further one will follow. Only turns come one after another.
    pub(super) complete: bool,
}

impl Branches {
    /// Numbers that are all there from the beginning.
    pub(super) fn all(numbers: Vec<u32>) -> Self {
        let count = numbers.len() as u32;
        let listed = numbers.last().is_some_and(|last| *last != count).then_some(numbers);
        Self { count, listed, complete: true }
    }

    /// The first turn.
    pub(super) const fn first_turn() -> Self {
        Self { count: 1, listed: None, complete: false }
    }

    pub(super) fn numbers(&self) -> Vec<u32> {
        self.listed.clone().unwrap_or_else(|| (1..=self.count).collect())
    }

    /// Those before a number, the nearest first.
    pub(super) fn before(&self, number: u32) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.listed {
            Some(listed) => {
                let end = listed.partition_point(|one| *one < number);
                Box::new(listed[..end].iter().rev().copied())
            }
            None => Box::new((1..number.min(self.count + 1)).rev()),
        }
    }

    /// Those after a number, the nearest first.
    pub(super) fn after(&self, number: u32) -> Box<dyn Iterator<Item = u32> + '_> {
        match &self.listed {
            Some(listed) => {
                let start = listed.partition_point(|one| *one <= number);
                Box::new(listed[start..].iter().copied())
            }
            None => Box::new(number + 1..=self.count),
        }
    }

    /// Numbers in which something may still happen, or whose values count outside: of turns, the last.
    fn live(&self, kind: &LevelKind) -> Vec<u32> {
        match kind {
            LevelKind::Turns(_) => vec![self.count],
            LevelKind::Each(_) | LevelKind::Candidates(_) => self.numbers(),
        }
    }
}

impl RunMachine {
    /// The branches of a level under a place, once known.
    pub(super) fn branches(&self, level: LevelIndex, parent: &BranchPath) -> Option<&Branches> {
        let opener = self.plan.level(level).opener;
        self.steps[opener.get()].branches.get(parent)
    }

    /// The branches of a step below a place, `depth` levels deep, in branch order; of turns, the last.
    pub(super) fn branches_below(
        &self,
        step: StepIndex,
        place: &BranchPath,
        depth: usize,
    ) -> Vec<BranchPath> {
        let scope = &self.plan.step(step).scope;
        let mut branches = vec![place.clone()];
        for level in scope.iter().take(depth).skip(place.depth()) {
            let kind = &self.plan.level(*level).kind;
            branches = branches
                .iter()
                .flat_map(|parent| {
                    let numbers = self.branches(*level, parent).map(|branches| branches.live(kind));
                    numbers.unwrap_or_default().into_iter().map(|number| parent.child(number))
                })
                .collect();
        }
        branches
    }

    /// The innermost branch a step run is in: its number, and how many there are. Turns are no branches.
    pub fn branch_of(&self, key: &StepRunKey) -> Option<(u32, u32)> {
        let scope = &self.plan.step(key.step).scope;
        let depth = scope.iter().rposition(|level| self.plan.level(*level).kind.is_branching())?;
        let number = key.path.numbers().get(depth).copied()?;
        Some((
            number,
            self.branches(scope[depth], &key.path.prefix(depth)).map_or(number, |branches| branches.count),
        ))
    }

    /// What came into being under a place, for the record.
    pub(super) fn fanned_out(&self, level: LevelIndex, parent: &BranchPath) -> Option<FannedOut> {
        let branches = self.branches(level, parent)?;
        let step = self.plan.level(level).opener;
        Some(FannedOut {
            step,
            parent: parent.clone(),
            count: branches.count,
            numbers: branches.listed.clone(),
        })
    }

    /// The step run that holds the element of a branch: that of the step that opens it, in the first candidate if it
    /// has several.
    pub(super) fn item_holder(&self, level: LevelIndex, path: &BranchPath) -> Option<&StepRunState> {
        let opener = self.plan.step(self.plan.level(level).opener);
        let depth = opener.scope.iter().position(|one| *one == level)?;
        let mut own = path.prefix(depth + 1);
        while own.depth() < opener.scope.len() {
            own = own.child(1);
        }
        self.steps[opener.index.get()].runs.get(&own)
    }

    pub(super) fn each(&self, level: LevelIndex) -> Option<&FanOut> {
        self.plan.level(level).kind.each()
    }

    /// The name of the innermost branch a step run is in. A step that reads candidates of another has them as numbers in
    /// its address, and their names here.
    pub(super) fn label_of(&self, key: &StepRunKey) -> Option<String> {
        let scope = &self.plan.step(key.step).scope;
        let of_element = scope.iter().rev().find(|level| self.each(**level).is_some());
        let of_element = of_element.and_then(|level| self.item_holder(*level, &key.path)?.label.clone());
        let candidates = scope.iter().zip(key.path.numbers()).filter_map(|(level, number)| {
            let level = self.plan.level(*level);
            let candidates = level.kind.candidates().filter(|_| level.opener != key.step)?;
            Some(candidates.address(*number).to_string())
        });
        let parts: Vec<String> = of_element.into_iter().chain(candidates).collect();
        if parts.is_empty() { None } else { Some(parts.join(" ")) }
    }

    /// The name of the element a section run is for.
    pub(super) fn section_label(&self, key: &SectionKey) -> Option<String> {
        let level =
            self.plan.sections[key.section.get()].levels.iter().find(|level| self.each(**level).is_some())?;
        self.item_holder(*level, &key.path)?.label.clone()
    }
}

/// The fan-out of a step whose element is this attribute.
pub(super) fn item_level(plan: &Plan, step: StepIndex, attribute: AttributeIndex) -> Option<LevelIndex> {
    let is_item = |level: &&LevelIndex| {
        plan.level(**level).kind.each().is_some_and(|fan_out| fan_out.item == attribute)
    };
    plan.step(step).opens.iter().find(is_item).copied()
}
