//! Lines that are too long for the terminal, broken between words.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The fewest columns that are written into; on narrower terminals lines run over.
const WIDTH_MIN: usize = 20;

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The longest word.
pub(super) fn word_columns(text: &str) -> usize {
    text.split_whitespace().map(columns).max().unwrap_or(0)
}

/// The parts of a line, in bytes, that fit into so many columns; all but the first stand in by `hang`. A word that is
/// longer than a line is broken, nothing else is.
pub(super) fn parts(line: &str, width: usize, hang: usize) -> Vec<Range<usize>> {
    let width = width.max(WIDTH_MIN);
    let hang = hang.min(width / 2);
    let mut parts = Vec::new();
    let mut start = 0;
    while parts.is_empty() || start < line.len() {
        let room = if parts.is_empty() { width } else { width - hang };
        let end = end_of_part(line, start, room);
        parts.push(start..start + line[start..end].trim_end().len());
        start = end + (line[end..].len() - line[end..].trim_start_matches(' ').len());
    }
    parts
}

/// Where a part that begins at `start` has to end.
fn end_of_part(line: &str, start: usize, room: usize) -> usize {
    let indent = line[start..].len() - line[start..].trim_start_matches(' ').len();
    let (mut used, mut between_words) = (0, None);
    for (at, character) in line[start..].char_indices() {
        if character == ' ' && at >= indent {
            between_words = Some(start + at);
        }
        used += character.width().unwrap_or(0);
        if used > room && character != ' ' {
            // At least one character, or there would be no end.
            return between_words.unwrap_or(start + at.max(character.len_utf8()));
        }
    }
    line.len()
}

/// A text of several lines, each broken into lines of at most so many columns.
pub(super) fn lines(text: &str, width: usize, hang: usize) -> Vec<String> {
    let indent = " ".repeat(hang.min(width.max(WIDTH_MIN) / 2));
    let broken = text.split('\n').flat_map(|line| {
        let parts = parts(line, width, hang).into_iter().enumerate();
        let indent = &indent;
        parts.map(move |(number, part)| match number {
            0 => line[part].to_owned(),
            _ => format!("{indent}{}", &line[part]),
        })
    });
    broken.collect()
}

/// The line, at most so many columns of it.
pub(super) fn cut(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used < width
    };
    let kept: String = line.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_stand_in() {
        assert_eq!(lines("one two three four five", 20, 2), ["one two three four", "  five"]);
        assert_eq!(
            lines("  a list of many words, indented", 20, 4),
            ["  a list of many", "    words, indented"]
        );
        assert_eq!(lines("short\n\nlines", 20, 2), ["short", "", "lines"]);
        assert_eq!(
            lines("a-word-that-is-longer-than-a-line", 20, 0),
            ["a-word-that-is-longe", "r-than-a-line"]
        );
        assert_eq!(
            lines("東京東京東京東京東京 東京", 20, 0),
            ["東京東京東京東京東京", "東京"],
            "two columns each"
        );
        assert_eq!(lines("exactly twenty chars ", 20, 0), ["exactly twenty chars"]);
    }

    #[test]
    fn broken_lines_fit_and_keep_every_word() {
        let text = "some words, and a/path/that/is/longer.than-all of the others (with more behind it) in größeren Mengen";
        for width in 20..60 {
            for hang in [0, 2, 9] {
                let lines = lines(text, width, hang);
                assert!(lines.iter().all(|line| columns(line) <= width), "{width} {lines:?}");
                let kept: String = lines.concat().split_whitespace().collect();
                assert_eq!(kept, text.split_whitespace().collect::<String>());
            }
        }
    }

    #[test]
    fn a_cut_line_is_at_most_so_many_columns() {
        assert_eq!([cut("größe", 5), cut("größer", 5), cut("one two", 5)], ["größe", "größ…", "one…"]);
        assert_eq!([cut("", 0), cut("ab", 1), cut("a", usize::MAX)], ["", "…", "a"]);
        assert_eq!(cut("東京東京", 5), "東京…");
    }
}
