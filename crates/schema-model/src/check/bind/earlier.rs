//! Reads from an earlier turn, or from the branch before: added when the whole section is bound, because a step may
//! read what a later one wrote the time before.

use std::collections::BTreeSet;

use super::{Binder, Carried, Sought};
use crate::check::code;
use crate::plan::{
    AttributeIndex, LevelIndex, LevelKind, PlanRead, PlanStep, ReadRole, ReadSource, SectionIndex, StepIndex,
    Writer, WriterAt,
};

/// Where a read stands: in which levels it may look back.
struct View<'a> {
    /// The levels of its step.
    scope: &'a [LevelIndex],
    /// Of these, the ones with something earlier in them, innermost first.
    levels: &'a [LevelIndex],
    section: SectionIndex,
}

impl Binder<'_, '_> {
    /// Adds the candidates of earlier turns and branches to every read of a section, and reports the reads that find
    /// nothing there.
    pub(super) fn see_earlier(&mut self, section: SectionIndex) {
        let idle = self.check_carried(section);
        // What the step wrote the time before in branches that have ended.
        let mut strayed: Vec<(StepIndex, AttributeIndex, StepIndex)> = Vec::new();
        for at in self.sections[section.get()].first_step.get()..self.steps.len() {
            let scope = self.steps[at].scope.clone();
            let levels: Vec<LevelIndex> =
                scope.iter().rev().copied().filter(|level| self.looks_back(*level)).collect();
            if !levels.is_empty() {
                self.look_back(
                    StepIndex(at as u32),
                    &View { scope: &scope, levels: &levels, section },
                    &mut strayed,
                );
            }
        }
        for sought in std::mem::take(&mut self.around.sought) {
            let writer = strayed
                .iter()
                .find(|(reader, attribute, _)| (*reader, *attribute) == (sought.reader, sought.attribute));
            match writer {
                Some((_, _, writer)) => self.branches_of_turn(&sought, *writer),
                None if self.finds_nothing(&sought, &idle) => {
                    self.read_before_written(sought.attribute, sought.site.at());
                }
                None => {}
            }
        }
    }

    /// Whether reads in a level may see an earlier number of it.
    fn looks_back(&self, level: LevelIndex) -> bool {
        match &self.levels[level.get()].kind {
            LevelKind::Turns(_) => true,
            LevelKind::Each(fan_out) => !fan_out.carry.is_empty(),
            LevelKind::Candidates(_) => false,
        }
    }

    fn look_back(
        &mut self,
        index: StepIndex,
        view: &View<'_>,
        strayed: &mut Vec<(StepIndex, AttributeIndex, StepIndex)>,
    ) {
        let mut step = self.steps[index.get()].clone();
        // What its own fan-out goes through and leaves out is read before its branches are.
        let own = step.opens.clone();
        let outer: Vec<LevelIndex> =
            view.levels.iter().copied().filter(|level| !own.contains(level)).collect();
        let outside = View { levels: &outer, ..*view };
        let from_section = self.around.when.len();
        for read in &mut step.reads {
            let view = if read.role == ReadRole::ForEach { &outside } else { view };
            self.add_to_read(index, read, view, strayed);
        }
        for read in step.when.iter_mut().skip(from_section).flat_map(|condition| &mut condition.reads) {
            self.add_to_read(index, read, view, strayed);
        }
        for level in own {
            let LevelKind::Each(fan_out) = &self.levels[level.get()].kind else { continue };
            let Some(mut filter) = fan_out.filter.clone() else { continue };
            for read in &mut filter.reads {
                self.add_to_read(index, read, &outside, strayed);
            }
            if let LevelKind::Each(fan_out) = &mut self.levels[level.get()].kind {
                fan_out.filter = Some(filter);
            }
        }
        self.steps[index.get()] = step;
    }

    fn add_to_read(
        &self,
        reader: StepIndex,
        read: &mut PlanRead,
        view: &View<'_>,
        strayed: &mut Vec<(StepIndex, AttributeIndex, StepIndex)>,
    ) {
        let ReadSource::Value { attribute, writers } = &mut read.source else { return };
        for level in view.levels {
            if let Err(writer) = self.add_earlier(*attribute, *level, view, writers) {
                strayed.push((reader, *attribute, writer));
            }
        }
    }

