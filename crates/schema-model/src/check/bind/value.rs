//! Reads of one value: the nearest earlier writer, in the reader's branch or around it.

use super::{Binder, Reader, Sought};
use crate::check::code;
use crate::check::report::At;
use crate::definition::Action;
use crate::plan::{AttributeIndex, LevelIndex, ReadSource, SectionIndex, StepIndex, Writer, WriterAt};

impl Binder<'_, '_> {
    /// Binds a read of an attribute by name; `None` after reporting why it cannot be.
    pub(super) fn bind_name(
        &mut self,
        name: &str,
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<(AttributeIndex, ReadSource)> {
        let Some(attribute) = self.symbols.index(name) else {
            self.unknown(name, &[], at);
            reader.is_broken = true;
            return None;
        };
        Some((attribute, self.bind_value(attribute, reader, at)?))
    }

    /// Reports a name that is nothing; `others` are further names that would be something here.
    pub(super) fn unknown(&mut self, name: &str, others: &[&str], at: At<'_>) {
        let names = self.symbols.all.iter().map(|symbol| symbol.name).chain(others.iter().copied());
        let limit = name.len() / 3 + 3;
        let similar =
            crate::name::nearest(name, names.filter(|other| other.len().abs_diff(name.len()) <= limit));
        let meant = similar.and_then(|similar| self.symbols.index(similar));
        let likely = meant.and_then(|meant| self.declaration(meant));
        if let Some(meant) = meant {
            // So it is not unused.
            self.mentioned[meant.get()] = true;
        }
        let fix = match similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => {
                format!("declare `{name}` under `attributes`, or name it in the `outputs` of an earlier step")
            }
        };
        self.report.add(
            code::UNKNOWN_ATTRIBUTE,
            format!("there is no attribute `{name}`"),
            [self.report.place(at), likely],
            fix,
        );
    }

