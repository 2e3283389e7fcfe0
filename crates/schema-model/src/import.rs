//! Files that the Ruby program wrote which this schema comes from, and what was made of them.
//!
//! Reading goes from a text to a tree (`tree`), from the tree to what the file says (`foreign`), and from there to a
//! [`Workflow`] (`convert`). Nothing is dropped in silence: every change, every guess and every part that was not
//! understood is an entry of the [`ImportReport`], and what has no place in a definition is kept as text in a
//! description. No Ruby is ever evaluated, no path of another machine is ever opened.
//!
//! ```text
//!  minimal JSON ─┐
//!  symbol YAML ──┤
//!  full JSON ────┼─▶ tree ─▶ ForeignWorkflow ─▶ convert ─▶ Workflow + ImportReport
//!  id JSON ──────┤
//!  POEM YAML ────┘
//! ```

mod convert;
mod foreign;
mod form;
mod ids;
mod keys;
mod poem;
mod read;
mod report;
mod run;
mod tree;

#[cfg(test)]
mod tests;

use crate::definition::Workflow;
use crate::definition::document::Files;

pub use form::Form;
pub use ids::{RUN_IDS_FORMAT, RunParts, WORKFLOW_IDS_FORMAT, run_document, workflow_document};
pub use report::{Finding, FindingKind, ImportReport};
pub use run::{
    ImportedRun, RunDocument, RunFile, RunNames, RunTarget, Seeds, SnapshotFile, read_run_file, run_rows,
    snapshot_inputs,
};

/// A text that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Neither YAML nor JSON.
    #[error("line {line}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// Why the parser stopped.
        reason: String,
    },
    /// Beyond a bound.
    #[error("the file is too large: {0}")]
    TooLarge(String),
    /// Of the form, and still not usable.
    #[error("{0}")]
    Shape(String),
}

/// A workflow made of a file of another program.
#[derive(Debug, Clone)]
pub struct Imported {
    /// What the file was.
    pub form: Form,
    /// The definition. It may still have errors that only its author can mend; `check` finds them.
    pub workflow: Workflow,
    /// What was changed, recognised, not understood.
    pub report: ImportReport,
}

/// How to import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Leaves out what is recognised by names only: fan-outs, gathers and choices.
    pub literal: bool,
}

/// The form of a text; `None` when it is our own language, or nothing that is known.
pub fn detect(text: &str) -> Option<Form> {
    form::detect(&tree::parse(text).ok()?.root)
}

/// Imports the workflow in a text. `files` are those beside it; only POEM definitions name any.
///
/// # Errors
///
/// [`ImportError`] when the text is no such workflow.
pub fn workflow(text: &str, files: &dyn Files, options: ImportOptions) -> Result<Imported, ImportError> {
    let tree = tree::parse(text)?;
    let form = form::detect(&tree.root).filter(|form| form.is_workflow());
    let form = form.ok_or_else(|| ImportError::Shape("this is no workflow of a known form".to_owned()))?;
    let mut report = ImportReport::default();
    let foreign = match form {
        Form::Poem => poem::workflow(&tree, files, &mut report),
        _ => read::workflow(&tree, form, &mut report)?,
    };
    let workflow = convert::convert(&foreign, form, options, &mut report);
    Ok(Imported { form, workflow, report })
}
