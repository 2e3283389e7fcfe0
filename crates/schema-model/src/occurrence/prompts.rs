//! Names in templates.

use std::collections::{BTreeSet, HashMap};

use super::{Collector, Form, Owner, Role, StepPlace, Subject};
use crate::check::partial_pointer;
use crate::definition::{SourceMap, Step, Workflow};
use crate::prompt::{Mention, Partials, PathPart, Prompt, PromptProblemKind, TextPlace, read};

/// What a name means in the templates of one step.
enum Meaning<'a> {
    /// The attribute, by its own name.
    Own(&'a str),
    /// The attribute, by a name the step gives it.
    Renamed(&'a str),
    /// One object per branch, with these attributes as fields.
    Rows(&'a [String]),
    /// Nothing that is an attribute.
    Nothing,
}

impl Collector<'_> {
    pub(super) fn prompts(&mut self, workflow: &Workflow) {
        let partials = Partials::compile(&workflow.partials);
        let mut included = BTreeSet::new();
        for (section_at, section) in workflow.sections.iter().enumerate() {
            let pointer = format!("/sections/{section_at}/label");
            included.extend(self.label(
                section.spread.label.as_ref(),
                &pointer,
                Owner::Section(section_at),
                &partials,
            ));
            for (step_at, step) in section.steps.iter().enumerate() {
                let place = StepPlace { section: section_at, step: step_at };
                let (pointer, owner) = (format!("{}/label", place.pointer()), Owner::Step(place));
                included.extend(self.label(step.spread.label.as_ref(), &pointer, owner, &partials));
                let Some(text) = &step.prompt else { continue };
                let prompt = read(text, &partials);
                included.extend(prompt.inclusions.iter().map(|one| one.name.clone()));
                let pointer = format!("{}/prompt", place.pointer());
                self.prompt(&prompt, &pointer, &names(step, &pointer, self.sources), owner);
            }
        }
        for (name, text) in workflow.partials.iter().filter(|(name, _)| !included.contains(*name)) {
            self.prompt(&read(text, &partials), &partial_pointer(name), &HashMap::new(), Owner::Workflow);
        }
    }

    /// A label, which knows attributes by their own names; the partials it includes.
    fn label(
        &mut self,
        text: Option<&String>,
        pointer: &str,
        owner: Owner,
        partials: &Partials<'_>,
    ) -> Vec<String> {
        let Some(text) = text else { return Vec::new() };
        let prompt = read(text, partials);
        self.prompt(&prompt, pointer, &HashMap::new(), owner);
        prompt.inclusions.into_iter().map(|one| one.name).collect()
    }

    fn prompt(&mut self, prompt: &Prompt, pointer: &str, names: &HashMap<&str, Meaning<'_>>, owner: Owner) {
        for inclusion in &prompt.inclusions {
            let subject = Subject::Partial(inclusion.name.clone());
            self.placed(subject, &inclusion.name, Some(&inclusion.at), &inclusion.at, pointer, owner);
        }
        for mention in &prompt.mentions {
            self.mention(mention, pointer, names, owner);
        }
        let is_unread = |kind: &PromptProblemKind| {
            matches!(kind, PromptProblemKind::Syntax { .. } | PromptProblemKind::TooLarge { .. })
        };
        let problem = prompt.problems.iter().find(|problem| is_unread(&problem.kind));
        if let Some(problem) = problem {
            let (pointer, at) = (text_pointer(&problem.at, pointer), &problem.at);
            self.note_unread(&pointer, self.sources.span_in_text(&pointer, at.line, at.column, at.length));
        }
    }

    fn mention(
        &mut self,
        mention: &Mention,
        pointer: &str,
        names: &HashMap<&str, Meaning<'_>>,
        owner: Owner,
    ) {
        let own = Meaning::Own(&mention.name);
        match names.get(mention.name.as_str()).unwrap_or(&own) {
            Meaning::Own("branch") | Meaning::Nothing => {}
            Meaning::Own(attribute) => {
                let subject = Subject::Attribute((*attribute).to_owned());
                self.placed(subject, attribute, mention.part_at(0), &mention.at, pointer, owner);
            }
            Meaning::Renamed(attribute) => {
                let subject = Subject::Attribute((*attribute).to_owned());
                self.placed(subject, attribute, None, &mention.at, pointer, owner);
            }
            Meaning::Rows(attributes) => {
                let Some(PathPart::Field(field)) = mention.path.get(1) else { return };
                if attributes.contains(field) {
                    let subject = Subject::Attribute(field.clone());
                    self.placed(subject, field, mention.part_at(2), &mention.at, pointer, owner);
                }
            }
        }
    }

    /// Notes a read: by name at `name_at`, else by other words at `around`.
    fn placed(
        &mut self,
        subject: Subject,
        name: &str,
        name_at: Option<&TextPlace>,
        around: &TextPlace,
        pointer: &str,
        owner: Owner,
    ) {
        let at = name_at.unwrap_or(around);
        let pointer = text_pointer(at, pointer);
        let span = self.sources.span_in_text(&pointer, at.line, at.column, at.length);
        let form = match (&span, name_at) {
            (_, None) => Form::Alias,
            (Some(span), Some(_)) if self.sources.has_word(span, name) => Form::Name,
            _ => Form::Hidden,
        };
        let span = span.or_else(|| self.sources.value(&pointer).cloned());
        self.add(subject, Role::Read, form, span, owner);
    }
}

/// The pointer of the text a place is in.
fn text_pointer(at: &TextPlace, prompt: &str) -> String {
    at.partial.as_ref().map_or_else(|| prompt.to_owned(), |name| partial_pointer(name))
}

/// The names a step gives, in the order in which the checker looks them up. A list that is gathered, or an input that
/// is read, under the attribute's name has that name only as long as nobody writes another one.
fn names<'a>(step: &'a Step, prompt_pointer: &str, sources: &SourceMap) -> HashMap<&'a str, Meaning<'a>> {
    let pointer = prompt_pointer.strip_suffix("/prompt").unwrap_or(prompt_pointer);
    let meaning = |name: &str, attribute: &'a str, at: String| {
        if name == attribute && !sources.is_written(&at) {
            Meaning::Own(attribute)
        } else {
            Meaning::Renamed(attribute)
        }
    };
    let mut names = HashMap::new();
    for (at, input) in step.inputs.iter().enumerate() {
        let at = format!("{pointer}/inputs/{at}/name");
        names.insert(input.name.as_str(), meaning(&input.name, &input.attribute, at));
    }
    for (at, gather) in step.gather.iter().enumerate() {
        let one = match gather.attributes.as_slice() {
            [only] => meaning(&gather.name, only, format!("{pointer}/gather/{at}/name")),
            [] => Meaning::Nothing,
            several => Meaning::Rows(several),
        };
        names.insert(gather.name.as_str(), one);
    }
    if let Some(each) = &step.spread.for_each {
        names.insert(each.item.as_str(), Meaning::Own(&each.item));
    }
    names
}
