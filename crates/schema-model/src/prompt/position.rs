//! From the place of a tag to the place of a name in it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::bounds::else_after;
use super::lines::Lines;
use super::mention::TextPlace;
use super::tag::{self, Role};

/// A text that is being walked.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The partial it is; `None` for the prompt.
    pub(super) partial: Option<&'a str>,
    source: &'a str,
    lines: Arc<Lines>,
    /// Where the variables stand that were found so far: the same name may stand in one tag twice.
    found: BTreeSet<usize>,
    /// The tag that was looked at last.
    tag: RefCell<Tag<'a>>,
}

/// The words of one tag, by what they are.
#[derive(Debug, Default)]
struct Tag<'a> {
    at: Option<usize>,
    /// Where each word stands first.
    first: HashMap<&'a str, usize>,
    /// Where each variable stands that was not found yet.
    variables: HashMap<&'a str, VecDeque<usize>>,
}

impl<'a> Text<'a> {
    pub(super) fn new(partial: Option<&'a str>, text: &'a str) -> Self {
        Self::with_lines(partial, text, Arc::new(Lines::new(text)))
    }

    /// With the lines of the text, which is included at many places.
    pub(super) fn with_lines(partial: Option<&'a str>, text: &'a str, lines: Arc<Lines>) -> Self {
        Self { partial, source: text, lines, found: BTreeSet::new(), tag: RefCell::default() }
    }

    /// The byte offset of a line and column, both from 1, in characters.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        self.lines.offset(self.source, line, column)
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
        self.look_at(tag);
        let at = self.tag.get_mut().variables.get_mut(raw)?.pop_front()?;
        self.found.insert(at);
        Some(at)
    }

    /// The place of the first word `name` of the tag at `tag`, called or not; of the tag itself when it has none.
    pub(super) fn find_word(&self, tag: usize, name: &str) -> TextPlace {
        self.look_at(tag);
        let first = self.tag.borrow().first.get(name).copied();
        first.map_or_else(|| self.find(tag, name), |at| self.place(at, name.chars().count() as u32))
    }

    /// Reads the words of a tag, once for all that are looked for in it.
    fn look_at(&self, at: usize) {
        let mut tag = self.tag.borrow_mut();
        if tag.at == Some(at) {
            return;
        }
        *tag = Tag { at: Some(at), ..Tag::default() };
        for word in tag::words(self.source, at) {
            let Some(text) = self.source.get(word.start..word.end) else { continue };
            tag.first.entry(text).or_insert(word.start);
            if word.role == Role::Value && !self.found.contains(&word.start) {
                tag.variables.entry(text).or_default().push_back(word.start);
            }
        }
    }

    /// The byte offset of the next `else` of the block that is opened, or gone on with, at `tag`.
    pub(super) fn find_else(&self, tag: usize) -> Option<usize> {
        else_after(self.source, tag)
    }

    /// The place of a byte offset.
    pub(super) fn place(&self, at: usize, length: u32) -> TextPlace {
        let (line, column) = self.lines.position(self.source, at);
        TextPlace { partial: self.partial.map(str::to_owned), line, column, length }
    }

    fn is_word(&self, at: usize, length: usize) -> bool {
        let is_part = |character: char| character.is_alphanumeric() || "_-$:./@".contains(character);
        let before = self.source[..at].chars().next_back();
        let after = self.source[at + length..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    }
}
