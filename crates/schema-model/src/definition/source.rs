//! Where each part of a definition stands in its files.

mod layout;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Place;
use crate::limits::SOURCE_LINE_CHARS_MAX;

pub(super) use layout::TextLayout;

/// A run of characters in a file: line and column from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file, relative to the workflow folder.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// Characters on that line, at least 1.
    pub length: u32,
}

/// Spans of definition parts by JSON pointer into the canonical document (`/sections/0/steps/1/prompt`), and the
/// texts of the files they point into. Empty for definitions that came from no file.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: BTreeMap<Arc<str>, SourceFile>,
    values: BTreeMap<String, Span>,
    keys: BTreeMap<String, Span>,
    layouts: BTreeMap<String, TextLayout>,
    is_partial: bool,
}

/// A text and where its lines begin.
#[derive(Debug, Clone)]
struct SourceFile {
    text: Arc<str>,
    lines: Vec<usize>,
}

impl SourceFile {
    fn new(text: Arc<str>) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { text, lines }
    }

    /// A line, counted from 1, without what ends it.
    fn line(&self, line: u32) -> Option<&str> {
        let index = line.checked_sub(1)? as usize;
        let start = *self.lines.get(index)?;
        let end = self.lines.get(index + 1).map_or(self.text.len(), |end| end - 1);
        let line = self.text.get(start..end)?;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

impl SourceMap {
    /// Adds the text of a file.
    pub fn add_file(&mut self, file: Arc<str>, text: Arc<str>) {
        self.files.insert(file, SourceFile::new(text));
    }

    /// Says where the value at `pointer` stands.
    pub fn add_value(&mut self, pointer: impl Into<String>, span: Span) {
        self.values.insert(pointer.into(), span);
    }

    /// Says where the key of the entry at `pointer` stands.
    pub fn add_key(&mut self, pointer: impl Into<String>, span: Span) {
        self.keys.insert(pointer.into(), span);
    }

    /// Says how the characters of the text at `pointer` stand in their file.
    pub(super) fn add_layout(&mut self, pointer: impl Into<String>, layout: TextLayout) {
        self.layouts.insert(pointer.into(), layout);
    }

    /// Says that parts of the files could not be read, so that the definition lacks something.
    pub(super) fn mark_partial(&mut self) {
        self.is_partial = true;
    }

    /// Whether parts of the files could not be read.
    pub const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// The span of the value at `pointer`, else of the nearest part around it.
    pub fn value(&self, pointer: &str) -> Option<&Span> {
        nearest_around(pointer, |around| self.values.get(around))
    }

    /// The span of the key at `pointer`, else of its value, else of the nearest part around it.
    pub fn key(&self, pointer: &str) -> Option<&Span> {
        nearest_around(pointer, |around| self.keys.get(around).or_else(|| self.values.get(around)))
    }

    /// Whether the definition came from no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Option<&Arc<str>> {
        self.files.get(file).map(|file| &file.text)
    }

    /// Every file with its text.
    pub fn files(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.files.iter().map(|(name, file)| (name, &file.text))
    }

    /// A line of a file, counted from 1.
    pub fn line(&self, file: &str, line: u32) -> Option<&str> {
        self.files.get(file)?.line(line)
    }

    /// The word `word` at the beginning of the value at exactly `pointer`, with or without quotes around it. `None`
    /// when the file writes it in another way.
    pub fn word_of_value(&self, pointer: &str, word: &str) -> Option<Span> {
        self.word_in(self.values.get(pointer)?, word)
    }

    /// The same for the key of the entry at exactly `pointer`.
    pub fn word_of_key(&self, pointer: &str, word: &str) -> Option<Span> {
        self.word_in(self.keys.get(pointer)?, word)
    }

    /// Whether the value at exactly `pointer`, or its key, was written in a file.
    pub fn is_written(&self, pointer: &str) -> bool {
        self.values.contains_key(pointer) || self.keys.contains_key(pointer)
    }

    fn word_in(&self, span: &Span, word: &str) -> Option<Span> {
        let quotes = u32::from(matches!(self.rest_at(span)?.chars().next()?, '"' | '\''));
        let length = word.chars().count() as u32;
        let inside = Span { column: span.column + quotes, length, ..span.clone() };
        self.rest_at(&inside)?.starts_with(word).then_some(inside)
    }

    /// What stands from the beginning of a span to the end of its line.
    fn rest_at(&self, span: &Span) -> Option<&str> {
        let line = self.line(&span.file, span.line)?;
        let (start, _) = line.char_indices().nth(span.column.checked_sub(1)? as usize)?;
        line.get(start..)
    }

    /// Whether exactly `word` stands in the file at a span.
    pub(crate) fn has_word(&self, span: &Span, word: &str) -> bool {
        self.rest_at(span).is_some_and(|rest| rest.starts_with(word))
            && word.chars().count() == span.length as usize
    }

    /// The place of a part of the text at `pointer` (a prompt, a partial): `line` and `column` count from 1 inside
    /// that text, `length` is in characters.
    ///
    /// A text whose lines were folded has no character places: the whole value is shown instead. A definition that
    /// came from no file gives a place inside the text itself, with the pointer for a file name and no source line.
    pub fn place_in_text(
        &self,
        pointer: &str,
        line: u32,
        column: u32,
        length: u32,
        label: impl Into<String>,
    ) -> Place {
        let inside = self.span_in_text(pointer, line, column, length);
        if let Some(span) = inside.as_ref().or_else(|| self.value(pointer)) {
            return self.place(span, label);
        }
        let (label, source_line) = (label.into(), String::new());
        Place { file: pointer.to_owned(), line, column, length: length.max(1), label, source_line }
    }

    /// The span of a part of the text at `pointer`, if that text stands in its file character by character.
    pub(crate) fn span_in_text(&self, pointer: &str, line: u32, column: u32, length: u32) -> Option<Span> {
        let layout = self.layouts.get(pointer)?;
        let file = self.files.get(layout.file())?;
        layout.locate(|line| file.line(line), line, column, length)
    }

    /// A span as a place to show, with its source line unless that is too long to show.
    pub fn place(&self, span: &Span, label: impl Into<String>) -> Place {
        let line = self.line(&span.file, span.line);
        let line = line.filter(|line| line.len() <= SOURCE_LINE_CHARS_MAX);
        Place {
            file: span.file.to_string(),
            line: span.line,
            column: span.column,
            length: span.length.max(1),
            label: label.into(),
            source_line: line.unwrap_or_default().to_owned(),
        }
    }
}

fn nearest_around<'a>(pointer: &str, find: impl Fn(&str) -> Option<&'a Span>) -> Option<&'a Span> {
    let mut around = pointer;
    loop {
        if let Some(span) = find(around) {
            return Some(span);
        }
        around = &around[..around.rfind('/')?];
    }
}
