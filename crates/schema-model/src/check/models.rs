//! Rules about models.

use std::collections::BTreeSet;

use super::CheckContext;
use super::code;
use super::report::Report;
use crate::definition::Workflow;
use crate::name::nearest;

/// Checks every named model against the aliases of the project, when they are known.
pub(super) fn check(workflow: &Workflow, context: &CheckContext, report: &mut Report<'_>) {
    let Some(aliases) = &context.model_aliases else { return };
    if let Some(model) = &workflow.model {
        check_one(model, "/model", aliases, report);
    }
    for (section_at, section) in workflow.sections.iter().enumerate() {
        for (step_at, step) in section.steps.iter().enumerate() {
            if let Some(model) = &step.model {
                check_one(model, &format!("/sections/{section_at}/steps/{step_at}/model"), aliases, report);
            }
        }
    }
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
