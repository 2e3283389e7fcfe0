//! Giving an attribute another name, everywhere at once.
//!
//! The edited files are read again, and everything has to stand for what it stood for before. So a name that another
//! name would hide, or that means two things in one partial, is found whatever the reason.

use std::collections::BTreeMap;

use super::{Form, Occurrence, Occurrences, Subject};
use crate::definition::{Span, document};
use crate::name::is_attribute_name;

/// A span of a file and what is written there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// Why a name cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenameProblem {
    /// It is no name for an attribute.
    #[error("`{name}` cannot be the name of an attribute: a letter or `_`, then letters, digits and `_`")]
    BadName {
        /// As wanted.
        name: String,
    },
    /// It is taken.
    #[error("there is an attribute `{name}` already")]
    Exists {
        /// As wanted.
        name: String,
    },
    /// Nothing has the old name.
    #[error("there is no attribute `{name}`")]
    Unknown {
        /// The old name.
        name: String,
    },
    /// A file could not be read as a whole, so that places would be missed.
    #[error("mend the errors first: a part of the workflow cannot be read")]
    Unread,
    /// A place that cannot be edited.
    #[error("`{name}` stands at {}:{} in a text that cannot be edited in place; write that text on one line, or as a `|` block", .span.file, .span.line)]
    Hidden {
        /// The attribute.
        name: String,
        /// The text.
        span: Span,
    },
    /// Something would mean something else.
    #[error("with the name `{name}`, {}:{} would mean something else", .span.file, .span.line)]
    Changes {
        /// As wanted.
        name: String,
        /// Where.
        span: Span,
    },
}

/// The edits that give the attribute `from` the name `to`.
///
/// # Errors
///
/// Why it cannot have that name.
pub fn rename(
    read: &document::ReadDocument,
    file: &str,
    from: &str,
    to: &str,
) -> Result<Vec<Edit>, RenameProblem> {
    let workflow = read.workflow.as_ref().ok_or(RenameProblem::Unread)?;
    let before = Occurrences::of(workflow, &read.sources);
    if before.unread.is_some() || read.diagnostics.iter().any(crate::check::Diagnostic::is_error) {
        return Err(RenameProblem::Unread);
    }
    let name = to.to_owned();
    if !is_attribute_name(to) || crate::check::is_reserved(to) {
        return Err(RenameProblem::BadName { name });
    }
    if from == to {
        return Ok(Vec::new());
    }
    if before.places_of(&Subject::Attribute(name.clone())).next().is_some() {
        return Err(RenameProblem::Exists { name });
    }
    let edits = edits(&before, from, to)?;
    if edits.is_empty() {
        return Err(RenameProblem::Unknown { name: from.to_owned() });
    }
    let texts = read.sources.files().map(|(file, text)| (file.to_string(), text.to_string())).collect();
    let after = document::read(&edited(texts, &edits), file);
    let after = after.workflow.as_ref().map(|workflow| Occurrences::of(workflow, &after.sources));
    match first_change(&before, &after.unwrap_or_default(), &edits, (from, to)) {
        Some(one) => Err(RenameProblem::Changes { name, span: one.span.clone() }),
        None => Ok(edits),
    }
}

fn edits(before: &Occurrences, from: &str, to: &str) -> Result<Vec<Edit>, RenameProblem> {
    let subject = Subject::Attribute(from.to_owned());
    let mut edits: Vec<Edit> = Vec::new();
    for one in before.places_of(&subject) {
        match one.form {
            Form::Alias => continue,
            Form::Hidden => {
                return Err(RenameProblem::Hidden { name: from.to_owned(), span: one.span.clone() });
            }
            Form::Name => {}
        }
        // A place in a partial is there once for each step.
        if edits.last().is_none_or(|last| last.span != one.span) {
            edits.push(Edit { span: one.span.clone(), text: to.to_owned() });
        }
    }
    Ok(edits)
}

/// The files with the edits made.
pub(super) fn edited(mut texts: BTreeMap<String, String>, edits: &[Edit]) -> BTreeMap<String, String> {
    for (file, text) in &mut texts {
        let mut own = edits.iter().filter(|edit| *edit.span.file == **file).peekable();
        let mut lines: Vec<String> = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            let (mut at, mut after) = (1, String::new());
            let mut characters = line.chars();
            while let Some(edit) = own.next_if(|edit| edit.span.line as usize == index + 1) {
                after.extend(characters.by_ref().take(edit.span.column.saturating_sub(at) as usize));
                after.push_str(&edit.text);
                at = edit.span.column + edit.span.length;
                characters = line.chars();
                characters.by_ref().take(at as usize - 1).for_each(drop);
            }
            after.extend(characters);
            lines.push(after);
        }
        *text = lines.join("\n");
    }
    texts
}

/// The first place that stands for something else than before.
fn first_change<'a>(
    before: &'a Occurrences,
    after: &Occurrences,
    edits: &[Edit],
    (from, to): (&str, &str),
) -> Option<&'a Occurrence> {
    let expected: BTreeMap<Occurrence, &Occurrence> = before
        .all
        .iter()
        .map(|one| {
            let subject = match &one.subject {
                Subject::Attribute(name) if name == from => Subject::Attribute(to.to_owned()),
                subject => subject.clone(),
            };
            (Occurrence { span: moved(&one.span, edits), subject, ..one.clone() }, one)
        })
        .collect();
    let mut later = after.all.iter();
    let changed = expected.iter().find(|(one, _)| later.next() != Some(one)).map(|(_, one)| *one);
    changed.or_else(|| later.next().and(before.all.first()))
}

/// Where a span is when the edits are made.
fn moved(span: &Span, edits: &[Edit]) -> Span {
    let (mut column, mut length) = (i64::from(span.column), i64::from(span.length));
    let end = span.column + span.length;
    for edit in edits.iter().filter(|edit| (&edit.span.file, edit.span.line) == (&span.file, span.line)) {
        let longer = edit.text.chars().count() as i64 - i64::from(edit.span.length);
        if edit.span.column < span.column {
            column += longer;
        } else if edit.span.column < end {
            length += longer;
        }
    }
    Span { column: column as u32, length: length as u32, ..span.clone() }
}
