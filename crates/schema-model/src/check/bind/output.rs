//! The results of a workflow.

use super::{Binder, Reader};
use crate::check::code;
use crate::check::report::At;
use crate::plan::{AttributeIndex, GatherField, PlanRead, ReadRole, ReadSource, SectionIndex, StepIndex};

impl Binder<'_, '_> {
    /// The declared results, else everything written last that no later step reads.
    pub(super) fn outputs(&mut self) -> Vec<PlanRead> {
        let end = StepIndex(self.steps.len() as u32);
        let Some(names) = &self.workflow.outputs else {
            let all = (0..self.symbols.all.len() as u32).map(AttributeIndex);
            let results: Vec<_> = all.filter(|attribute| self.is_unread(*attribute)).collect();
            // Nobody named them, so they still count as never read.
            let mentioned = self.mentioned.clone();
            let outputs =
                results.into_iter().filter_map(|attribute| self.output(attribute, end, At::Nowhere));
            let outputs = outputs.collect();
            self.mentioned = mentioned;
            return outputs;
        };
        let mut outputs = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let pointer = format!("/outputs/{at}");
            match self.symbols.index(name) {
                Some(attribute) => outputs.extend(self.output(attribute, end, At::Value(&pointer))),
                None => self.unknown_output(name, At::Value(&pointer)),
            }
        }
        outputs
    }

    /// Whether the last value of an attribute is read by no step behind its writer.
    fn is_unread(&self, attribute: AttributeIndex) -> bool {
        let symbol = self.symbols.at(attribute);
        let written = self.writers[attribute.get()].last();
        !symbol.is_item
            && written
                .is_some_and(|writer| self.last_read[attribute.get()].is_none_or(|read| read <= *writer))
    }

    fn output(&mut self, attribute: AttributeIndex, end: StepIndex, at: At<'_>) -> Option<PlanRead> {
        let symbol = self.symbols.at(attribute);
        let (name, optional) = (symbol.name.to_owned(), symbol.is_optional());
        let section = SectionIndex(self.sections.len() as u32);
        let branches = self.branches_of(attribute, section).to_vec();
        let source = if branches.is_empty() {
            let mut reader = Reader {
                index: end,
                section,
                pointer: String::new(),
                scopes: Vec::new(),
                is_broken: false,
                is_certain: true,
                item: None,
                level: None,
                branch_uses: Vec::new(),
            };
            self.bind_value(attribute, &mut reader, at)?
        } else {
            self.mentioned[attribute.get()] = true;
            let writers = self.writers_within(attribute, &branches);
            ReadSource::Gather { fields: vec![GatherField { attribute, writers }], depth: 0 }
        };
        Some(PlanRead { name, role: ReadRole::Value, source, optional })
    }

    fn unknown_output(&mut self, name: &str, at: At<'_>) {
        let names = self.symbols.all.iter().map(|symbol| symbol.name);
        let similar = crate::name::nearest(name, names);
        if let Some(meant) = similar.and_then(|similar| self.symbols.index(similar)) {
            self.mentioned[meant.get()] = true;
        }
        let fix = match similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "name an attribute that a step writes".to_owned(),
        };
        let message = format!("the workflow output `{name}` is no attribute");
        self.report.add(code::UNKNOWN_OUTPUT, message, [self.report.place(at)], fix);
    }
}