    /// Binds a read of one value and notes the branches it comes from.
    pub(super) fn bind_value(
        &mut self,
        attribute: AttributeIndex,
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<ReadSource> {
        self.note_read(attribute, reader.index);
        // The element of its own fan-out is there in each of its branches, whoever else has an item of that name.
        if let Some(level) = reader.level.filter(|_| reader.item == Some(attribute)) {
            return Some(ReadSource::Item { attribute, level });
        }
        let symbol = self.symbols.at(attribute);
        let (candidates, is_complete) = self.candidates(attribute);
        let name = symbol.name;
        if let Some(&nearest) = candidates.first() {
            if self.broken[nearest.get()] {
                // Its branches are not judged; its type still is.
                reader.is_broken = true;
            } else if self.section_of(nearest) != reader.section && self.has_branches(self.scope_of(nearest))
            {
                self.outside(attribute, nearest, at);
                reader.is_broken = true;
                return None;
            }
        }
        let mut writers: Vec<StepIndex> = candidates;
        // A further candidate whose branches have ended has nothing to give here.
        // One whose branches are not known is kept: what is wrong there has been said.
        writers.retain(|writer| {
            self.broken[writer.get()]
                || !self.has_branches(self.scope_of(*writer))
                || self.section_of(*writer) == reader.section
        });
        for writer in &writers {
            // Turns of another section are over: its last one is read, from anywhere.
            if self.section_of(*writer) == reader.section {
                let scope = if symbol.is_item { self.element_scope(*writer) } else { self.scope_of(*writer) };
                reader.scopes.push((scope.to_vec(), name.to_owned()));
            }
        }
        if symbol.is_item {
            let level = writers.first().and_then(|opener| self.each_of(*opener));
            if writers.is_empty() {
                self.item_unbound(attribute, at);
                reader.is_broken = true;
            }
            return level.map(|level| ReadSource::Item { attribute, level });
        }
        if !is_complete && symbol.is_given() {
            writers.push(StepIndex::INPUTS);
            if !self.report.is_muted {
                self.asked_for[attribute.get()] = true;
            }
        }
        // What an earlier turn or branch wrote is added when the section is bound; the first one goes without.
        let comes_later = self.around.written.contains(&attribute);
        if comes_later && !self.report.is_muted && !reader.is_broken {
            self.around.sought.push(Sought { reader: reader.index, attribute, site: at.keep() });
        }
        if writers.is_empty() && !(comes_later && symbol.is_optional()) {
            self.read_before_written(attribute, at);
            reader.is_broken = true;
            return None;
        }
        let writers = writers.into_iter().map(|writer| self.writer_from(writer, reader.section)).collect();
        Some(ReadSource::Value { attribute, writers })
    }

    /// A writer as seen from a section: outside of its turns, the last of them counts.
    fn writer_from(&self, step: StepIndex, section: SectionIndex) -> Writer {
        match self.scope_of(step).last() {
            Some(turns) if self.section_of(step) != section && !self.broken[step.get()] => {
                Writer { step, at: WriterAt::Last(*turns) }
            }
            _ => Writer::here(step),
        }
    }

    /// The level in which a step goes through a list; `None` when its list could not be bound.
    pub(super) fn each_of(&self, opener: StepIndex) -> Option<LevelIndex> {
        let mut levels = self.steps[opener.get()].opens.iter();
        levels.find(|level| self.levels[level.get()].kind.each().is_some()).copied()
    }

    /// The levels around the elements of a fan-out, theirs included; candidates lie below.
    pub(super) fn element_scope(&self, opener: StepIndex) -> &[LevelIndex] {
        let scope = self.scope_of(opener);
        let each = self.each_of(opener).and_then(|each| scope.iter().position(|level| *level == each));
        each.map_or(scope, |depth| &scope[..=depth])
    }

    /// Earlier writers, nearest first, up to the first that always runs; and whether there is such a one.
    pub(super) fn candidates(&self, attribute: AttributeIndex) -> (Vec<StepIndex>, bool) {
        let mut candidates = Vec::new();
        for writer in self.writers[attribute.get()].iter().rev() {
            candidates.push(*writer);
            if self.gives(*writer, attribute) {
                return (candidates, true);
            }
        }
        (candidates, false)
    }

    /// Whether a step writes an attribute in every run. A person may leave an optional value out.
    pub(super) fn gives(&self, writer: StepIndex, attribute: AttributeIndex) -> bool {
        let is_asked = self.steps[writer.get()].action == Action::Input;
        self.certain[writer.get()] && !(is_asked && self.symbols.at(attribute).is_optional())
    }

    /// Whether a bound value is there in every run.
    pub(super) fn is_certain(&self, source: &ReadSource) -> bool {
        let ReadSource::Value { attribute, writers } = source else { return true };
        let symbol = self.symbols.at(*attribute);
        writers.iter().any(|writer| match writer.step {
            StepIndex::INPUTS => symbol.has_default() || symbol.is_required(),
            step => self.gives(step, *attribute) && !matches!(writer.at, WriterAt::Earlier(_)),
        })
    }

    pub(super) fn read_before_written(&mut self, attribute: AttributeIndex, at: At<'_>) {
        let symbol = self.symbols.at(attribute);
        let name = symbol.name;
        let later = symbol.writers.first().and_then(|writer| self.report.value(writer, "written only here"));
        let fix = if self.around.written.contains(&attribute) && !symbol.is_optional() {
            format!(
                "declare `{name}` with `optional: true` and read it inside `{{{{#if {name}}}}}`: the first time has none"
            )
        } else {
            format!("move the step behind the one that writes it, or declare `{name}` with `input: true`")
        };
        let message = format!("`{name}` is read before any step writes it");
        self.report.add(code::READ_BEFORE_WRITTEN, message, [self.report.place(at), later], fix);
    }

    fn item_unbound(&mut self, attribute: AttributeIndex, at: At<'_>) {
        let name = self.symbols.at(attribute).name;
        let message =
            format!("`{name}` is an item, and no earlier `for_each` of this section goes through its list");
        let fix = format!("give this step the `for_each` that binds `{name}`, or read the list itself");
        self.report.add(code::READ_BEFORE_WRITTEN, message, [self.report.place(at)], fix);
    }

    fn outside(&mut self, attribute: AttributeIndex, writer: StepIndex, at: At<'_>) {
        let (name, step) = (self.symbols.at(attribute).name, self.steps[writer.get()].name.clone());
        let written =
            self.report.value(&format!("{}/name", self.pointer_of(writer)), "written here, once per branch");
        let message =
            format!("`{name}` exists once per branch of `{step}`, whose branches end with their section");
        let fix = format!(
            "read all of them with `gather: [{name}]`, or add a step with `action: choose` and `from: {name}`"
        );
        self.report.add(code::OUTSIDE_BRANCHES, message, [self.report.place(at), written], fix);
    }
}
