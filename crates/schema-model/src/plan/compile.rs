//! From a checked definition to its plan.

use super::Plan;
use crate::check::CheckContext;
use crate::definition::Workflow;

/// Compiles a stored definition again, as whoever resumes a run does.
///
/// # Errors
///
/// The first problem of the definition, which only happens to a document that was never checked.
pub fn compile(workflow: &Workflow, context: &CheckContext) -> Result<Plan, String> {
    let checked = crate::check::check(workflow, &crate::definition::SourceMap::default(), context);
    checked.plan.ok_or_else(|| {
        checked.diagnostics.iter().find(|one| one.is_error()).map(ToString::to_string).unwrap_or_default()
    })
}
