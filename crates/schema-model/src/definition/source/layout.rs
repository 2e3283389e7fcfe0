//! From a place inside a text to its place in the file: what a block, a quoted text and a prompt file each do to the
//! characters of a text.

use std::sync::Arc;

use super::Span;

/// How the characters of one text stand in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::definition) enum TextLayout {
    /// Line for line as it is: a prompt file, a `|` block, a plain text on one line.
    Lines {
        /// The file.
        file: Arc<str>,
        /// The line of the text's first line.
        first_line: u32,
        /// The column of each line's first character.
        column: u32,
    },
    /// Between single quotes on one line; two quotes stand for one.
    SingleQuoted(Span),
    /// Between double quotes on one line, with backslash escapes.
    DoubleQuoted(Span),
}

impl TextLayout {
    pub(super) fn file(&self) -> &Arc<str> {
        match self {
            Self::Lines { file, .. } => file,
            Self::SingleQuoted(span) | Self::DoubleQuoted(span) => &span.file,
        }
    }

    /// The span of the `length` characters at `line` and `column` of the text. `None` when the file has no such place.
    /// `line_of` gives the lines of the file.
    pub(super) fn locate<'a>(
        &self,
        line_of: impl Fn(u32) -> Option<&'a str>,
        line: u32,
        column: u32,
        length: u32,
    ) -> Option<Span> {
        match self {
            Self::Lines { file, first_line, column: first_column } => Some(Span {
                file: Arc::clone(file),
                line: first_line.checked_add(line.checked_sub(1)?)?,
                column: first_column.checked_add(column.checked_sub(1)?)?,
                length: length.max(1),
            }),
            Self::SingleQuoted(span) => {
                locate_quoted(span, line_of(span.line)?, single_quoted, (line, column, length))
            }
            Self::DoubleQuoted(span) => {
                locate_quoted(span, line_of(span.line)?, double_quoted, (line, column, length))
            }
        }
    }
}

/// One character of a quoted text: whether it ends a line, and how many characters it takes in the file.
struct Written {
    ends_line: bool,
    width: u32,
}

fn locate_quoted(
    span: &Span,
    file_line: &str,
    next: fn(&[char]) -> Option<Written>,
    (line, column, length): (u32, u32, u32),
) -> Option<Span> {
    let source: Vec<char> = file_line.chars().collect();
    let mut at = span.column as usize; // The column of the quote from 1 is the offset of what follows it from 0.
    let mut place = (1, 1);
    let mut start = None;
    loop {
        if start.is_none() && place >= (line, column) {
            start = Some(at);
        }
        if place >= (line, column.saturating_add(length)) {
            break;
        }
        let Some(written) = source.get(at..).and_then(next) else { break };
        at += written.width as usize;
        place = if written.ends_line { (place.0 + 1, 1) } else { (place.0, place.1 + 1) };
    }
    let start = start?;
    let length = (at.saturating_sub(start)).max(1) as u32;
    Some(Span { file: Arc::clone(&span.file), line: span.line, column: start as u32 + 1, length })
}

fn single_quoted(rest: &[char]) -> Option<Written> {
    match rest {
        ['\'', '\'', ..] => Some(Written { ends_line: false, width: 2 }),
        ['\''] | ['\'', ..] | [] => None,
        _ => Some(Written { ends_line: false, width: 1 }),
    }
}

fn double_quoted(rest: &[char]) -> Option<Written> {
    let width = match rest {
        ['"', ..] | [] | ['\\'] => return None,
        // JSON writes one character beyond the basic plane as a pair of escapes.
        ['\\', 'u', 'd' | 'D', '8' | '9' | 'a' | 'b' | 'A' | 'B', _, _, '\\', 'u', ..] => 12,
        ['\\', 'x', ..] => 4,
        ['\\', 'u', ..] => 6,
        ['\\', 'U', ..] => 10,
        ['\\', ..] => 2,
        _ => 1,
    };
    Some(Written { ends_line: matches!(rest, ['\\', 'n', ..]), width })
}
