//! What a thing is, in Markdown.

use std::fmt::Write as _;

use branchline_schema_model::occurrence::{Owner, Role, StepPlace, Subject};

use super::analysis::Analysis;

/// Steps and sections named for one role; more are counted.
const OWNERS_SHOWN_MAX: usize = 12;

/// Lines of a partial that are shown.
const LINES_SHOWN_MAX: usize = 12;

/// What can be said of a subject; `None` when nothing is known.
pub(super) fn describe(subject: &Subject, analysis: &Analysis) -> Option<String> {
    match subject {
        Subject::Attribute(name) => attribute(name, analysis),
        Subject::Partial(name) => partial(name, analysis),
        Subject::Step(place) => step(*place, analysis),
        Subject::PromptFile(_) => None,
    }
}

fn attribute(name: &str, analysis: &Analysis) -> Option<String> {
    let info = analysis.attribute(name)?;
    let mut text = format!("**`{name}`** `{}`", info.type_name);
    for (holds, words) in [
        (info.is_run_input, "run input"),
        (info.is_item, "item of a fan-out"),
        (info.is_optional, "optional"),
    ] {
        if holds {
            let _ = write!(text, " · {words}");
        }
    }
    if let Some(default) = &info.default {
        let _ = write!(text, " · default `{default}`");
    }
    if !info.description.is_empty() {
        let _ = write!(text, "\n\n{}", info.description);
    }
    let subject = Subject::Attribute(name.to_owned());
    for (role, words) in [(Role::Write, "written by"), (Role::Read, "read by")] {
        let owners = owners(&subject, role, analysis);
        if !owners.is_empty() {
            let _ = write!(text, "\n\n{words} {}", listed(&owners, analysis));
        } else if role == Role::Write && !info.is_run_input && !info.is_item {
            text.push_str("\n\nwritten by nobody");
        }
    }
    let results = analysis.workflow.outputs.as_deref().unwrap_or_default();
    if results.iter().any(|result| result == name) {
        text.push_str("\n\na result of the workflow");
    }
    Some(text)
}

/// The steps and sections that do something with a subject, in order, each once.
fn owners(subject: &Subject, role: Role, analysis: &Analysis) -> Vec<Owner> {
    let places = analysis.occurrences.places_of(subject).filter(|one| one.role == role);
    let mut owners: Vec<_> = places.map(|one| one.owner).filter(|owner| *owner != Owner::Workflow).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

fn listed(owners: &[Owner], analysis: &Analysis) -> String {
    let name = |owner: &Owner| match owner {
        Owner::Workflow => None,
        Owner::Section(at) => {
            analysis.workflow.sections.get(*at).map(|section| format!("section *{}*", section.name))
        }
        Owner::Step(place) => analysis.step(*place).map(|step| format!("*{}*", step.name)),
    };
    let mut names: Vec<String> = owners.iter().take(OWNERS_SHOWN_MAX).filter_map(name).collect();
    if owners.len() > OWNERS_SHOWN_MAX {
        names.push(format!("{} more", owners.len() - OWNERS_SHOWN_MAX));
    }
    names.join(", ")
}

fn partial(name: &str, analysis: &Analysis) -> Option<String> {
    let text = analysis.workflow.partials.get(name)?;
    let mut lines: Vec<&str> = text.lines().take(LINES_SHOWN_MAX).collect();
    if text.lines().nth(LINES_SHOWN_MAX).is_some() {
        lines.push("…");
    }
    let owners = owners(&Subject::Partial(name.to_owned()), Role::Read, analysis);
    let used =
        if owners.is_empty() { String::new() } else { format!("\n\nused by {}", listed(&owners, analysis)) };
    // Four backticks, because the text may well hold three.
    Some(format!("**`{{{{> {name}}}}}`** partial{used}\n\n````\n{}\n````", lines.join("\n")))
}

fn step(place: StepPlace, analysis: &Analysis) -> Option<String> {
    let step = analysis.step(place)?;
    let section = &analysis.workflow.sections.get(place.section)?.name;
    let mut text = format!("**{}** `{}` in *{section}*", step.name, step.action);
    if !step.description.is_empty() {
        let _ = write!(text, "\n\n{}", step.description);
    }
    for (role, words) in [(Role::Read, "reads"), (Role::Write, "writes")] {
        let own =
            analysis.occurrences.iter().filter(|one| one.owner == Owner::Step(place) && one.role == role);
        let mut names: Vec<String> = own
            .filter_map(|one| match &one.subject {
                Subject::Attribute(name) => Some(format!("`{name}`")),
                _ => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            let _ = write!(text, "\n\n{words} {}", names.join(", "));
        }
    }
    Some(text)
}
