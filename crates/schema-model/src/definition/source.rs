//! Where each part of a definition stands in its files.

mod layout;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Place;
use crate::limits::SOURCE_LINE_CHARS_MAX;

pub(super) use layout::TextLayout;

/// A run of characters in a file: line and column from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    files: BTreeMap<Arc<str>, Arc<str>>,
    values: BTreeMap<String, Span>,
    keys: BTreeMap<String, Span>,
    layouts: BTreeMap<String, TextLayout>,
}

impl SourceMap {
    /// Adds the text of a file.
    pub fn add_file(&mut self, file: Arc<str>, text: Arc<str>) {
        self.files.insert(file, text);
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

    /// Whether something was written at exactly this pointer.
    pub fn holds(&self, pointer: &str) -> bool {
        self.values.contains_key(pointer)
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Option<&Arc<str>> {
        self.files.get(file)
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
    pub(super) fn span_in_text(&self, pointer: &str, line: u32, column: u32, length: u32) -> Option<Span> {
        let layout = self.layouts.get(pointer)?;
        layout.locate(self.text(layout.file())?, line, column, length)
    }

    /// A span as a place to show, with its source line unless that is too long to show.
    pub fn place(&self, span: &Span, label: impl Into<String>) -> Place {
        let line =
            self.text(&span.file).and_then(|text| text.lines().nth(span.line.saturating_sub(1) as usize));
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
