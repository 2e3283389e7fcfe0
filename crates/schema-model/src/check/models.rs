//! Rules about models.

use std::collections::BTreeSet;

use super::CheckContext;
use super::action::effective;
use super::code;
use super::report::Report;
use crate::definition::{Action, Workflow};
use crate::name::nearest;
use crate::prompt::BYTES_PER_TOKEN;

/// Checks every named model against the aliases of the project, when they are known, and that one is named.
pub(super) fn check(workflow: &Workflow, context: &CheckContext, report: &mut Report<'_>) {
    check_contexts(workflow, context, report);
    let Some(aliases) = &context.model_aliases else { return };
    if let Some(model) = &workflow.model {
        check_one(model, "/model", aliases, report);
    }
    for (section_at, section) in workflow.sections.iter().enumerate() {
        for (step_at, step) in section.steps.iter().enumerate() {
            if let Some(model) = &step.model {
                check_one(model, &format!("/sections/{section_at}/steps/{step_at}/model"), aliases, report);
            }
            for (at, variant) in step.variants.iter().enumerate() {
                if let Some(model) = &variant.model {
                    let pointer = format!("/sections/{section_at}/steps/{step_at}/variants/{at}/model");
                    check_one(model, &pointer, aliases, report);
                }
            }
        }
    }
    if workflow.model.is_none() {
        check_missing(workflow, report);
    }
}

/// Warns of templates that are too long for their model before any value is in them.
fn check_contexts(workflow: &Workflow, context: &CheckContext, report: &mut Report<'_>) {
    for (section_at, section) in workflow.sections.iter().enumerate().filter(|(_, section)| section.enabled) {
        for (step_at, step) in section.steps.iter().enumerate().filter(|(_, step)| step.enabled) {
            let own = step.model.as_ref().or(workflow.model.as_ref());
            let variants = step.variants.iter().filter_map(|variant| variant.model.as_ref());
            let names = own
                .filter(|_| step.variants.iter().any(|one| one.model.is_none()) || step.variants.is_empty());
            let contexts = names
                .into_iter()
                .chain(variants)
                .filter_map(|name| context.context_tokens.get(name).map(|tokens| (*tokens, name)));
            let Some((context_tokens, model)) = contexts.min() else { continue };
            let bytes = step.prompt.as_ref().map_or(0, String::len) as u64;
            let (most, least) = (bytes.div_ceil(BYTES_PER_TOKEN.0), bytes.div_ceil(BYTES_PER_TOKEN.1));
            if effective(step) != Action::Prompt || u64::midpoint(least, most) <= context_tokens {
                continue;
            }
            report.add(
                code::PROMPT_OVER_CONTEXT,
                format!(
                    "the prompt of `{}` has {least} to {most} tokens without any value, and `{model}` reads {context_tokens}",
                    step.name
                ),
                [report.value(&format!("/sections/{section_at}/steps/{step_at}/name"), "")],
                "shorten the prompt, make several steps of it, or name a model that reads more",
            );
        }
    }
}

/// Warns at the first step that would call a model nobody names. A run may still be given one.
fn check_missing(workflow: &Workflow, report: &mut Report<'_>) {
    let sections = workflow.sections.iter().enumerate().filter(|(_, section)| section.enabled);
    let mut steps = sections.flat_map(|(section_at, section)| {
        let steps = section.steps.iter().enumerate();
        steps.map(move |(step_at, step)| (format!("/sections/{section_at}/steps/{step_at}/name"), step))
    });
    let first = steps.find(|(_, step)| {
        step.enabled && step.model.is_none() && effective(step) == Action::Prompt && step.prompt.is_some()
    });
    let Some((pointer, step)) = first else { return };
    report.add(
        code::NO_MODEL,
        format!("`{}` calls a model, and neither it nor the workflow names one", step.name),
        [report.value(&pointer, "")],
        "write `model:` at the top of the workflow, or give a run its model with `--model`",
    );
}

fn check_one(model: &str, pointer: &str, aliases: &BTreeSet<String>, report: &mut Report<'_>) {
    if model == "mock" || model.contains('/') || aliases.contains(model) {
        return;
    }
    let known = aliases.iter().map(String::as_str).chain(["mock"]);
    let fix = match nearest(model, known) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => format!("add `{model}` to the models in branchline.toml, or write `provider/model`"),
    };
    let place = report.value(pointer, "");
    report.add(code::UNKNOWN_MODEL, format!("there is no model alias `{model}`"), [place], fix);
}
