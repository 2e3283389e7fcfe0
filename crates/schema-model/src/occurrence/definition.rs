//! Names in the keys of the definition itself.

use super::{Collector, Form, Owner, Role, StepPlace, Subject};
use crate::check::{attribute_pointer, partial_pointer};
use crate::definition::{ForEach, Gather, Input, Section, Spread, Step, Workflow};
use crate::name::slug;

impl Collector<'_> {
    pub(super) fn definition(&mut self, workflow: &Workflow) {
        for name in workflow.attributes.keys() {
            self.key(&attribute_pointer(name), name, Owner::Workflow, Role::Declaration);
        }
        for name in workflow.partials.keys() {
            let pointer = partial_pointer(name);
            let subject = Subject::Partial(name.clone());
            let word = self.sources.word_of_key(&pointer, name);
            // A partial in the folder is its file, which has no word for it.
            let form = if word.is_some() { Form::Name } else { Form::Alias };
            let span = word.or_else(|| self.sources.key(&pointer).cloned());
            self.add(subject, Role::Declaration, form, span, Owner::Workflow);
        }
        self.attributes("/outputs", workflow.outputs.iter().flatten(), Owner::Workflow, Role::Read);
        for (section_at, section) in workflow.sections.iter().enumerate() {
            self.section(section, section_at);
            for (step_at, step) in section.steps.iter().enumerate() {
                let place = StepPlace { section: section_at, step: step_at };
                self.step(step, place);
                for (at, after) in step.after.iter().enumerate() {
                    let span = self.sources.value(&format!("{}/after/{at}", place.pointer())).cloned();
                    let Some(found) = step_called(after, section_at, workflow) else { continue };
                    self.add(Subject::Step(found), Role::Read, Form::Alias, span, Owner::Step(place));
                }
            }
        }
    }

    fn section(&mut self, section: &Section, at: usize) {
        let (pointer, owner) = (format!("/sections/{at}"), Owner::Section(at));
        self.spread(&section.spread, &pointer, owner);
        self.condition(section.when.as_deref(), &format!("{pointer}/when"), owner);
        let until = section.repeat.as_ref().and_then(|repeat| repeat.until.as_deref());
        self.condition(until, &format!("{pointer}/repeat/until"), owner);
    }

    fn step(&mut self, step: &Step, place: StepPlace) {
        let (pointer, owner) = (place.pointer(), Owner::Step(place));
        let name = self.sources.value(&format!("{pointer}/name")).cloned();
        self.add(Subject::Step(place), Role::Declaration, Form::Alias, name, owner);
        if let Some(file) = &step.prompt_file {
            let span = self.sources.value(&format!("{pointer}/prompt_file")).cloned();
            self.add(Subject::PromptFile(file.clone()), Role::Read, Form::Alias, span, owner);
        }
        self.attributes(&format!("{pointer}/outputs"), &step.outputs, owner, Role::Write);
        for (at, input) in step.inputs.iter().enumerate() {
            self.input(input, &format!("{pointer}/inputs/{at}"), owner);
        }
        for (at, gather) in step.gather.iter().enumerate() {
            self.gather(gather, &format!("{pointer}/gather/{at}"), owner);
        }
        self.attributes(&format!("{pointer}/choice/from"), &step.choice.from, owner, Role::Read);
        self.attributes(&format!("{pointer}/choice/show"), &step.choice.show, owner, Role::Read);
        self.flow(step, &pointer, owner);
    }

    fn flow(&mut self, step: &Step, pointer: &str, owner: Owner) {
        self.spread(&step.spread, pointer, owner);
        if let Some(select) = &step.select {
            self.path(&format!("{pointer}/select/from"), &select.from, owner);
            self.path(&format!("{pointer}/select/by"), &select.by, owner);
        }
        self.condition(step.when.as_deref(), &format!("{pointer}/when"), owner);
        for (at, assert) in step.assert.iter().enumerate() {
            self.condition(Some(assert), &format!("{pointer}/assert/{at}"), owner);
        }
    }

    fn spread(&mut self, spread: &Spread, pointer: &str, owner: Owner) {
        if let Some(each) = &spread.for_each {
            self.for_each(each, &format!("{pointer}/for_each"), owner);
        }
        self.attributes(&format!("{pointer}/carry"), &spread.carry, owner, Role::Read);
        self.condition(spread.filter.as_deref(), &format!("{pointer}/where"), owner);
    }

    fn input(&mut self, input: &Input, pointer: &str, owner: Owner) {
        self.attribute(&format!("{pointer}/attribute"), &input.attribute, owner, Role::Read);
        self.alias(&format!("{pointer}/name"), &input.name, &input.attribute, owner);
    }

    fn gather(&mut self, gather: &Gather, pointer: &str, owner: Owner) {
        self.attributes(&format!("{pointer}/attributes"), &gather.attributes, owner, Role::Read);
        if let [only] = gather.attributes.as_slice() {
            self.alias(&format!("{pointer}/name"), &gather.name, only, owner);
        }
    }

    fn for_each(&mut self, each: &ForEach, pointer: &str, owner: Owner) {
        self.attribute(&format!("{pointer}/item"), &each.item, owner, Role::Declaration);
        self.path(&format!("{pointer}/list"), &each.list, owner);
    }

    /// The attribute at the beginning of a dotted path.
    fn path(&mut self, pointer: &str, path: &str, owner: Owner) {
        let name = path.split('.').next().unwrap_or_default();
        self.attribute(pointer, name, owner, Role::Read);
    }

    /// Names in the list at a pointer; a single one may stand at the pointer itself.
    fn attributes<'n>(
        &mut self,
        pointer: &str,
        names: impl IntoIterator<Item = &'n String>,
        owner: Owner,
        role: Role,
    ) {
        for (at, name) in names.into_iter().enumerate() {
            let entry = format!("{pointer}/{at}");
            let pointer = if self.sources.is_written(&entry) { &entry } else { pointer };
            self.attribute(pointer, name, owner, role);
        }
    }

    /// A name of the step's own, where it is written.
    fn alias(&mut self, pointer: &str, name: &str, attribute: &str, owner: Owner) {
        let written = self.sources.word_of_value(pointer, name);
        let written = written.or_else(|| self.sources.word_of_key(pointer, name));
        self.add(Subject::Attribute(attribute.to_owned()), Role::Read, Form::Alias, written, owner);
    }

    fn attribute(&mut self, pointer: &str, name: &str, owner: Owner, role: Role) {
        let word = self.sources.word_of_value(pointer, name);
        let form = if word.is_some() { Form::Name } else { Form::Hidden };
        let span = word.or_else(|| self.sources.value(pointer).cloned());
        self.add(Subject::Attribute(name.to_owned()), role, form, span, owner);
    }

    fn key(&mut self, pointer: &str, name: &str, owner: Owner, role: Role) {
        let word = self.sources.word_of_key(pointer, name);
        let form = if word.is_some() { Form::Name } else { Form::Hidden };
        let span = word.or_else(|| self.sources.key(pointer).cloned());
        self.add(Subject::Attribute(name.to_owned()), role, form, span, owner);
    }
}

/// The step that `after` means: one of the same section, or `Section.Step`; by name or slug.
fn step_called(after: &str, section_at: usize, workflow: &Workflow) -> Option<StepPlace> {
    let in_section = |section: usize, name: &str| {
        let steps = &workflow.sections.get(section)?.steps;
        let step = steps.iter().position(|step| step.slug() == slug(name))?;
        Some(StepPlace { section, step })
    };
    in_section(section_at, after).or_else(|| {
        after.match_indices('.').find_map(|(dot, _)| {
            let (section, step) = (slug(&after[..dot]), &after[dot + 1..]);
            let mut sections = workflow.sections.iter();
            in_section(sections.position(|one| one.slug() == section)?, step)
        })
    })
}

impl StepPlace {
    /// The pointer of the step in the canonical document.
    pub fn pointer(self) -> String {
        format!("/sections/{}/steps/{}", self.section, self.step)
    }
}
