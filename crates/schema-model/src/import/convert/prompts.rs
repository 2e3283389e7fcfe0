//! Which text a step's prompt is, and that text as a template.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Drafts, placeholder};
use crate::import::foreign::{ForeignPrompt, ForeignSection, ForeignStep, ForeignWorkflow};
use crate::import::form::Form;
use crate::import::report::ImportReport;
use crate::name::nearest;
use crate::prompt::{Partials, PathPart, Usage};

/// Unknown names of a workflow for which a similar one is looked for among all attributes: real ones have thirty.
const NEAR_LOOKED_FOR_MAX: usize = 100;

/// Sets the prompts of all steps, and keeps those that no step uses.
pub(super) fn convert(foreign: &ForeignWorkflow, form: Form, drafts: &mut Drafts, report: &mut ImportReport) {
    let mut used = BTreeSet::new();
    let mut looked_for = 0;
    let is_template = form == Form::Poem || foreign.has_templates;
    let mut sections = std::mem::take(&mut drafts.sections);
    for (section, foreign_section) in sections.iter_mut().zip(sections_in_order(foreign)) {
        for (draft, step) in section.steps.iter_mut().zip(steps_in_order(foreign_section)) {
            let Some(text) = resolve(foreign, step, draft, &mut used, report) else { continue };
            if is_template && template(&text, draft, drafts, report) {
                continue;
            }
            let converted = placeholder::convert(&text, &drafts.renamed);
            findings(&converted, &draft.place, &drafts.renamed, &mut looked_for, report);
            draft.mentions = converted.mentions;
            draft.step.prompt = Some(converted.template);
        }
    }
    drafts.sections = sections;
    keep_unused(foreign, &used, drafts, report);
}

/// The same order as that of the drafts.
pub(super) fn sections_in_order(foreign: &ForeignWorkflow) -> Vec<&ForeignSection> {
    let mut sections: Vec<_> = foreign.sections.iter().collect();
    sections.sort_by_key(|section| section.order.unwrap_or(i64::MAX));
    sections
}

/// The same order as that of the drafts.
pub(super) fn steps_in_order(section: &ForeignSection) -> Vec<&ForeignStep> {
    let mut steps: Vec<_> = section.steps.iter().collect();
    steps.sort_by_key(|step| step.order.unwrap_or(i64::MAX));
    steps
}

/// The text of a prompt: that of a named one, a literal one, or none.
fn resolve(
    foreign: &ForeignWorkflow,
    step: &ForeignStep,
    draft: &mut Draft,
    used: &mut BTreeSet<String>,
    report: &mut ImportReport,
) -> Option<String> {
    let text = step.prompt.as_str();
    if text.trim().is_empty() {
        "it has no prompt".clone_into(&mut draft.missing);
        return None;
    }
    if let Some(prompt) = named(foreign, step) {
        used.insert(prompt.name.clone());
        draft.step.prompt_file = prompt_file(&prompt.name);
        return Some(text.to_owned());
    }
    if !is_bare_name(text) || draft.step.prompt_file.is_some() {
        return Some(text.to_owned());
    }
    let name = text.trim();
    match foreign.prompts.iter().find(|prompt| prompt.name == name) {
        Some(prompt) if prompt.content.trim().is_empty() => {
            used.insert(prompt.name.clone());
            draft.missing = format!("its prompt `{name}` is empty");
        }
        Some(prompt) => {
            used.insert(prompt.name.clone());
            report.changed(draft.place.clone(), format!("the prompt name `{name}` is replaced by its text"));
            draft.step.prompt_file = prompt_file(&prompt.name);
            return Some(prompt.content.clone());
        }
        None => {
            let near = nearest(name, foreign.prompts.iter().map(|prompt| prompt.name.as_str()));
            let near = near.map(|near| format!("; did the file mean `{near}`?")).unwrap_or_default();
            let sentence = format!("there is no prompt `{name}` in the file{near}");
            report.not_understood(draft.place.clone(), sentence);
            draft.missing = format!("its prompt `{name}` is not in the file");
            draft.step.description =
                super::names::with_notes(&draft.step.description, &[format!("prompt: {name}")]);
        }
    }
    None
}

/// The named prompt with the text of a step: the one with the name of the step, if several have it.
fn named<'a>(foreign: &'a ForeignWorkflow, step: &ForeignStep) -> Option<&'a ForeignPrompt> {
    let mut found = foreign.prompts.iter().filter(|prompt| prompt.content == step.prompt);
    let first = found.clone().next();
    let own = crate::name::slug(&step.name);
    found.find(|prompt| crate::name::slug(&prompt.name) == own).or(first)
}

/// One word in small letters that is no sentence.
fn is_bare_name(text: &str) -> bool {
    let is_part = |character: char| {
        character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || matches!(character, '_' | '-' | '.' | '/')
    };
    let text = text.trim();
    text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && text.chars().all(is_part)
        && !text.ends_with('.')
}

fn prompt_file(name: &str) -> Option<String> {
    let simple = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let file: String = name.chars().take(80).map(simple).collect();
    let file = file.trim_matches('-');
    (!file.is_empty()).then(|| format!("prompts/{file}.md"))
}

