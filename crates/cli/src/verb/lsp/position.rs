//! Places of the checker and of the protocol: lines and characters from 1 here, lines and UTF-16 units from 0 there.

use branchline_schema_model::check::Place;
use branchline_schema_model::definition::Span;
use gen_lsp_types::{Position, Range};

/// The column, in characters from 1, of a position in its line.
pub(super) fn column(line: &str, units: u32) -> u32 {
    let mut before = 0_u32;
    let inside = line.chars().take_while(|character| {
        before += character.len_utf16() as u32;
        before <= units
    });
    inside.count() as u32 + 1
}

/// The UTF-16 units before a column, in characters from 1, of a line.
pub(super) fn units(line: &str, column: u32) -> u32 {
    let before = line.chars().take(column.saturating_sub(1) as usize);
    before.map(|character| character.len_utf16() as u32).sum()
}

/// A run of characters of a line.
pub(super) fn range(line: &str, number: u32, column: u32, length: u32) -> Range {
    let at = |column| Position { line: number.saturating_sub(1), character: units(line, column) };
    Range { start: at(column), end: at(column.saturating_add(length)) }
}

/// A span of the file whose line is given.
pub(super) fn of_span(span: &Span, line: &str) -> Range {
    range(line, span.line, span.column, span.length)
}

/// A place of the file whose line is given.
pub(super) fn of_place(place: &Place, line: &str) -> Range {
    range(line, place.line, place.column, place.length)
}

/// A line of a text, counted from 0, without what ends it.
pub(super) fn line_of(text: &str, number: u32) -> &str {
    text.lines().nth(number as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_utf_16() {
        let line = "ü🦀{{x}}";
        assert_eq!([1, 2, 3, 4, 9, 99].map(|column| units(line, column)), [0, 1, 3, 4, 8, 8]);
        assert_eq!([0, 1, 2, 3, 4, 99].map(|units| column(line, units)), [1, 2, 2, 3, 4, 8]);
    }
}
