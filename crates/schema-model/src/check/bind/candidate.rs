//! What is said of the result of a step: candidates, failures, and the steps it comes after.

use std::collections::HashMap;

use super::{Binder, Reader};
use crate::check::code;
use crate::definition::{Action, OnError, Step};
use crate::limits::CANDIDATES_MAX;
use crate::name::{nearest, slug};
use crate::plan::{Candidates, LevelIndex, LevelKind, PlanStep, PlanVariant, StepIndex};

impl Binder<'_, '_> {
    /// `variants` and `samples`: one level below the element.
    pub(super) fn candidates_level(&mut self, definition: &Step, step: &mut PlanStep, reader: &Reader) {
        if definition.variants.is_empty() && definition.samples.is_none() {
            return;
        }
        self.check_variants(definition, step, reader);
        let variants = definition.variants.iter().map(|variant| PlanVariant {
            name: slug(&variant.name),
            model: variant.model.clone(),
            parameters: variant.parameters.or(&step.parameters),
        });
        let candidates =
            Candidates { variants: variants.collect(), samples: definition.samples.unwrap_or(1).max(1) };
        let level = self.add_level(reader.index, reader.section, LevelKind::Candidates(candidates));
        step.opens.push(level);
    }

    fn check_variants(&mut self, definition: &Step, step: &PlanStep, reader: &Reader) {
        let key = if definition.variants.is_empty() { "samples" } else { "variants" };
        let place = self.report.key(&format!("{}/{key}", reader.pointer), "");
        if !matches!(step.action, Action::Prompt | Action::Custom(_)) {
            let message =
                format!("`{key}` tries a model call in several ways, and `{}` makes none", step.name);
            let fix = format!("remove `{key}`, or use `action: prompt`");
            return self.report.add(code::CANDIDATES, message, [place], fix);
        }
        let count = definition.variants.len().max(1) as u64 * u64::from(definition.samples.unwrap_or(1));
        if count > u64::from(CANDIDATES_MAX) {
            let message =
                format!("`{}` has {count} candidates, at most {CANDIDATES_MAX} are allowed", step.name);
            self.report.add(code::CANDIDATES, message, [place], "lower `samples`, or remove variants");
        }
        let mut seen: HashMap<String, String> = HashMap::new();
        for (position, variant) in definition.variants.iter().enumerate() {
            let pointer = format!("{}/variants/{position}/name", reader.pointer);
            let name = slug(&variant.name);
            let place = self.report.value(&pointer, "");
            if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
                let message = format!("the variant name `{}` has no letter", variant.name);
                self.report.add(code::CANDIDATES, message, [place], "give it a name with letters");
            } else if let Some(first) = seen.get(&name) {
                let message = format!("another variant has the name `{name}`");
                let first = self.report.value(first, "the first one");
                self.report.add(code::CANDIDATES, message, [place, first], "give one of them another name");
            } else {
                seen.insert(name, pointer);
            }
        }
    }

    /// What a failure means here, and whether readers can count on a value.
    pub(super) fn failures(&mut self, definition: &Step, step: &mut PlanStep, reader: &mut Reader) {
        let usual = if self.may_fail(&step.scope) { OnError::Skip } else { OnError::Fail };
        step.on_error = definition.on_error.unwrap_or(usual);
        // Inside branches that may fail everything is dropped together, and the join says how many are needed.
        if matches!(definition.on_error, Some(OnError::Skip | OnError::Null)) {
            reader.is_certain = false;
        }
    }

    /// Whether these levels are branches of which some may fail.
    pub(super) fn may_fail(&self, scope: &[LevelIndex]) -> bool {
        scope.iter().any(|level| {
            self.levels[level.get()].kind.each().is_some_and(|fan_out| fan_out.at_least.is_some())
        })
    }

    /// `after`: edges by hand.
    pub(super) fn after(&mut self, definition: &Step, section_at: usize, step: &mut PlanStep) {
        for (position, name) in definition.after.iter().enumerate() {
            let pointer = format!("/sections/{section_at}");
            match self.step_named(name, section_at) {
                Some(earlier) => {
                    if !step.after.contains(&earlier) {
                        step.after.push(earlier);
                    }
                }
                None => self.unknown_step(name, &pointer, position, section_at, step),
            }
        }
    }

    /// An earlier step by its name or its address.
    fn step_named(&self, name: &str, section_at: usize) -> Option<StepIndex> {
        let (section, step) = match name.split_once('.') {
            Some((section, step)) => (slug(section), slug(step)),
            None => (slug(&self.workflow.sections[section_at].name), slug(name)),
        };
        let found = self.steps.iter().skip(1).find(|candidate| {
            candidate.slug == step
                && !candidate.action.is_implicit()
                && self.sections[candidate.section.get()].slug == section
        });
        found.map(|step| step.index)
    }

    fn unknown_step(
        &mut self,
        name: &str,
        section: &str,
        position: usize,
        section_at: usize,
        step: &PlanStep,
    ) {
        let definitions = &self.workflow.sections[section_at].steps;
        let at = definitions.iter().position(|definition| definition.slug() == step.slug).unwrap_or_default();
        let place = self.report.value(&format!("{section}/steps/{at}/after/{position}"), "");
        let bare = name.rsplit('.').next().unwrap_or(name);
        let is_later = definitions[at..].iter().any(|later| later.slug() == slug(bare));
        let message = if is_later {
            format!("`{}` cannot come after `{name}`, which stands behind it", step.name)
        } else {
            format!("there is no earlier step `{name}`")
        };
        let known: Vec<&str> = self.steps.iter().skip(1).map(|step| step.name.as_str()).collect();
        let fix = match nearest(bare, known.iter().copied()).filter(|_| !is_later) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a step of this section, or `Section.Step`, that stands before it".to_owned(),
        };
        self.report.add(code::UNKNOWN_STEP, message, [place], fix);
    }
}
