//! Sections: their levels, their condition, and the implicit steps that open their branches and turns.

use std::collections::BTreeSet;

use super::{Around, Binder, Carried, Reader, implicit_step, section};
use crate::check::report::At;
use crate::check::{code, prompts};
use crate::definition::{Action, OnError, Section, Spread};
use crate::plan::{
    AttributeIndex, FanOut, LevelIndex, LevelKind, PlanRead, PlanStep, ReadRole, SectionIndex, StepIndex,
    Turns,
};
use crate::prompt::read;

impl Binder<'_, '_> {
    /// Binds the next section.
    pub(super) fn section(&mut self, section_at: usize) {
        let definition = &self.workflow.sections[section_at];
        let index = SectionIndex(section_at as u32 + 1);
        let first = self.steps.len() as u32;
        let count = definition.steps.len() as u32
            + u32::from(definition.spread.for_each.is_some())
            + u32::from(definition.repeat.is_some());
        self.sections.push(section(&definition.name, &definition.description, first, count));
        self.around = Around { name: definition.name.clone(), ..Around::default() };
        self.report.is_muted = !definition.enabled;
        self.open_section(definition, section_at, index, StepIndex(first + count - 1));
        self.report.is_muted = false;
        for step_at in 0..definition.steps.len() {
            self.step(section_at, step_at);
        }
        self.report.is_muted = !definition.enabled;
        self.until(definition, section_at, index);
        self.report.is_muted = false;
        self.see_earlier(index);
        self.around = Around::default();
    }

    fn open_section(
        &mut self,
        definition: &Section,
        section_at: usize,
        index: SectionIndex,
        last: StepIndex,
    ) {
        let pointer = format!("/sections/{section_at}");
        let each = self.each(definition, &pointer, index);
        if let Some(each) = each {
            self.around.base.push(each);
        }
        if let Some(when) = &definition.when {
            let mut reader = self.reader_at(&pointer, index);
            let condition = self.condition(when, &format!("{pointer}/when"), None, &mut reader);
            self.around.is_conditional = true;
            self.around.when.extend(condition);
        }
        let mut carried: BTreeSet<AttributeIndex> =
            definition.spread.carry.iter().filter_map(|name| self.symbols.index(name)).collect();
        if let Some(repeat) = &definition.repeat {
            let turns = Turns { until: repeat.until.clone(), max: repeat.max, on_max: repeat.on_max };
            let level = self.add_level(last, index, LevelKind::Turns(turns));
            self.around.base.push(level);
            let outputs = definition.steps.iter().filter(|step| step.enabled).flat_map(|step| &step.outputs);
            carried.extend(outputs.filter_map(|name| self.symbols.index(name)));
        }
        let by_steps = definition.steps.iter().flat_map(|step| &step.spread.carry);
        carried.extend(by_steps.filter_map(|name| self.symbols.index(name)));
        self.around.written = carried;
        self.sections[index.get()].levels.clone_from(&self.around.base);
    }

    /// A reader that stands for the section itself.
    fn reader_at(&self, pointer: &str, section: SectionIndex) -> Reader {
        Reader {
            index: StepIndex(self.steps.len() as u32),
            section,
            pointer: pointer.to_owned(),
            scopes: vec![(self.around.base.clone(), self.around.name.clone())],
            is_broken: false,
            is_certain: true,
            item: None,
            level: None,
            branch_uses: Vec::new(),
        }
    }

    /// The implicit step that opens the branches of a section.
    fn each(&mut self, definition: &Section, pointer: &str, index: SectionIndex) -> Option<LevelIndex> {
        let mut reader = self.reader_at(pointer, index);
        reader.item = definition.spread.for_each.as_ref().and_then(|each| self.symbols.index(&each.item));
        let mut step = implicit_step(reader.index, index, Action::Each, definition.enabled);
        self.spread(&definition.spread, &mut step, &mut reader);
        definition.spread.for_each.as_ref()?;
        if !definition.spread.carry.is_empty() && definition.repeat.is_some() {
            let place = self.report.key(&format!("{pointer}/carry"), "");
            let message = "a section with `repeat` cannot carry values from one element to the next";
            let fix = "put the `repeat` or the `carry` into a section of its own";
            self.report.add(code::CARRY_USE, message, [place], fix);
        }
        step.scope.clone_from(&step.opens);
        let level = step.opens.first().copied();
        self.finish_step(step, &reader);
        level
    }

