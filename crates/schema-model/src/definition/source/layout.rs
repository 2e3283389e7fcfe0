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
    /// In lines that are joined: a `>` block, or a plain text on several lines. White space differs, nothing else.
    Folded {
        /// The file.
        file: Arc<str>,
        /// The line of the first character that is no white space, or one before it.
        first_line: u32,
        /// Its column.
        column: u32,
        /// The text as it is read.
        text: Arc<str>,
    },
    /// Between single quotes on one line; two quotes stand for one.
    SingleQuoted(Span),
    /// Between double quotes on one line, with backslash escapes.
    DoubleQuoted(Span),
}

impl TextLayout {
    pub(super) fn file(&self) -> &Arc<str> {
        match self {
            Self::Lines { file, .. } | Self::Folded { file, .. } => file,
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
            Self::Folded { file, first_line, column: first_column, text } => {
                let before = marks_before(text, line, column)?;
                let (line, column) = locate_mark(before, line_of, *first_line, *first_column)?;
                Some(Span { file: Arc::clone(file), line, column, length: length.max(1) })
            }
            Self::SingleQuoted(span) => {
                locate_quoted(span, line_of(span.line)?, single_quoted, (line, column, length))
            }
            Self::DoubleQuoted(span) => {
                locate_quoted(span, line_of(span.line)?, double_quoted, (line, column, length))
            }
        }
    }
}

/// Folding changes these and keeps all other characters.
fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// How many characters that are no white space stand before a place of a text, which is one itself.
fn marks_before(text: &str, line: u32, column: u32) -> Option<usize> {
    let start = text.split_inclusive('\n').take(line.checked_sub(1)? as usize).map(str::len).sum::<usize>();
    let (inside, at) = text.get(start..)?.char_indices().nth(column.checked_sub(1)? as usize)?;
    let before = text[..start + inside].chars().filter(|character| !is_white(*character)).count();
    (!is_white(at)).then_some(before)
}

/// The line and column of the character that is no white space and has `before` of them before it.
fn locate_mark<'a>(
    mut before: usize,
    line_of: impl Fn(u32) -> Option<&'a str>,
    first_line: u32,
    first_column: u32,
) -> Option<(u32, u32)> {
    let mut skip = first_column.checked_sub(1)? as usize;
    for line in first_line.. {
        let marks = line_of(line)?.chars().enumerate().skip(skip).filter(|(_, one)| !is_white(*one));
        for (at, _) in marks {
            if before == 0 {
                return Some((line, at as u32 + 1));
            }
            before -= 1;
        }
        skip = 0;
    }
    None
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
