//! Writes down what was decided about the steps, and says so.

use super::branches::{Decision, Decisions};
use super::kind::Kind;
use super::{Draft, Drafts};
use crate::definition::{Action, Choice, ForEach, Gather, Input, Step, TypeExpression};
use crate::import::report::ImportReport;

/// Applies all decisions.
pub(super) fn apply(drafts: &mut Drafts, decisions: Decisions, report: &mut ImportReport) {
    let Decisions { items, steps: decisions } = decisions;
    let mut sections = std::mem::take(&mut drafts.sections);
    let mut decisions = decisions.into_iter();
    for section in &mut sections {
        for mut draft in std::mem::take(&mut section.steps) {
            let Some(decision) = decisions.next() else { break };
            for attribute in &decision.choose_before {
                let choose = choose_branch(attribute, &section.steps, &section.name, report);
                section.steps.push(choose);
            }
            let list = decision.opens.as_ref().and_then(|item| items.get(item));
            if let (Some(item), Some(list)) = (&decision.opens, list) {
                let sentence = format!("reads `{item}`, so it runs once for each of `{list}`");
                report.recognised(draft.place.clone(), sentence);
                draft.step.spread.for_each = Some(ForEach { item: item.clone(), list: list.clone() });
            }
            kind(&mut draft, &decision, drafts, report);
            shown(&mut draft, &decision, report);
            section.steps.push(draft);
        }
    }
    drafts.sections = sections;
}

/// A step in which a person picks the branch to go on with.
fn choose_branch(attribute: &str, before: &[Draft], section: &str, report: &mut ImportReport) -> Draft {
    let words = attribute.replace('_', " ");
    let name =
        super::names::free_name(&format!("Choose {words}"), before.iter().map(|draft| &draft.step.name));
    let place = format!("{section} / {name}");
    report.recognised(
        place.clone(),
        format!("`{attribute}` exists once per branch, so a person picks one: this step is added"),
    );
    let step = Step {
        name,
        description: format!("Pick the {words} to go on with."),
        enabled: true,
        action: Action::Choose,
        outputs: vec![attribute.to_owned()],
        choice: Choice { from: Some(attribute.to_owned()), ..Choice::default() },
        ..Step::default()
    };
    Draft { place, step, missing: "it is a choice".to_owned(), ..Draft::default() }
}

fn kind(draft: &mut Draft, decision: &Decision, drafts: &mut Drafts, report: &mut ImportReport) {
    let why = draft.missing.clone();
    let sentence = match &decision.kind {
        Kind::Prompt { gather } => {
            for of in gather {
                draft.step.gather.push(gather_of(of));
                report.recognised(draft.place.clone(), format!("reads `{of}` of all branches as a list"));
            }
            return;
        }
        Kind::Choose { from } => {
            draft.step.action = Action::Choose;
            let show =
                draft.ports.iter().map(|port| port.attribute.clone()).filter(|name| name != from).collect();
            draft.step.choice = Choice { from: Some(from.clone()), show, ..Choice::default() };
            draft.ports.clear();
            format!("{why}: a person chooses from `{from}`")
        }
        Kind::Gather { of } => {
            draft.step.action = Action::Gather;
            draft.step.gather = vec![gather_of(of)];
            draft.ports.retain(|port| port.attribute != *of);
            as_list(draft, of, drafts, report);
            format!("{why}: it makes a list of the `{of}` of all branches")
        }
        Kind::Paste => {
            draft.step.action = Action::Input;
            format!("{why}: a person gives `{}`", draft.step.outputs.join("`, `"))
        }
        Kind::Note => {
            draft.step.action = Action::Note;
            let what = if draft.ports.is_empty() { "does it elsewhere" } else { "looks at its inputs" };
            format!("{why} and no outputs: a person {what}, and says so")
        }
    };
    draft.step.prompt_file = None;
    report.recognised(draft.place.clone(), sentence);
}

/// The output of a gather is a list of what is gathered.
fn as_list(draft: &Draft, of: &str, drafts: &mut Drafts, report: &mut ImportReport) {
    let list = TypeExpression::Name(format!("{}[]", drafts.element(of)));
    for output in &draft.step.outputs {
        let declared = drafts.attributes.entry(output.clone()).or_default();
        if declared.value_type != list {
            report.changed(
                format!("attribute {output}"),
                format!("it is a list of the `{of}` of all branches"),
            );
            declared.value_type = list.clone();
        }
    }
}

fn gather_of(attribute: &str) -> Gather {
    Gather { name: attribute.to_owned(), attributes: vec![attribute.to_owned()] }
}

/// Inputs that are only shown and cannot be shown as they are.
fn shown(draft: &mut Draft, decision: &Decision, report: &mut ImportReport) {
    for name in &decision.gather_shown {
        draft.step.gather.push(gather_of(name));
        let sentence = format!("`{name}` exists once per branch and is only shown; all of them are");
        report.changed(draft.place.clone(), sentence);
    }
    for name in &decision.lost_items {
        let sentence = format!(
            "`{name}` exists in its branches only, and the prompt does not use it: no input of this step"
        );
        report.changed(draft.place.clone(), sentence);
    }
    let is_gone = |name: &String| decision.gather_shown.contains(name) || decision.lost_items.contains(name);
    draft.ports.retain(|port| !is_gone(&port.attribute));
}

/// A declared input of a finished step.
pub(super) fn input(name: &str, attribute: &str, optional: bool) -> Input {
    Input { name: name.to_owned(), attribute: attribute.to_owned(), optional }
}
