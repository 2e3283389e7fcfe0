//! Problems of templates in words.

use super::Code;
use super::code;
use super::report::{At, Report};
use crate::definition::Action;
use crate::name::nearest;
use crate::prompt::{HELPERS, Partials, Prompt, PromptProblem, PromptProblemKind, helper};

/// Reports what keeps partials from being templates, once each.
pub(super) fn check_partials(partials: &Partials<'_>, report: &mut Report<'_>) {
    for problem in partials.problems() {
        // The problem names its partial, so the pointer around it does not matter.
        self::report(std::slice::from_ref(problem), "/partials", partials, report);
    }
}

/// Reports the problems of one template.
pub(super) fn report(
    problems: &[PromptProblem],
    pointer: &str,
    partials: &Partials<'_>,
    report: &mut Report<'_>,
) {
    for problem in problems {
        let (code, message, fix) = words(&problem.kind, partials);
        report.add(code, message, [report.place(At::Text(pointer, &problem.at))], fix);
    }
}

/// Reports roles that the action of a step cannot send.
pub(super) fn check_roles(prompt: &Prompt, action: &Action, pointer: &str, report: &mut Report<'_>) {
    let Some(first) = prompt.roles.first() else { return };
    let (message, fix) = match action {
        Action::Template => {
            ("`role` makes messages for a model, and a `template` step renders one text", "take it out")
        }
        Action::Prompt
            if !prompt.is_opened_by_user && prompt.roles.iter().all(|mark| mark.role == "system") =>
        {
            (
                "the prompt has only text for the role `system`, which no model answers",
                "write `{{role \"user\"}}` where the question begins",
            )
        }
        _ => return,
    };
    report.add(code::HELPER_USE, message, [report.place(At::Text(pointer, &first.at))], fix);
}

fn words(kind: &PromptProblemKind, partials: &Partials<'_>) -> (Code, String, String) {
    match kind {
        PromptProblemKind::Syntax { reason } => {
            let fix =
                "close every `{{` with `}}` and every block with its name, such as `{{/if}}`".to_owned();
            (code::TEMPLATE_SYNTAX, format!("the template cannot be read: {reason}"), fix)
        }
        PromptProblemKind::TooLarge { reason } => {
            (code::TEMPLATE_TOO_LARGE, reason.clone(), "make several steps of it".to_owned())
        }
        PromptProblemKind::UnknownHelper { name } => {
            let known = HELPERS.iter().map(|helper| helper.name);
            let fix = match nearest(name, known.clone()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("use one of `{}`", known.collect::<Vec<_>>().join("`, `")),
            };
            (code::UNKNOWN_HELPER, format!("there is no helper `{name}`"), fix)
        }
        PromptProblemKind::HelperForm { name } => {
            let message = format!("`{name}` is not used in this way");
            (code::HELPER_USE, message, form(name))
        }
        PromptProblemKind::HelperArguments { name, given } => (
            code::HELPER_USE,
            format!("`{name}` takes {}, and there are {given}", arguments(name)),
            form(name),
        ),
        PromptProblemKind::HelperArgument { name, wanted } => {
            (code::HELPER_USE, format!("`{name}` takes {wanted}"), argument_form(name))
        }
        PromptProblemKind::NoField { path } => {
            let message = format!("`{path}` asks for a field of something that has none");
            (code::UNKNOWN_FIELD, message, "use the value itself".to_owned())
        }
        PromptProblemKind::UnknownPartial { name } => {
            let fix = match nearest(name, partials.names()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("define `{name}` under `partials`"),
            };
            (code::UNKNOWN_PARTIAL, format!("there is no partial `{name}`"), fix)
        }
        PromptProblemKind::PartialCycle { cycle } => {
            let message = format!("the partials include each other: `{}`", cycle.join("` → `"));
            (code::PARTIAL_CYCLE, message, "take one of the inclusions out".to_owned())
        }
        PromptProblemKind::Unsupported { what } => {
            let fix = "leave it out, or name the attributes that are meant".to_owned();
            (code::TEMPLATE_UNSUPPORTED, format!("{what} is not part of the template language"), fix)
        }
    }
}

fn arguments(name: &str) -> String {
    let Some(helper) = helper(name) else { return String::new() };
    match (helper.params_min, helper.params_max) {
        (1, 1) => "one argument".to_owned(),
        (min, max) if min == max => format!("{min} arguments"),
        (min, usize::MAX) => format!("{min} arguments or more"),
        (min, max) => format!("{min} to {max} arguments"),
    }
}

/// What a helper takes, by an example.
pub(super) fn argument_form(name: &str) -> String {
    match name {
        "truncate" => "write `{{truncate text 200}}`".to_owned(),
        _ => format!("give `{name}` an attribute that is a list, or write the value itself"),
    }
}

/// How a helper is written.
fn form(name: &str) -> String {
    match name {
        "if" | "unless" | "each" | "with" => format!("write `{{{{#{name} value}}}}…{{{{/{name}}}}}`"),
        "raw" => "write `{{{{raw}}}}…{{{{/raw}}}}`".to_owned(),
        "role" => "write `{{role \"system\"}}` where the message begins".to_owned(),
        _ => format!("write `{{{{{name} value …}}}}` with {}", arguments(name)),
    }
}
