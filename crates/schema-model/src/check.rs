//! The checker: every problem of a workflow that can be known before the first call.

mod diagnostic;

pub use diagnostic::{Code, Diagnostic, Place, Severity};

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{SourceMap, Workflow};
use crate::plan::Plan;

/// What the checker has to know about the world outside the files.
#[derive(Debug, Clone, Default)]
pub struct CheckContext {
    /// Model aliases of the project; `None` leaves model names unchecked (a stored definition is not judged by the
    /// aliases of today). A name with a `/` (`provider/model`) is not an alias and always accepted.
    pub model_aliases: Option<BTreeSet<String>>,
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
pub fn check(_workflow: &Workflow, _sources: &SourceMap, _context: &CheckContext) -> Checked {
    Checked { diagnostics: Vec::new(), plan: None }
}
