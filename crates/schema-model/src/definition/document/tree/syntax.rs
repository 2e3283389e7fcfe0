//! Syntax errors in an author's words.

use granit_parser::{ErrorKind, ScanError, Span as Range};

use super::build::{Source, span_of};
use crate::definition::document::code;
use crate::definition::document::report::Report;
use crate::definition::source::Span;
use crate::limits::DEFINITION_DEPTH_MAX;

const QUOTE: &str = "put the text in quotes, or below the key as a block that starts with `|`";

/// Reports where and why the parser stopped.
pub(super) fn report(error: &ScanError, source: &Source<'_>, lines: &[&str], report: &mut Report) {
    let mut span = span_of(&Range::empty(*error.marker()), source, lines);
    let line =
        lines.get((span.line - source.lines_before).saturating_sub(1) as usize).copied().unwrap_or_default();
    if report.has_error_on(&span) {
        return;
    }
    if let Some(column) = unquoted_template(line) {
        span.column = column;
        span.length = 2;
        report_unquoted_template(&span, report);
        return;
    }
    if let Some((line, column)) = is_tab(error.kind()).then(|| tab_from(&span, source, lines)).flatten() {
        (span.line, span.column) = (line, column);
    }
    let (message, fix) = words(error.kind());
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        report.error(code::TOO_LARGE, &span, message);
        return;
    }
    report.error(code::SYNTAX, &span, message).fix(fix);
}

/// `prompt: {{name}}` is a map in a map for YAML; nobody ever means that.
pub(super) fn report_unquoted_template(span: &Span, report: &mut Report) {
    report.error(code::SYNTAX, span, "a text that begins with `{{` needs quotes").fix(QUOTE);
}

/// The column of `{{` where a value begins with it.
fn unquoted_template(line: &str) -> Option<u32> {
    let (before, _) = line.split_once("{{")?;
    let is_start = before.trim_end().ends_with([':', '-']) || before.trim().is_empty();
    is_start.then(|| before.chars().count() as u32 + 1)
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    )
}

/// The first tab in an indentation from a place on: the parser stops at what stands before it.
fn tab_from(span: &Span, source: &Source<'_>, lines: &[&str]) -> Option<(u32, u32)> {
    let first = (span.line - source.lines_before).saturating_sub(1) as usize;
    lines.iter().enumerate().skip(first).find_map(|(index, line)| {
        let column = line.find(|character: char| !matches!(character, ' '))?;
        let is_tab = line.get(column..)?.starts_with('\t');
        is_tab.then(|| (index as u32 + 1 + source.lines_before, column as u32 + 1))
    })
}

fn words(kind: &ErrorKind) -> (String, &'static str) {
    let (message, fix) = match kind {
        ErrorKind::MappingValueNotAllowed => ("a `: ` inside a text that has no quotes", QUOTE),
        kind if is_tab(kind) => ("a tab in the indentation", "indent with spaces"),
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::MappingKeyNotAllowed => (
            "this line does not fit the lines before it",
            "give keys of one map, and `-` of one list, the same indentation",
        ),
        ErrorKind::SimpleKeyExpected => {
            ("a key without a `:`", "write `key: value`, with a space after the colon")
        }
        ErrorKind::UnclosedQuotedScalar => ("a quote that is not closed", "close the quote"),
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text after the closing quote",
            "put the whole text in quotes, and double a `'` or escape a `\"` inside it",
        ),
        ErrorKind::UnknownQuotedScalarEscape => {
            ("a backslash escape that does not exist", "write `\\\\` for a backslash, or use single quotes")
        }
        ErrorKind::ExpectedFlowMappingSeparator => (
            "a bracket that is not closed, or a comma that is missing",
            "close the bracket or add the comma; between `{` and `}` a list type needs quotes, as in `\"string[]\"`",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence => {
            ("a bracket that is not closed, or a comma that is missing", "close the bracket or add the comma")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (format!("a text cannot begin with `{}`", character.escape_default()), QUOTE);
        }
        ErrorKind::RecursionLimitExceeded => {
            return (format!("the document is nested more than {DEFINITION_DEPTH_MAX} levels deep"), "");
        }
        ErrorKind::InvalidDocumentEnd => ("text after the end of the document", "remove what follows `...`"),
        other => return (other.to_string(), "make this place valid YAML"),
    };
    (message.to_owned(), fix)
}
