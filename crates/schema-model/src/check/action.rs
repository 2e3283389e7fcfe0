//! Rules about actions: known ones, with the prompt and the outputs they need.

use super::code;
use super::report::Report;
use super::{CheckContext, Place};
use crate::definition::{Action, Step};
use crate::limits::{ATTEMPTS_MAX, PARALLEL_CALLS_MAX};
use crate::name::nearest;

/// What a step does: an empty prompt with inputs and outputs is a question to a person.
pub(super) fn effective(step: &Step) -> Action {
    if step.action == Action::Prompt
        && !has_prompt(step)
        && !step.inputs.is_empty()
        && !step.outputs.is_empty()
    {
        return Action::Input;
    }
    step.action.clone()
}

fn has_prompt(step: &Step) -> bool {
    step.prompt.as_ref().is_some_and(|prompt| !prompt.trim().is_empty())
}

/// Checks one step.
pub(super) fn check(step: &Step, pointer: &str, context: &CheckContext, report: &mut Report<'_>) {
    let name_place = report.value(&format!("{pointer}/name"), "");
    if let Action::Custom(name) = &step.action
        && !context.actions.contains_key(name)
        // Of an action that this version does not have, it was said when the file was read.
        && !(report.is_from_files() && Action::NOT_YET.contains(&name.as_str()))
    {
        unknown_action(name, pointer, context, report);
    }
    check_prompt(step, pointer, report, name_place.as_ref());
    check_outputs(step, pointer, report, name_place.as_ref());
    check_bounds(step, pointer, report);
}

fn unknown_action(name: &str, pointer: &str, context: &CheckContext, report: &mut Report<'_>) {
    let registered: Vec<&str> = context.actions.keys().map(String::as_str).collect();
    let known = Action::BUILT_IN.into_iter().chain(registered.iter().copied());
    let fix = match nearest(name, known.clone()) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => format!("use one of `{}`", known.collect::<Vec<_>>().join("`, `")),
    };
    let place = report.value(&format!("{pointer}/action"), "");
    report.add(code::UNKNOWN_ACTION, format!("there is no action `{name}`"), [place], fix);
}

fn check_prompt(step: &Step, pointer: &str, report: &mut Report<'_>, name_place: Option<&Place>) {
    let place = report.value(&format!("{pointer}/prompt"), "");
    let name = &step.name;
    let is_written = |key| report.is_written(&format!("{pointer}/{key}"));
    match (&step.action, effective(step)) {
        // There was one that could not be read, which was reported.
        _ if step.prompt.is_none() && (is_written("prompt") || is_written("prompt_file")) => {}
        (Action::Prompt, Action::Input) => {
            let message = format!("`{name}` has no prompt, so a person is asked for its outputs");
            let fix = "write `action: input` if that is meant, else a prompt";
            report.add(code::BECOMES_INPUT, message, [name_place.cloned()], fix);
        }
        (Action::Prompt | Action::Template, _) if step.prompt.is_none() => {
            let message = format!("`{name}` has no prompt");
            let fix = "add `prompt:` or `prompt_file:`, or name another `action`";
            report.add(code::NO_PROMPT, message, [name_place.cloned()], fix);
        }
        (Action::Prompt | Action::Template, _) if !has_prompt(step) => {
            let message = format!("the prompt of `{name}` is empty");
            report.add(code::EMPTY_PROMPT, message, [place], "write the prompt, or remove the step");
        }
        (Action::Input | Action::Choose | Action::Gather | Action::Select, _) if has_prompt(step) => {
            let message = format!("`{}` renders no prompt, and `{name}` has one", step.action);
            let fix = if step.action.is_human() {
                "move what people should read to `description`"
            } else {
                "use `action: template` to format the list"
            };
            report.add(code::PROMPT_NOT_USED, message, [place], fix);
        }
        _ => {}
    }
}

fn check_outputs(step: &Step, pointer: &str, report: &mut Report<'_>, name_place: Option<&Place>) {
    let count = step.outputs.len();
    let wanted = match step.action {
        Action::Gather | Action::Choose | Action::Select if count != 1 => "exactly one output",
        Action::Note if count > 0 => "no output",
        Action::Template if count > 1 => "at most one output",
        Action::Input if count == 0 => "at least one output",
        _ => "",
    };
    if !wanted.is_empty() {
        let place =
            if count == 0 { name_place.cloned() } else { report.value(&format!("{pointer}/outputs"), "") };
        let message = format!("`{}` has {count} outputs, and `{}` takes {wanted}", step.name, step.action);
        let fix =
            if count == 0 { "name the attribute under `outputs`" } else { "make a step for each output" };
        report.add(code::OUTPUT_COUNT, message, [place], fix);
    }
    if (step.action == Action::Select) != step.select.is_some() {
        let (message, place, fix) = if step.select.is_some() {
            let message = format!("`select` is an action, and that of `{}` is `{}`", step.name, step.action);
            (message, report.key(&format!("{pointer}/select"), ""), "remove `action`, or `select`")
        } else {
            let message = format!("`{}` does not say what to select", step.name);
            (message, name_place.cloned(), "add `select: { from: …, by: … }`")
        };
        report.add(code::SELECT_WITHOUT_FROM, message, [place], fix);
    }
    if step.action == Action::Gather && step.gather.len() != 1 {
        let message =
            format!("`{}` names {} lists, and `action: gather` writes one", step.name, step.gather.len());
        report.add(
            code::GATHER_COUNT,
            message,
            [name_place.cloned()],
            "write `gather: [attribute]` with one attribute",
        );
    }
}

fn check_bounds(step: &Step, pointer: &str, report: &mut Report<'_>) {
    let bounds = [
        ("parallel", "parallel", step.spread.parallel.map(u64::from), u64::from(PARALLEL_CALLS_MAX)),
        (
            "retry/attempts",
            "attempts",
            step.retry.as_ref().map(|retry| u64::from(retry.attempts)),
            u64::from(ATTEMPTS_MAX),
        ),
        ("timeout_ms", "timeout", step.timeout_ms, u64::MAX),
    ];
    for (key, name, value, max) in bounds {
        let Some(value) = value.filter(|value| *value == 0 || *value > max) else { continue };
        let place = report.value(&format!("{pointer}/{key}"), "");
        let fix = if max == u64::MAX { "give more than 0".to_owned() } else { format!("give 1 to {max}") };
        report.add(code::RETRY_BOUNDS, format!("`{name}` cannot be {value}"), [place], fix);
    }
}
