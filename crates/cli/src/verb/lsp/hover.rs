//! What a thing is, in Markdown.

use std::fmt::Write as _;

use branchline_schema_model::occurrence::{Role, StepPlace, Subject};

use super::analysis::Analysis;

/// Steps named for one role; more are counted.
const STEPS_SHOWN_MAX: usize = 12;

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
        let steps = steps(&subject, role, analysis);
        if !steps.is_empty() {
            let _ = write!(text, "\n\n{words} {}", listed(&steps, analysis));
        } else if role == Role::Write && !info.is_run_input && !info.is_item {
            text.push_str("\n\nwritten by nobody");
        }
    }
    let is_result = |place: &&branchline_schema_model::occurrence::Occurrence| {
        place.role == Role::Read && place.step.is_none() && *place.span.file == *analysis.name
    };
    if analysis.workflow.outputs.is_some()
        && analysis.occurrences.places_of(&subject).any(|one| is_result(&one))
    {
        text.push_str("\n\na result of the workflow");
    }
    Some(text)
}

/// The steps that do something with a subject, in order, each once.
fn steps(subject: &Subject, role: Role, analysis: &Analysis) -> Vec<StepPlace> {
    let places = analysis.occurrences.places_of(subject).filter(|one| one.role == role);
    let mut steps: Vec<_> = places.filter_map(|one| one.step).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

fn listed(steps: &[StepPlace], analysis: &Analysis) -> String {
    let shown = steps.iter().take(STEPS_SHOWN_MAX).filter_map(|place| analysis.step(*place));
    let mut names: Vec<String> = shown.map(|step| format!("*{}*", step.name)).collect();
    if steps.len() > STEPS_SHOWN_MAX {
        names.push(format!("{} more", steps.len() - STEPS_SHOWN_MAX));
    }
    names.join(", ")
}

fn partial(name: &str, analysis: &Analysis) -> Option<String> {
    let text = analysis.workflow.partials.get(name)?;
    let mut lines: Vec<&str> = text.lines().take(LINES_SHOWN_MAX).collect();
    if text.lines().nth(LINES_SHOWN_MAX).is_some() {
        lines.push("…");
    }
    let steps = steps(&Subject::Partial(name.to_owned()), Role::Read, analysis);
    let used =
        if steps.is_empty() { String::new() } else { format!("\n\nused by {}", listed(&steps, analysis)) };
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
        let own = analysis.occurrences.iter().filter(|one| one.step == Some(place) && one.role == role);
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
