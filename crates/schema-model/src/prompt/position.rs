//! From the place of a tag to the place of a name in it.

use std::collections::BTreeSet;

use super::bounds::else_after;
use super::mention::TextPlace;
use super::tag::{self, Role};

/// A text with the offsets of its lines.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The partial it is; `None` for the prompt.
    pub(super) partial: Option<&'a str>,
    source: &'a str,
    lines: Vec<usize>,
    /// Where the variables stand that were found so far: the same name may stand in one tag twice.
    found: BTreeSet<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(partial: Option<&'a str>, text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { partial, source: text, lines, found: BTreeSet::new() }
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
        self.place(at, length)
    }

    /// The byte offset of the variable `raw` in the tag at `tag`: the next one that was not found before.
    pub(super) fn find_variable(&mut self, tag: usize, raw: &str) -> Option<usize> {
        let words = tag::words(self.source, tag).into_iter();
        let mut same = words
            .filter(|word| word.role == Role::Value && self.source.get(word.start..word.end) == Some(raw));
        let at = same.find(|word| !self.found.contains(&word.start))?.start;
        self.found.insert(at);
        Some(at)
    }

    /// The place of the first word `name` of the tag at `tag`, called or not; of the tag itself when it has none.
    pub(super) fn find_word(&self, tag: usize, name: &str) -> TextPlace {
        let words = tag::words(self.source, tag).into_iter();
        let mut same = words.filter(|word| self.source.get(word.start..word.end) == Some(name));
        same.next()
            .map_or_else(|| self.find(tag, name), |word| self.place(word.start, name.chars().count() as u32))
    }

    /// The byte offset of the next `else` of the block that is opened, or gone on with, at `tag`.
    pub(super) fn find_else(&self, tag: usize) -> Option<usize> {
        else_after(self.source, tag)
    }

    /// The place of a byte offset.
    pub(super) fn place(&self, at: usize, length: u32) -> TextPlace {
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