/// Keeps a text that is a template already. `false` when it cannot be one here.
fn template(text: &str, draft: &mut Draft, drafts: &mut Drafts, report: &mut ImportReport) -> bool {
    let prompt = crate::prompt::read(text, &Partials::default());
    if let Some(problem) = prompt.problems.first() {
        let line = problem.at.line;
        let sentence = format!(
            "line {line} of its prompt is no template of this program; only plain names are filled in"
        );
        report.not_understood(draft.place.clone(), sentence);
        return false;
    }
    let aliases: BTreeMap<&str, &str> = draft
        .ports
        .iter()
        .filter_map(|port| Some((port.alias.as_deref()?, port.attribute.as_str())))
        .collect();
    for mention in &prompt.mentions {
        if mention.name == "branch" {
            continue;
        }
        let name = aliases
            .get(mention.name.as_str())
            .map_or_else(|| mention.name.clone(), |name| (*name).to_owned());
        let attribute = drafts.attributes.entry(name.clone()).or_insert_with(|| {
            let sentence = format!("its prompt mentions `{name}`, which no step declares; it is added");
            report.changed(draft.place.clone(), sentence);
            crate::definition::Attribute::default()
        });
        drafts.renamed.entry(name.clone()).or_insert_with(|| name.clone());
        if let Some(type_name) = used_as(mention.usage, &mention.path)
            && attribute.value_type == crate::definition::TypeExpression::default()
        {
            let sentence = format!("the prompt of `{}` uses it as `{type_name}`", draft.place);
            report.changed(format!("attribute {name}"), sentence);
            attribute.value_type = crate::definition::TypeExpression::Name(type_name.to_owned());
        }
        draft.mentions.insert(name);
    }
    draft.step.prompt = Some(text.to_owned());
    true
}

/// The type a mention needs, when it is not a plain text.
fn used_as(usage: Usage, path: &[PathPart]) -> Option<&'static str> {
    let is_item = |part: &PathPart| match part {
        PathPart::Item => true,
        PathPart::Field(field) => field.bytes().all(|byte| byte.is_ascii_digit()),
    };
    match path {
        [] if usage == Usage::Each => Some("string[]"),
        [] => None,
        [item] if is_item(item) => Some("string[]"),
        [item, ..] if is_item(item) => Some("object[]"),
        [PathPart::Field(field), ..] if field == "length" => None,
        _ => Some("object"),
    }
}

/// Lists what a conversion found.
fn findings(
    converted: &placeholder::Converted,
    place: &str,
    names: &BTreeMap<String, String>,
    looked_for: &mut usize,
    report: &mut ImportReport,
) {
    for name in &converted.unknown {
        *looked_for += 1;
        let known = || names.keys().map(String::as_str);
        let near = if *looked_for <= NEAR_LOOKED_FOR_MAX {
            similar(name, known()).or_else(|| longer(name, known()))
        } else {
            None
        };
        let near = near.map(|near| format!("; did the file mean `{near}`?")).unwrap_or_default();
        report.not_understood(
            place,
            format!("`{name}` in the prompt is no attribute and stays as it is{near}"),
        );
    }
    for name in &converted.switched_off {
        report.info(place, format!("`[x-{name}]` is switched off by its author and stays as it is"));
    }
    if converted.prose > 0 {
        let sentence = match converted.prose {
            1 => "one text in brackets is no attribute and stays as it is".to_owned(),
            count => format!("{count} texts in brackets are no attributes and stay as they are"),
        };
        report.info(place, sentence);
    }
    if converted.braces > 0 {
        report.changed(place, "`{{` that stands for no attribute is escaped, so that it stays text");
    }
}

/// The nearest of some names; those of another length are not even compared.
pub(super) fn similar<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, others.filter(|other| other.len().abs_diff(name.len()) <= name.len() / 3 + 1))
}

/// A name that this one is a part of: `hook_idea1` of `intro_hook_idea1`.
fn longer<'a>(name: &str, mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let is_around =
        |other: &&str| other.ends_with(&format!("_{name}")) || other.starts_with(&format!("{name}_"));
    names.find(is_around)
}

/// Prompts that no step uses become partials, so that they are kept.
fn keep_unused(
    foreign: &ForeignWorkflow,
    used: &BTreeSet<String>,
    drafts: &mut Drafts,
    report: &mut ImportReport,
) {
    for prompt in foreign.prompts.iter().filter(|prompt| !prompt.notes.is_empty()) {
        let notes = prompt.notes.join("; ");
        report.not_understood(
            format!("prompt {}", prompt.name),
            format!("`{notes}` has no place here; it is kept in the description of the workflow"),
        );
        drafts.notes.push(format!("prompt {}: {notes}", prompt.name));
    }
    for prompt in foreign.prompts.iter().filter(|prompt| !used.contains(&prompt.name)) {
        let place = format!("prompt {}", prompt.name);
        if prompt.content.trim().is_empty() {
            report.info(place, "it is empty and no step uses it");
            continue;
        }
        let converted = placeholder::convert(&prompt.content, &drafts.renamed);
        let name: String = prompt
            .name
            .chars()
            .map(
                |character| {
                    if character.is_ascii_alphanumeric() || character == '_' { character } else { '-' }
                },
            )
            .collect();
        let count = drafts.partials.len() + 2;
        let name = super::names::free(&name, "-", count, |name| !drafts.partials.contains_key(name));
        report.info(place, format!("no step uses it; it is kept as the partial `{name}`"));
        drafts.partials.insert(name, converted.template);
    }
}
