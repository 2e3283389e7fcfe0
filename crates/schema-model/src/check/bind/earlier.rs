//! Reads from an earlier turn, or from the branch before: added when the whole section is bound, because a step may
//! read what a later one wrote the time before.

use super::Binder;
use crate::plan::{
    AttributeIndex, LevelIndex, LevelKind, ReadSource, SectionIndex, StepIndex, Writer, WriterAt,
};

impl Binder<'_, '_> {
    /// Adds the candidates of earlier turns and branches to every read of a section.
    pub(super) fn see_earlier(&mut self, section: SectionIndex) {
        let first = self.sections[section.get()].first_step.get();
        let from_section = self.around.when.len();
        for at in first..self.steps.len() {
            let scope = self.steps[at].scope.clone();
            let levels: Vec<LevelIndex> =
                scope.iter().rev().copied().filter(|level| self.looks_back(*level)).collect();
            if levels.is_empty() {
                continue;
            }
            let mut step = self.steps[at].clone();
            // What the list of its own fan-out and the condition of the section read stands before them.
            let own = step.opens.clone();
            let reads = step.reads.iter_mut().map(|read| {
                let is_outside = read.role == crate::plan::ReadRole::ForEach;
                (read, is_outside)
            });
            let conditions =
                step.when.iter_mut().skip(from_section).flat_map(|condition| &mut condition.reads);
            let reads = reads.chain(conditions.map(|read| (read, false)));
            for (read, is_outside) in reads {
                let ReadSource::Value { attribute, writers } = &mut read.source else { continue };
                for level in levels.iter().filter(|level| !is_outside || !own.contains(level)) {
                    self.add_earlier(*attribute, *level, &scope, section, writers);
                }
            }
            self.steps[at] = step;
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

    fn add_earlier(
        &self,
        attribute: AttributeIndex,
        level: LevelIndex,
        scope: &[LevelIndex],
        section: SectionIndex,
        writers: &mut Vec<Writer>,
    ) {
        if let LevelKind::Each(fan_out) = &self.levels[level.get()].kind
            && !fan_out.carry.contains(&attribute)
        {
            return;
        }
        let Some(depth) = scope.iter().position(|one| *one == level) else { return };
        let within = &scope[..=depth];
        // Those inside the level come first; one that always runs there leaves nothing to look back for.
        let inside = |writer: &Writer| self.scope_of(writer.step).get(depth) == Some(&level);
        let here = writers.iter().take_while(|writer| inside(writer)).count();
        if writers[..here].iter().any(|writer| writer.at == WriterAt::Here && self.certain[writer.step.get()])
        {
            return;
        }
        let group: Vec<Writer> = self.writers[attribute.get()]
            .iter()
            .rev()
            .copied()
            .filter(|writer: &StepIndex| {
                self.section_of(*writer) == section && self.scope_of(*writer) == within
            })
            .map(|step| Writer { step, at: WriterAt::Earlier(level) })
            .collect();
        writers.splice(here..here, group);
    }
}
