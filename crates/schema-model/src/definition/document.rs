//! Workflow documents: YAML and JSON files into a [`Workflow`] and back.
//!
//! Reading goes from text to a tree that knows where each of its parts stands (`tree`), and from the tree to the
//! definition (`decode`). Every problem is reported at once; what can be understood is kept, so that the checker
//! can go on. Nothing here opens a file: texts come through [`Files`].
//!
//! ```text
//!  workflow.yaml ─┐
//!  prompts/*.md  ─┼─▶ tree ─▶ decode ─▶ Workflow ─▶ canonical JSON ─▶ content hash
//!  workflow.json ─┘            └─▶ places, problems      └─▶ files again
//! ```

pub mod code;

mod decode;
mod duration;
mod files;
mod format;
mod quote;
mod report;
mod scalar;
mod tree;
mod wire;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value as Json;

use super::{SourceMap, Workflow};
use crate::check::Diagnostic;
use crate::limits::DEFINITION_BYTES_MAX;

pub(crate) use files::is_inside;
pub use files::{FileProblem, Files};
pub use format::{FormatError, format, layout};
pub use wire::workflow_schema;
pub use write::WORKFLOW_FILE;

use report::Report;

/// What reading a document gave.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// The definition, as far as it could be understood; `None` when there is nothing to go on checking. With a
    /// diagnostic that is an error it is not fit to run.
    pub workflow: Option<Workflow>,
    /// Where its parts stand.
    pub sources: SourceMap,
    /// Every problem, in file order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the workflow document at `path`, with the prompt files and partials it uses.
///
/// A path that ends in `.json` is read as JSON, which carries its partials itself; any other file is YAML, and the
/// files `prompts/_*.md` are its partials.
pub fn read(files: &dyn Files, path: &str) -> ReadDocument {
    let mut report = Report::default();
    let file: Arc<str> = Arc::from(path);
    let Some(root) = read_tree(files, &file, &mut report) else {
        return ReadDocument { workflow: None, sources: report.sources, diagnostics: report.diagnostics };
    };
    let is_json = has_extension(path, "json");
    let mut decoder = decode::Decoder::new(files, report, is_json, &root);
    let workflow = decoder.workflow(&root);
    let mut report = decoder.report;
    report.sort(&file);
    if report.diagnostics.iter().any(Diagnostic::is_error) {
        report.sources.mark_partial();
    }
    ReadDocument { workflow, sources: report.sources, diagnostics: report.diagnostics }
}

/// Reads a YAML or JSON text that is no workflow, such as a file of run inputs, by the same rules.
///
/// # Errors
///
/// Every problem of the text.
pub fn read_value(file_name: &str, text: &str) -> Result<Json, Vec<Diagnostic>> {
    let mut report = Report::default();
    let file: Arc<str> = Arc::from(file_name);
    let root = parse_text(text.to_owned(), &file, &mut report);
    match root {
        Some(root) if report.diagnostics.is_empty() => Ok(root.to_json()),
        _ => Err(report.diagnostics),
    }
}

fn read_tree(files: &dyn Files, file: &Arc<str>, report: &mut Report) -> Option<tree::Node> {
    match files.read(file) {
        Ok(text) => parse_text(text, file, report),
        Err(problem) => {
            let message = format!("cannot read `{file}`: {problem}");
            let fix = match crate::name::nearest(file, files.list("").iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "give the path of a workflow file or folder".to_owned(),
            };
            report.error_without_place(code::UNREADABLE, message).fix(fix);
            None
        }
    }
}

fn parse_text(text: String, file: &Arc<str>, report: &mut Report) -> Option<tree::Node> {
    if text.len() > DEFINITION_BYTES_MAX {
        let message = format!("`{file}` has {} bytes, at most {DEFINITION_BYTES_MAX} are read", text.len());
        report.error_without_place(code::TOO_LARGE, message).fix("move prompts into files of their own");
        return None;
    }
    let mut text = files::normalise(text);
    if has_extension(file, "json") {
        text = super::canonical::escape_unprintable(text);
    }
    report.sources.add_file(Arc::clone(file), Arc::from(text.as_str()));
    let root = tree::parse(&tree::Source { file, text: &text, lines_before: 0 }, report);
    if root.is_none() && report.diagnostics.is_empty() {
        report
            .error_without_place(code::SYNTAX, format!("`{file}` is empty"))
            .fix("write `name: …` and `sections: …`");
    }
    root
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}