    /// The implicit step that ends the turns of a section.
    fn until(&mut self, definition: &Section, section_at: usize, index: SectionIndex) {
        let Some(repeat) = &definition.repeat else { return };
        let pointer = format!("/sections/{section_at}");
        let mut reader = self.reader_at(&pointer, index);
        let mut step = implicit_step(reader.index, index, Action::Until, definition.enabled);
        if let Some(until) = &repeat.until {
            let bound = self.condition(until, &format!("{pointer}/repeat/until"), None, &mut reader);
            step.reads = bound.map(|condition| condition.reads).unwrap_or_default();
        }
        step.scope = self.scope_for(&mut reader);
        step.opens.extend(self.around.base.last());
        if step.scope != self.around.base && !reader.is_broken {
            let place = self.report.value(&format!("{pointer}/repeat/until"), "");
            let message = "`until` is asked once per turn, and reads a value that exists once per branch";
            let fix = "gather the branches in a step of the section, and ask for what it writes";
            self.report.add(code::OUTSIDE_BRANCHES, message, [place], fix);
        }
        step.when.clone_from(&self.around.when);
        // An element that may fail takes its turns with it.
        if self.may_fail(&step.scope) {
            step.on_error = OnError::Skip;
        }
        self.finish_step(step, &reader);
    }

    /// Opens the branches of a `for_each`.
    pub(super) fn spread(&mut self, spread: &Spread, step: &mut PlanStep, reader: &mut Reader) {
        let Some(each) = &spread.for_each else { return self.without_for_each(spread, reader) };
        let pointer = format!("{}/for_each/list", reader.pointer);
        let at = At::Value(&pointer);
        let mut parts = each.list.split('.');
        let root = parts.next().unwrap_or_default();
        let Some(item) = reader.item else { return };
        self.mentioned[item.get()] = true;
        let fan_out = FanOut {
            list_read: step.reads.len(),
            path: parts.map(str::to_owned).collect(),
            item,
            filter: None,
            parallel: spread.parallel,
            carry: Vec::new(),
            at_least: spread.at_least,
            label: spread.label.clone(),
        };
        // Also when its list cannot be bound: whoever reads the item then is not to blame.
        let level = self.add_level(reader.index, reader.section, LevelKind::Each(fan_out));
        reader.level = Some(level);
        step.opens.push(level);
        if let Some((attribute, source)) = self.bind_name(root, reader, at) {
            let optional = self.symbols.at(attribute).is_optional();
            self.note_certainty(root, &source, optional, reader, at);
            step.reads.push(PlanRead { name: root.to_owned(), role: ReadRole::ForEach, source, optional });
        }
        let filter = spread.filter.as_deref().and_then(|filter| {
            self.condition(filter, &format!("{}/where", reader.pointer), Some(item), reader)
        });
        let carry = self.carried(&spread.carry, reader);
        self.check_label(spread.label.as_deref(), item, reader);
        if let LevelKind::Each(fan_out) = &mut self.levels[level.get()].kind {
            fan_out.filter = filter;
            fan_out.carry = carry;
        }
    }

    fn without_for_each(&mut self, spread: &Spread, reader: &Reader) {
        let given = [
            ("parallel", spread.parallel.is_some()),
            ("where", spread.filter.is_some()),
            ("carry", !spread.carry.is_empty()),
            ("at_least", spread.at_least.is_some()),
            ("label", spread.label.is_some()),
        ];
        for (key, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            let place = self.report.key(&format!("{}/{key}", reader.pointer), "");
            let message = format!("`{key}` is about the branches of a `for_each`, and there is none");
            let fix = format!("add `for_each`, or remove `{key}`");
            self.report.add(code::PARALLEL_ALONE, message, [place], fix);
        }
    }

    fn carried(&mut self, names: &[String], reader: &Reader) -> Vec<AttributeIndex> {
        let mut carried = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let pointer = format!("{}/carry/{position}", reader.pointer);
            match self.symbols.index(name) {
                Some(attribute) => {
                    carried.push(attribute);
                    if let Some(level) = reader.level.filter(|_| !self.report.is_muted) {
                        self.around.carried.push(Carried { level, attribute, pointer });
                    }
                }
                None => self.unknown(name, &[], At::Value(&pointer)),
            }
        }
        carried
    }

    /// A label is a template over the element and nothing else.
    fn check_label(&mut self, label: Option<&str>, item: AttributeIndex, reader: &Reader) {
        let Some(label) = label else { return };
        let pointer = format!("{}/label", reader.pointer);
        let prompt = read(label, self.partials);
        prompts::report(&prompt.problems, &pointer, self.partials, self.report);
        let name = self.symbols.at(item).name;
        let (own, others): (Vec<_>, Vec<_>) =
            prompt.mentions.iter().partition(|mention| mention.name == name);
        if let Some(value_type) = self.symbols.at(item).value_type.clone() {
            self.check_mentions(&own, &value_type, &pointer);
        }
        for mention in others {
            let place = self.report.place(At::Text(&pointer, &mention.at));
            let message = format!("a label names a branch by its element, and `{mention}` is something else");
            self.report.add(code::LABEL_USE, message, [place], format!("use `{{{{{name}}}}}` only"));
        }
    }
}
