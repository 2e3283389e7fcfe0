//! Where things come from, all their places, and their new names.

use std::collections::BTreeMap;

use branchline_schema_model::occurrence::{self, Form, Occurrence, RenameProblem, Role, Subject};
use gen_lsp_types::{Location, Position, Range, TextEdit, Uri};

use super::analysis::Analysis;
use super::position;

/// The places a subject comes from, seen from one of its places.
pub(super) fn origins(
    from: &Occurrence,
    analysis: &Analysis,
    uri_of: impl Fn(&str) -> Option<Uri>,
) -> Vec<Location> {
    if let Subject::PromptFile(path) = &from.subject {
        let start = Position { line: 0, character: 0 };
        let uri = uri_of(path).filter(|_| analysis.read.sources.text(path).is_some());
        return uri.map(|uri| Location { uri, range: Range { start, end: start } }).into_iter().collect();
    }
    let places = analysis.occurrences.origins(&from.subject);
    places.into_iter().filter_map(|one| location(one, analysis, &uri_of)).collect()
}

/// Every place of a subject, each once.
pub(super) fn places(
    subject: &Subject,
    with_declaration: bool,
    analysis: &Analysis,
    uri_of: impl Fn(&str) -> Option<Uri>,
) -> Vec<Location> {
    let mut places: Vec<&Occurrence> = analysis
        .occurrences
        .places_of(subject)
        .filter(|one| with_declaration || one.role != Role::Declaration)
        .collect();
    places.dedup_by_key(|one| &one.span);
    places.into_iter().filter_map(|one| location(one, analysis, &uri_of)).collect()
}

fn location(one: &Occurrence, analysis: &Analysis, uri_of: impl Fn(&str) -> Option<Uri>) -> Option<Location> {
    Some(Location { uri: uri_of(&one.span.file)?, range: range(one, analysis) })
}

/// Where a place is.
pub(super) fn range(one: &Occurrence, analysis: &Analysis) -> Range {
    position::of_span(&one.span, analysis.line(&one.span.file, one.span.line))
}

/// The attribute that is renamed from a place, or why none is.
pub(super) fn renamed_at(one: Option<&Occurrence>) -> Result<(&str, &Occurrence), String> {
    match one {
        Some(one @ Occurrence { subject: Subject::Attribute(name), form: Form::Name, .. }) => Ok((name, one)),
        Some(Occurrence { subject: Subject::Attribute(name), .. }) => Err(format!(
            "this is a name that the step or the block gives `{name}`; rename `{name}` at one of its own places, or change the name here by hand"
        )),
        _ => Err("only attributes can be renamed".to_owned()),
    }
}

/// The edits that give an attribute another name, by file.
pub(super) fn rename(
    from: &str,
    to: &str,
    analysis: &Analysis,
) -> Result<BTreeMap<String, Vec<TextEdit>>, RenameProblem> {
    let mut files: BTreeMap<String, Vec<TextEdit>> = BTreeMap::new();
    for edit in occurrence::rename(&analysis.read, &analysis.name, from, to)? {
        let range = position::of_span(&edit.span, analysis.line(&edit.span.file, edit.span.line));
        let edit_text = TextEdit { range, new_text: edit.text };
        files.entry(edit.span.file.to_string()).or_default().push(edit_text);
    }
    Ok(files)
}
