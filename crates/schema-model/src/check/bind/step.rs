//! One step: its reads in order, its branches, what it writes.

use super::prompt::Names;
use super::{Binder, Reader, single_task};
use crate::check::report::At;
use crate::check::{action, code};
use crate::definition::{Action, Step};
use crate::plan::{PlanRead, PlanStep, ReadRole, ReadSource, SectionIndex, StepIndex};

/// A declared input or gather that nothing mentions.
pub(super) enum Unused<'a> {
    Input(usize, &'a crate::definition::Input),
    Gather(usize, &'a crate::definition::Gather),
}

impl<'a> Binder<'a, '_> {
    /// Binds the next step.
    pub(super) fn step(&mut self, section_at: usize, step_at: usize) {
        let section = &self.workflow.sections[section_at];
        let definition = &section.steps[step_at];
        let mut reader = Reader {
            index: StepIndex(self.steps.len() as u32),
            section: SectionIndex(section_at as u32 + 1),
            pointer: format!("/sections/{section_at}/steps/{step_at}"),
            scopes: vec![(self.around.base.clone(), self.around.name.clone())],
            is_broken: false,
            is_certain: !self.around.is_conditional,
            item: definition.spread.for_each.as_ref().and_then(|each| self.symbols.index(&each.item)),
            level: None,
            branch_uses: Vec::new(),
        };
        let mut step = self.bare_step(definition, &reader, section.enabled && definition.enabled);
        self.report.is_muted = !step.enabled;
        self.spread(&definition.spread, &mut step, &mut reader);
        self.own_conditions(definition, &mut step, &mut reader);
        let unused = self.prompt_reads(definition, &mut step, &mut reader);
        if step.action == Action::Choose {
            self.choose(definition, &mut step, &mut reader);
        }
        if step.action == Action::Select {
            self.select(definition, &mut step, &mut reader);
        }
        self.asserts(definition, &mut step, &mut reader);
        if step.prompt.is_none() {
            self.unused(&unused, ReadRole::Value, &mut step, &mut reader);
            self.own_item(&mut step, &mut reader);
        }
        step.scope = self.scope_for(&mut reader);
        if step.prompt.is_some() {
            self.display(&unused, &mut step, &mut reader);
        }
        self.check_gather(definition, &step, &reader);
        self.candidates_level(definition, &mut step, &reader);
        if !step.opens.is_empty() {
            self.open_level(&mut step, &reader);
        }
        self.check_branch_uses(&step, &reader);
        self.after(definition, section_at, &mut step);
        self.failures(definition, &mut step, &mut reader);
        self.report.is_muted = false;
        self.finish_step(step, &reader);
    }

    fn bare_step(&self, definition: &Step, reader: &Reader, enabled: bool) -> PlanStep {
        let action = action::effective(definition);
        let acts = match &action {
            Action::Custom(name) => self.context.actions.get(name).is_some_and(|custom| custom.effect),
            _ => false,
        };
        let effect = definition.effect.unwrap_or(acts);
        let renders = matches!(action, Action::Prompt | Action::Template | Action::Note | Action::Custom(_));
        let calls_model = action == Action::Prompt;
        PlanStep {
            index: reader.index,
            section: reader.section,
            name: definition.name.clone(),
            slug: definition.slug(),
            description: definition.description.clone(),
            effect,
            enabled,
            scope: Vec::new(),
            opens: Vec::new(),
            when: self.around.when.clone(),
            after: Vec::new(),
            reads: Vec::new(),
            writes: definition.outputs.iter().filter_map(|output| self.symbols.index(output)).collect(),
            prompt: definition.prompt.clone().filter(|text| renders && !text.trim().is_empty()),
            model: definition.model.clone().or_else(|| self.workflow.model.clone().filter(|_| calls_model)),
            parameters: definition.parameters.or(&self.workflow.parameters),
            task: matches!(action, Action::Input | Action::Note)
                .then(|| single_task(definition.choice.default.clone())),
            action,
            select: None,
            asserts: Vec::new(),
            on_error: crate::definition::OnError::Fail,
            retry: definition.retry.clone(),
            timeout_ms: definition.timeout_ms,
            with: definition.with.clone(),
        }
    }

    pub(super) fn finish_step(&mut self, step: PlanStep, reader: &Reader) {
        if step.enabled {
            for attribute in &step.writes {
                if !self.symbols.at(*attribute).is_item {
                    self.writers[attribute.get()].push(step.index);
                }
            }
            // Also when its list could not be bound: whoever reads the item then is not to blame.
            if let Some(item) = reader.item {
                self.writers[item.get()].push(step.index);
            }
        }
        self.certain.push(step.enabled && reader.is_certain);
        self.broken.push(reader.is_broken);
        self.pointers.push(reader.pointer.clone());
        self.steps.push(step);
    }

    /// Reads that the prompt mentions; returns what is declared and not mentioned.
    fn prompt_reads(
        &mut self,
        definition: &'a Step,
        step: &mut PlanStep,
        reader: &mut Reader,
    ) -> Vec<Unused<'a>> {
        let names = Names::of(definition);
        let mentioned = match &step.prompt {
            Some(text) => self.prompt(&text.clone(), &names, step, reader),
            None => std::collections::BTreeSet::new(),
        };
        let inputs = definition.inputs.iter().enumerate();
        let inputs = inputs.filter(|(_, input)| !mentioned.contains(&input.name));
        let gathers = definition.gather.iter().enumerate();
        let gathers = gathers.filter(|(_, gather)| !mentioned.contains(&gather.name));
        inputs
            .map(|(at, input)| Unused::Input(at, input))
            .chain(gathers.map(|(at, gather)| Unused::Gather(at, gather)))
            .collect()
    }

    /// Binds what the prompt does not mention.
    fn unused(&mut self, unused: &[Unused<'_>], role: ReadRole, step: &mut PlanStep, reader: &mut Reader) {
        for one in unused {
            let read = match one {
                Unused::Input(at, input) => {
                    let pointer = format!("{}/inputs/{at}", reader.pointer);
                    let at = At::Value(&pointer);
                    let own_item =
                        reader.item.filter(|item| self.symbols.index(&input.attribute) == Some(*item));
                    let Some((attribute, source)) = own_item
                        .zip(reader.level)
                        .map(|(item, level)| (item, ReadSource::Item { attribute: item, level }))
                        .or_else(|| self.bind_name(&input.attribute, reader, at))
                    else {
                        continue;
                    };
                    let optional = input.optional || self.symbols.at(attribute).is_optional();
                    if role != ReadRole::Display {
                        self.note_certainty(&input.attribute, &source, optional, reader, at);
                    }
                    PlanRead { name: input.name.clone(), role, source, optional }
                }
                Unused::Gather(at, gather) => {
                    let pointer = format!("{}/gather/{at}", reader.pointer);
                    let Some(source) = self.bind_gather(&gather.attributes, reader, At::Value(&pointer))
                    else {
                        continue;
                    };
                    PlanRead { name: gather.name.clone(), role, source, optional: false }
                }
            };
            step.reads.push(read);
        }
    }

    /// A fan-out without a prompt works on its element, so it reads it without being told.
    fn own_item(&mut self, step: &mut PlanStep, reader: &mut Reader) {
        let (Some(item), Some(level)) = (reader.item, reader.level) else { return };
        let is_item =
            |read: &PlanRead| matches!(read.source, ReadSource::Item { attribute, .. } if attribute == item);
        if step.reads.iter().any(is_item) {
            return;
        }
        self.note_read(item, reader.index);
        step.reads.push(PlanRead {
            name: self.symbols.at(item).name.to_owned(),
            role: ReadRole::Value,
            source: ReadSource::Item { attribute: item, level },
            optional: false,
        });
    }

    /// Values that are only shown: they follow the branches of the step and never decide them.
    fn display(&mut self, unused: &[Unused<'_>], step: &mut PlanStep, reader: &mut Reader) {
        let decided = std::mem::take(&mut reader.scopes);
        let was_broken = reader.is_broken;
        self.warn_unused(unused, reader);
        self.unused(unused, ReadRole::Display, step, reader);
        let strayed = reader.scopes.iter().find(|(scope, _)| !step.scope.starts_with(scope)).cloned();
        if let Some((_, name)) = strayed {
            let message =
                format!("`{name}` exists once per branch, and `{}` runs outside of them", step.name);
            let place = self.report.value(&format!("{}/inputs", reader.pointer), "");
            let fix = format!("mention `{{{{{name}}}}}` in the prompt, or gather it");
            self.report.add(code::OUTSIDE_BRANCHES, message, [place], fix);
        }
        reader.scopes = decided;
        reader.is_broken = was_broken;
    }

    fn warn_unused(&mut self, unused: &[Unused<'_>], reader: &Reader) {
        for one in unused {
            match one {
                // What is wrong with its name has been said.
                Unused::Input(_, input) if self.symbols.get(&input.attribute).is_none() => {}
                Unused::Gather(_, gather)
                    if gather.attributes.iter().any(|name| self.symbols.get(name).is_none()) => {}
                Unused::Input(at, input) => {
                    let place = self.report.value(&format!("{}/inputs/{at}", reader.pointer), "");
                    let message = format!("the prompt does not mention the input `{}`", input.name);
                    let fix = format!("write `{{{{{}}}}}` where it belongs, or remove the input", input.name);
                    self.report.add(code::INPUT_UNUSED, message, [place], fix);
                }
                Unused::Gather(at, gather) => {
                    let place = self.report.value(&format!("{}/gather/{at}", reader.pointer), "");
                    let message = format!("the prompt does not mention the gathered list `{}`", gather.name);
                    let fix = format!("write `{{{{{}}}}}` where it belongs, or remove it", gather.name);
                    self.report.add(code::GATHER_UNUSED, message, [place], fix);
                }
            }
        }
    }

    /// Notes when a step needs a value that may be missing.
    pub(super) fn note_certainty(
        &mut self,
        name: &str,
        source: &ReadSource,
        optional: bool,
        reader: &mut Reader,
        at: At<'_>,
    ) {
        if optional || self.is_certain(source) {
            return;
        }
        reader.is_certain = false;
        let message = format!("`{name}` may be missing, and then this step and what needs it are skipped");
        let fix = format!("give `{name}` a `default`, or mark it `optional: true`");
        self.report.add(code::MAY_BE_SKIPPED, message, [self.report.place(at)], fix);
    }
}
