//! Rules about questions to people.

use serde_json::Value as Json;

use super::Place;
use super::action::effective;
use super::code;
use super::report::Report;
use super::symbol::{Symbol, Symbols};
use crate::definition::{Action, Choice, Step};
use crate::name::nearest;

/// Checks one step.
pub(super) fn check(step: &Step, pointer: &str, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    let action = effective(step);
    if action == Action::Choose && step.choice.from.is_none() {
        let place = report.value(&format!("{pointer}/name"), "");
        let message = format!("`{}` does not say what to choose from", step.name);
        report.add(
            code::CHOOSE_WITHOUT_FROM,
            message,
            [place],
            "add `from:` with a list or a branched attribute",
        );
    }
    if action == Action::Input {
        check_default(step, pointer, symbols, report);
    }
    check_unused(step, &action, pointer, report);
}

/// The default of an `input` is the value of its output, or values by output name.
fn check_default(step: &Step, pointer: &str, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    let Some(default) = &step.choice.default else { return };
    let place = report.value(&format!("{pointer}/choice/default"), "");
    if let (Json::Object(values), [_, _, ..]) = (default, &step.outputs[..]) {
        for name in values.keys().filter(|name| !step.outputs.contains(name)) {
            let message = format!("the default gives a value for `{name}`, which is no output of this step");
            let fix = match nearest(name, step.outputs.iter().map(String::as_str)) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "remove it".to_owned(),
            };
            report.add(code::CHOICE_DEFAULT, message, [place.clone()], fix);
        }
    }
    for output in &step.outputs {
        let is_optional = symbols.get(output).is_some_and(Symbol::is_optional);
        let given = match (&step.outputs[..], default.get(output)) {
            (_, Some(given)) => given,
            ([_], None) => default,
            (_, None) if is_optional && default.is_object() => continue,
            (_, None) => {
                let message = format!("the default gives no value for `{output}`");
                let fix = "give one value per output: `default: { name: value }`";
                report.add(code::CHOICE_DEFAULT, message, [place.clone()], fix);
                continue;
            }
        };
        let Some(value_type) = symbols.get(output).and_then(|symbol| symbol.value_type.as_ref()) else {
            continue;
        };
        if let Err(problem) = value_type.check(given) {
            let message = format!("the default of `{output}` is not of type `{value_type}`: {problem}");
            let fix = format!("give a value of type `{value_type}`");
            report.add(code::CHOICE_DEFAULT, message, [place.clone()], fix);
        }
    }
}

fn check_unused(step: &Step, action: &Action, pointer: &str, report: &mut Report<'_>) {
    let Choice { from, show, min, max, own_text, default } = &step.choice;
    let is_choose = *action == Action::Choose;
    let given = [
        ("from", from.is_some() && !is_choose),
        ("show", !show.is_empty() && !is_choose),
        ("min", min.is_some() && !is_choose),
        ("max", max.is_some() && !is_choose),
        ("own_text", own_text.is_some() && !is_choose),
        ("default", default.is_some() && !action.is_human()),
    ];
    for (key, _) in given.into_iter().filter(|(_, is_unused)| *is_unused) {
        let place: Option<Place> = report.key(&format!("{pointer}/choice/{key}"), "");
        let message =
            format!("`{key}` belongs to a question, and the action of `{}` is `{action}`", step.name);
        report.add(
            code::CHOICE_NOT_USED,
            message,
            [place],
            format!("write `action: choose`, or remove `{key}`"),
        );
    }
}