    /// Adds the writers in earlier numbers of a level; `Err` is the nearest of them when it lives in branches that the
    /// reader is outside of.
    fn add_earlier(
        &self,
        attribute: AttributeIndex,
        level: LevelIndex,
        view: &View<'_>,
        writers: &mut Vec<Writer>,
    ) -> Result<(), StepIndex> {
        let carries = match &self.levels[level.get()].kind {
            LevelKind::Each(fan_out) => Some(fan_out.carry.contains(&attribute)),
            LevelKind::Turns(_) | LevelKind::Candidates(_) => None,
        };
        let Some(depth) = view.scope.iter().position(|one| *one == level).filter(|_| carries != Some(false))
        else {
            return Ok(());
        };
        let within = &view.scope[..=depth];
        // Those inside the level come first; one that always runs there leaves nothing to look back for.
        let inside = |writer: &Writer| self.scope_of(writer.step).get(depth) == Some(&level);
        let here = writers.iter().take_while(|writer| inside(writer)).count();
        if writers[..here]
            .iter()
            .any(|writer| writer.at == WriterAt::Here && self.gives(writer.step, attribute))
        {
            return Ok(());
        }
        let all: Vec<StepIndex> = self.writers[attribute.get()]
            .iter()
            .rev()
            .copied()
            .filter(|writer| {
                self.section_of(*writer) == view.section && self.scope_of(*writer).starts_with(within)
            })
            .collect();
        // A `carry` says for itself what is wrong with it.
        if let Some(nearest) = all.first().filter(|_| carries.is_none())
            && self.has_branches(&self.scope_of(*nearest)[within.len()..])
        {
            return Err(*nearest);
        }
        let group = all.into_iter().filter(|writer| self.scope_of(*writer) == within);
        writers.splice(here..here, group.map(|step| Writer { step, at: WriterAt::Earlier(level) }));
        Ok(())
    }

    /// Reports what is carried and never written where the next branch could see it; returns it with its level.
    fn check_carried(&mut self, section: SectionIndex) -> BTreeSet<(LevelIndex, AttributeIndex)> {
        let mut idle = BTreeSet::new();
        for Carried { level, attribute, pointer } in std::mem::take(&mut self.around.carried) {
            let first = self.sections[section.get()].first_step.get();
            let gives = |step: &&PlanStep| step.writes.contains(&attribute) && step.scope.contains(&level);
            let inside: Vec<&PlanStep> = self.steps[first..].iter().filter(gives).collect();
            let is_in_branch = |step: &&PlanStep| {
                let depth = step.scope.iter().position(|one| *one == level);
                self.broken[step.index.get()]
                    || depth.is_some_and(|depth| !self.has_branches(&step.scope[depth + 1..]))
            };
            let opener = self.levels[level.get()].opener;
            // What is wrong with the branches has been said.
            if inside.iter().any(is_in_branch) || self.broken[opener.get()] {
                continue;
            }
            idle.insert((level, attribute));
            let name = self.symbols.at(attribute).name;
            let (message, other, fix) = match inside.first().map(|step| (step.index, step.name.clone())) {
                Some((writer, step)) => (
                    format!(
                        "`{name}` is carried to the next branch, and `{step}` writes it in branches within"
                    ),
                    self.report.value(
                        &format!("{}/name", self.pointer_of(writer)),
                        "written here, once per inner branch",
                    ),
                    format!("join the inner branches in a step that writes `{name}` once"),
                ),
                None => (
                    format!("`{name}` is carried to the next branch, and no step of the branch writes it"),
                    self.symbols
                        .at(attribute)
                        .writers
                        .first()
                        .and_then(|at| self.report.value(at, "written only here")),
                    format!("name `{name}` in the `outputs` of a step of the branch, or remove it here"),
                ),
            };
            self.report.add(code::CARRY_USE, message, [self.report.value(&pointer, ""), other], fix);
        }
        idle
    }

    /// Whether a read has no writer at all, and nothing else says why.
    fn finds_nothing(&self, sought: &Sought, idle: &BTreeSet<(LevelIndex, AttributeIndex)>) -> bool {
        let step = &self.steps[sought.reader.get()];
        if self.broken[sought.reader.get()]
            || !self.symbols.at(sought.attribute).is_optional()
            || step.scope.iter().any(|level| idle.contains(&(*level, sought.attribute)))
        {
            return false;
        }
        let filters = step.opens.iter().filter_map(|level| {
            self.levels[level.get()].kind.each().and_then(|fan_out| fan_out.filter.as_ref())
        });
        let conditions = step.when.iter().chain(filters).flat_map(|condition| &condition.reads);
        step.reads.iter().chain(conditions).any(|read| {
            matches!(&read.source, ReadSource::Value { attribute, writers }
                if *attribute == sought.attribute && writers.is_empty())
        })
    }

    /// What the turn before wrote in branches is read outside of them.
    fn branches_of_turn(&mut self, sought: &Sought, writer: StepIndex) {
        if self.broken[sought.reader.get()] || self.broken[writer.get()] {
            return;
        }
        let (name, step) = (self.symbols.at(sought.attribute).name, self.steps[writer.get()].name.clone());
        let written =
            self.report.value(&format!("{}/name", self.pointer_of(writer)), "written here, once per branch");
        let message =
            format!("`{name}` exists once per branch of `{step}`, whose branches end with their turn");
        let fix = format!(
            "join them behind `{step}`, for example with `gather: [{name}]`, and read what that step writes"
        );
        self.report.add(code::OUTSIDE_BRANCHES, message, [self.report.place(sought.site.at()), written], fix);
    }
}
