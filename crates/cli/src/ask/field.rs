//! Values typed in: run inputs that are missing, and what `input` tasks ask for.

use std::collections::BTreeMap;
use std::path::Path;

use branchline_runtime::engine::{Answer, Task};
use branchline_schema_model::limits::VALUE_BYTES_MAX;
use branchline_schema_model::plan::{Plan, PlanAttribute};
use serde_json::Value as Json;

use super::{Given, Typed, again, line, outputs_of};
use crate::inputs::read_bounded;
use crate::interrupt::Interrupts;
use crate::output::{Output, Text, Tone};
use crate::words::type_words;

/// Asks for the required run inputs that are not in `given`, and puts them there. `false` when the person left.
pub(crate) async fn run_inputs(
    output: &Output,
    plan: &Plan,
    given: &mut BTreeMap<String, Json>,
    interrupts: &mut Interrupts,
) -> bool {
    let missing = plan.run_inputs().filter(|(attribute, input)| {
        input.required && attribute.default.is_none() && !given.contains_key(&attribute.name)
    });
    let missing: Vec<_> = missing.map(|(attribute, _)| attribute).collect();
    for attribute in missing {
        match ask(output, attribute, None, true, interrupts).await {
            Given::Answer(value) => given.extend(value.map(|value| (attribute.name.clone(), value))),
            Given::Later | Given::Interrupted => return false,
        }
    }
    true
}

/// Asks for the values of an `input` task.
pub(super) async fn values(
    output: &Output,
    task: &Task,
    plan: &Plan,
    interrupts: &mut Interrupts,
) -> Given<Answer> {
    let mut values = BTreeMap::new();
    for attribute in outputs_of(plan, task) {
        let default = match &task.default {
            Some(Json::Object(defaults)) if defaults.contains_key(&attribute.name) => {
                defaults.get(&attribute.name)
            }
            default if task.fields.len() == 1 => default.as_ref(),
            _ => None,
        };
        let required = task.fields.iter().all(|field| field.required || field.name != attribute.name);
        match ask(output, attribute, default, required, interrupts).await {
            Given::Answer(value) => values.extend(value.map(|value| (attribute.name.clone(), value))),
            Given::Later => return Given::Later,
            Given::Interrupted => return Given::Interrupted,
        }
    }
    Given::Answer(Answer::Values(values))
}

/// Asks for one value until it fits; `None` when it may be left out and is.
async fn ask(
    output: &Output,
    attribute: &PlanAttribute,
    default: Option<&Json>,
    required: bool,
    interrupts: &mut Interrupts,
) -> Given<Option<Json>> {
    let value_type = &attribute.value_type;
    let wanted = type_words(value_type);
    let default_words = match (default, required) {
        (Some(_), _) => "; Enter takes the default",
        (None, false) => "; Enter leaves it out",
        (None, true) => "",
    };
    let about =
        if attribute.description.is_empty() { String::new() } else { format!("  {}", attribute.description) };
    output.say(Text::new().push(Tone::Strong, &attribute.name).plain(about).push(
        Tone::Dim,
        format!("  ({wanted}; `@file` reads a file{default_words}; Ctrl-D leaves it for later)"),
    ));
    loop {
        let typed = match line(output, &Text::new().push(Tone::Accent, "> "), interrupts).await {
            Typed::Line(typed) => typed,
            Typed::End => return Given::Later,
            Typed::Interrupted => return Given::Interrupted,
        };
        let text = match (typed.strip_prefix('@'), default) {
            (None, Some(default)) if typed.is_empty() => return Given::Answer(Some(default.clone())),
            (None, None) if typed.is_empty() && !required => return Given::Answer(None),
            (None, _) if typed.is_empty() => {
                again(output, "a value is needed; Ctrl-D leaves it for later");
                continue;
            }
            (None, _) => typed,
            (Some(path), _) => match read_bounded(Path::new(path), VALUE_BYTES_MAX) {
                Ok(text) => text,
                Err(failure) => {
                    again(output, &failure.cause.unwrap_or(failure.message));
                    continue;
                }
            },
        };
        match value_type.from_text(&text) {
            Ok(value) => return Given::Answer(Some(value)),
            Err(problem) => again(output, &format!("that does not fit `{wanted}`: {problem}")),
        }
    }
}
