//! From the place of a tag to the place of a name in it.

use super::mention::TextPlace;

/// A text with the offsets of its lines.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The partial it is; `None` for the prompt.
    pub(super) partial: Option<&'a str>,
    source: &'a str,
    lines: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(partial: Option<&'a str>, text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        Self { partial, source: text, lines: std::iter::once(0).chain(ends).collect() }
    }

    /// The byte offset of a line and column, both from 1, in characters.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let within = self.source[start..].char_indices().nth(column.saturating_sub(1));
        start + within.map_or(0, |(offset, _)| offset)
    }

    /// The place of `name` as a whole word at or after `from`; of `from` itself when it is not found.
    pub(super) fn find(&self, from: usize, name: &str) -> TextPlace {
        let found = self.source[from..].match_indices(name).map(|(offset, _)| from + offset);
        let found =
            if name.is_empty() { None } else { found.into_iter().find(|at| self.is_word(*at, name.len())) };
        let (at, length) = found.map_or((from, 2), |at| (at, name.chars().count() as u32));
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        TextPlace {
            partial: self.partial.map(str::to_owned),
            line: line as u32,
            column: self.source[start..at].chars().count() as u32 + 1,
            length,
        }
    }

    fn is_word(&self, at: usize, length: usize) -> bool {
        let is_part = |character: char| character.is_alphanumeric() || "_-$:./@".contains(character);
        let before = self.source[..at].chars().next_back();
        let after = self.source[at + length..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    }
}
