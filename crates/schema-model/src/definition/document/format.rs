//! One layout for workflow files: same content, same comments, one way to write it.
//!
//! YAML is read a second time, with its comments, into a tree of its own (`tree`): every comment goes to the part it
//! stands at (`comment`), keys into the order people read them (`level`), and the whole is written again (`write`).
//! Nothing is given back that has not been read again and compared: the values, the content hash and the comments have
//! to be the same.

mod comment;
mod json;
mod level;
mod lines;
mod tree;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decode::PARTIAL_FOLDER;
use super::files::{FileProblem, Files, normalise};
use super::report::Report;
use super::{has_extension, parse_text, read};
use crate::check::Diagnostic;

/// Why a workflow is left as it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// The file is no YAML or JSON of this language.
    #[error("the file has mistakes that have to be mended first")]
    Invalid(Vec<Diagnostic>),
    /// A JSON file with comments, which other readers of JSON refuse.
    #[error("a JSON file holds a comment; name the file `.yaml` to keep it")]
    CommentInJson,
    /// The new layout would not be the same workflow.
    #[error(
        "the new layout of `{file}` would not be the same workflow: this is a defect of branchline, please report it"
    )]
    Unfaithful {
        /// The file that was about to be changed.
        file: String,
    },
}

/// The files of the workflow at `path` whose text is not in the one layout, with their new texts.
///
/// Prompt files are texts of the author: they lose a byte order mark and carriage returns, which mean nothing, and
/// keep everything else.
///
/// # Errors
///
/// [`FormatError`] when the workflow has to stay as it is.
pub fn format(files: &dyn Files, path: &str) -> Result<BTreeMap<String, String>, FormatError> {
    let document = read(files, path);
    // A text that is no workflow at all, such as a prompt, is nothing to lay out.
    let (Some(workflow), Ok(text)) = (&document.workflow, files.read(path)) else {
        return Err(FormatError::Invalid(document.diagnostics));
    };
    let mut changed = Changed { files, texts: BTreeMap::new() };
    let new = layout(path, &text)?;
    changed.put(path, &text, new);
    let prompts = workflow
        .sections
        .iter()
        .flat_map(|section| &section.steps)
        .filter_map(|step| step.prompt_file.clone());
    let partials = files.list(PARTIAL_FOLDER).into_iter().filter(|path| path.starts_with("prompts/_"));
    for path in prompts.chain(partials) {
        if let Ok(text) = files.read(&path) {
            changed.put(&path, &text, normalise(text.clone()));
        }
    }
    let again = if changed.texts.is_empty() { None } else { read(&changed, path).workflow };
    if !changed.texts.is_empty() && again.map(|again| again.content_hash()) != Some(workflow.content_hash()) {
        return Err(FormatError::Unfaithful { file: path.to_owned() });
    }
    Ok(changed.texts)
}

/// The one layout of a workflow file.
///
/// # Errors
///
/// [`FormatError`] when the text has to stay as it is.
pub fn layout(path: &str, text: &str) -> Result<String, FormatError> {
    let root = values(path, text).map_err(FormatError::Invalid)?;
    let unfaithful = || FormatError::Unfaithful { file: path.to_owned() };
    let old = normalise(text.to_owned());
    let new = if has_extension(path, "json") {
        if !tree::comments(&old).is_empty() {
            return Err(FormatError::CommentInJson);
        }
        json::pretty(&root)
    } else {
        let tree = tree::parse(&old).ok_or_else(unfaithful)?;
        write::document(&tree)
    };
    let again = values(path, &new).map_err(|_| unfaithful())?;
    let is_same = again.to_json() == root.to_json() && same_comments(&old, &new);
    if is_same { Ok(new) } else { Err(unfaithful()) }
}

fn values(path: &str, text: &str) -> Result<super::tree::Node, Vec<Diagnostic>> {
    let mut report = Report::default();
    match parse_text(text.to_owned(), &Arc::from(path), &mut report) {
        Some(root) if report.diagnostics.is_empty() => Ok(root),
        _ => Err(report.diagnostics),
    }
}

fn same_comments(old: &str, new: &str) -> bool {
    let sorted = |text: &str| {
        let mut comments = tree::comments(text);
        comments.sort_unstable();
        comments
    };
    sorted(old) == sorted(new)
}

/// The files as they are about to be.
struct Changed<'a> {
    files: &'a dyn Files,
    texts: BTreeMap<String, String>,
}

impl Changed<'_> {
    fn put(&mut self, path: &str, old: &str, new: String) {
        if new != old {
            self.texts.insert(path.to_owned(), new);
        }
    }
}

impl Files for Changed<'_> {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        self.texts.get(path).map_or_else(|| self.files.read(path), |text| Ok(text.clone()))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.files.list(folder)
    }
}
