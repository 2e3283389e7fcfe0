//! Names in the keys of the definition itself.

use super::{Collector, Form, Role, StepPlace, Subject};
use crate::check::{attribute_pointer, partial_pointer};
use crate::definition::{ForEach, Gather, Input, Step, Workflow};

impl Collector<'_> {
    pub(super) fn definition(&mut self, workflow: &Workflow) {
        for name in workflow.attributes.keys() {
            self.key(&attribute_pointer(name), name, None, Role::Declaration);
        }
        for name in workflow.partials.keys() {
            let pointer = partial_pointer(name);
            let subject = Subject::Partial(name.clone());
            let word = self.sources.word_of_key(&pointer, name);
            // A partial in the folder is its file, which has no word for it.
            let form = if word.is_some() { Form::Name } else { Form::Alias };
            let span = word.or_else(|| self.sources.key(&pointer).cloned());
            self.add(subject, Role::Declaration, form, span, None);
        }
        for (at, name) in workflow.outputs.iter().flatten().enumerate() {
            self.attribute(&format!("/outputs/{at}"), name, None, Role::Read);
        }
        for (section_at, section) in workflow.sections.iter().enumerate() {
            for (step_at, step) in section.steps.iter().enumerate() {
                self.step(step, StepPlace { section: section_at, step: step_at });
            }
        }
    }

    fn step(&mut self, step: &Step, place: StepPlace) {
        let pointer = place.pointer();
        let name = self.sources.value(&format!("{pointer}/name")).cloned();
        self.add(Subject::Step(place), Role::Declaration, Form::Alias, name, Some(place));
        if let Some(file) = &step.prompt_file {
            let span = self.sources.value(&format!("{pointer}/prompt_file")).cloned();
            self.add(Subject::PromptFile(file.clone()), Role::Read, Form::Alias, span, Some(place));
        }
        for (at, name) in step.outputs.iter().enumerate() {
            self.attribute(&format!("{pointer}/outputs/{at}"), name, Some(place), Role::Write);
        }
        for (at, input) in step.inputs.iter().enumerate() {
            self.input(input, &format!("{pointer}/inputs/{at}"), place);
        }
        for (at, gather) in step.gather.iter().enumerate() {
            self.gather(gather, &format!("{pointer}/gather/{at}"), place);
        }
        if let Some(each) = &step.for_each {
            self.for_each(each, &format!("{pointer}/for_each"), place);
        }
        if let Some(from) = &step.choice.from {
            self.attribute(&format!("{pointer}/choice/from"), from, Some(place), Role::Read);
        }
        for (at, name) in step.choice.show.iter().enumerate() {
            self.attribute(&format!("{pointer}/choice/show/{at}"), name, Some(place), Role::Read);
        }
    }

    fn input(&mut self, input: &Input, pointer: &str, place: StepPlace) {
        self.attribute(&format!("{pointer}/attribute"), &input.attribute, Some(place), Role::Read);
        self.alias(&format!("{pointer}/name"), &input.name, &input.attribute, place);
    }

    fn gather(&mut self, gather: &Gather, pointer: &str, place: StepPlace) {
        for (at, name) in gather.attributes.iter().enumerate() {
            self.attribute(&format!("{pointer}/attributes/{at}"), name, Some(place), Role::Read);
        }
        if let [only] = gather.attributes.as_slice() {
            self.alias(&format!("{pointer}/name"), &gather.name, only, place);
        }
    }

    fn for_each(&mut self, each: &ForEach, pointer: &str, place: StepPlace) {
        self.attribute(&format!("{pointer}/item"), &each.item, Some(place), Role::Declaration);
        let list = each.list.split('.').next().unwrap_or_default();
        self.attribute(&format!("{pointer}/list"), list, Some(place), Role::Read);
    }

    /// A name of the step's own, where it is written.
    fn alias(&mut self, pointer: &str, name: &str, attribute: &str, place: StepPlace) {
        let written = self.sources.word_of_value(pointer, name);
        let written = written.or_else(|| self.sources.word_of_key(pointer, name));
        self.add(Subject::Attribute(attribute.to_owned()), Role::Read, Form::Alias, written, Some(place));
    }

    fn attribute(&mut self, pointer: &str, name: &str, step: Option<StepPlace>, role: Role) {
        let word = self.sources.word_of_value(pointer, name);
        let form = if word.is_some() { Form::Name } else { Form::Hidden };
        let span = word.or_else(|| self.sources.value(pointer).cloned());
        self.add(Subject::Attribute(name.to_owned()), role, form, span, step);
    }

    fn key(&mut self, pointer: &str, name: &str, step: Option<StepPlace>, role: Role) {
        let word = self.sources.word_of_key(pointer, name);
        let form = if word.is_some() { Form::Name } else { Form::Hidden };
        let span = word.or_else(|| self.sources.key(pointer).cloned());
        self.add(Subject::Attribute(name.to_owned()), role, form, span, step);
    }
}

impl StepPlace {
    /// The pointer of the step in the canonical document.
    pub fn pointer(self) -> String {
        format!("/sections/{}/steps/{}", self.section, self.step)
    }
}
