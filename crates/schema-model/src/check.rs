//! The checker: every problem of a workflow that can be known before the first call.
//!
//! Rules that look at one part of the definition stand in a file each (`names`, `types`, `action`, `people`, `models`,
//! `prompts`). What depends on who writes what, and in which branches, is found while the plan is made (`bind`).

mod action;
mod bind;
mod code;
mod describe;
mod diagnostic;
mod example;
mod field;
mod fit;
mod fixed;
mod models;
mod names;
mod people;
mod prompts;
mod report;
mod schema;
mod symbol;
mod types;
mod unread;
mod unused;

pub use code::{CodeInfo, codes};
pub use describe::{AttributeInfo, attributes};
pub use diagnostic::{Code, Diagnostic, Place, Severity};
pub use example::Example;
pub(crate) use names::is_reserved;
pub(crate) use report::{attribute_pointer, partial_pointer};

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{SourceMap, Workflow};
use crate::plan::{Plan, PlanRead, ReadSource};
use crate::prompt::Partials;
use report::Report;
use symbol::Symbols;

/// A prompt that is likely over the context of its model, which a plan finds too when values are known.
pub const PROMPT_OVER_CONTEXT: Code = code::PROMPT_OVER_CONTEXT;

/// What the checker has to know about the world outside the files.
#[derive(Debug, Clone, Default)]
pub struct CheckContext {
    /// Model aliases of the project; `None` leaves model names unchecked (a stored definition is not judged by the
    /// aliases of today). A name with a `/` (`provider/model`) is not an alias and always accepted.
    pub model_aliases: Option<BTreeSet<String>>,
    /// Tokens that models can read, by the names steps call them: aliases and `provider/model`. What is not here is
    /// not judged.
    pub context_tokens: BTreeMap<String, u64>,
    /// Custom actions by name.
    pub actions: BTreeMap<String, CustomAction>,
}

/// What a registered action says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CustomAction {
    /// Whether it changes something outside, so that it must not run before all steps ahead of it ended well.
    pub effect: bool,
}

/// The outcome of a check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Every problem, in file order.
    pub diagnostics: Vec<Diagnostic>,
    /// The compiled workflow; `None` when a diagnostic is an error.
    pub plan: Option<Plan>,
}

/// Checks a workflow and compiles it.
pub fn check(workflow: &Workflow, sources: &SourceMap, context: &CheckContext) -> Checked {
    let mut report = Report::new(sources);
    let partials = Partials::compile(&workflow.partials);
    names::check(workflow, &mut report);
    types::check(workflow, &mut report);
    let symbols = Symbols::collect(workflow, &mut report);
    names::check_attributes(workflow, &symbols, &mut report);
    models::check(workflow, context, &mut report);
    prompts::check_partials(&partials, &mut report);
    for (section_at, section) in workflow.sections.iter().enumerate() {
        for (step_at, step) in section.steps.iter().enumerate() {
            let pointer = format!("/sections/{section_at}/steps/{step_at}");
            report.is_muted = !(section.enabled && step.enabled);
            action::check(step, &pointer, context, &mut report);
            people::check(step, &pointer, &symbols, &mut report);
            fixed::check(step, &pointer, &symbols, &mut report);
            report.is_muted = false;
        }
    }
    let (plan, mentioned) = bind::bind(workflow, context, &symbols, &partials, &mut report);
    if !report.is_partial() {
        let misspelt = unused::check(workflow, &symbols, &plan, &mentioned, &mut report);
        if !report.has_errors() {
            unread::check(&symbols, &plan, &misspelt, &mut report);
        }
    }
    let diagnostics = report.finish();
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    debug_assert!(!is_sound || unread::reads(&plan).all(has_writer), "a read that nothing can give");
    Checked { diagnostics, plan: is_sound.then_some(plan) }
}

fn has_writer(read: &PlanRead) -> bool {
    !matches!(&read.source, ReadSource::Value { writers, .. } if writers.is_empty())
}

#[cfg(test)]
mod tests;
