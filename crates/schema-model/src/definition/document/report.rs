//! Collects every problem of a document, with its places.

use std::sync::Arc;

use super::tree::{Entry, Node};
use crate::check::{Code, Diagnostic, Severity};
use crate::definition::source::{SourceMap, Span};
use crate::limits::DIAGNOSTICS_MAX;

/// What reading found so far: places and problems.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) sources: SourceMap,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The problem just reported, for its second place and its fix.
pub(super) struct Problem<'a> {
    sources: &'a SourceMap,
    diagnostic: Option<&'a mut Diagnostic>,
}

impl Report {
    /// Reports an error at a place.
    pub(super) fn error(&mut self, code: Code, span: &Span, message: impl Into<String>) -> Problem<'_> {
        // Beyond the limit nothing is kept, so its places are not worth finding.
        let is_full = self.diagnostics.len() >= DIAGNOSTICS_MAX;
        let places = if is_full { Vec::new() } else { vec![self.sources.place(span, "")] };
        self.push(code, places, message.into())
    }

    /// Reports a warning at a place.
    pub(super) fn warning(&mut self, code: Code, span: &Span, message: impl Into<String>) -> Problem<'_> {
        let mut problem = self.error(code, span, message);
        if let Some(diagnostic) = &mut problem.diagnostic {
            diagnostic.severity = Severity::Warning;
        }
        problem
    }

    /// Reports an error that has no place, because there is no file.
    pub(super) fn error_without_place(&mut self, code: Code, message: impl Into<String>) -> Problem<'_> {
        self.push(code, Vec::new(), message.into())
    }

    fn push(&mut self, code: Code, places: Vec<crate::check::Place>, message: String) -> Problem<'_> {
        let diagnostic = if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(Diagnostic { code, severity: Severity::Error, message, places, fix: None });
            self.diagnostics.last_mut()
        } else {
            None
        };
        Problem { sources: &self.sources, diagnostic }
    }

    /// Whether an error was reported on the line of `span`.
    pub(super) fn has_error_on(&self, span: &Span) -> bool {
        let on_line = |place: &crate::check::Place| *place.file == *span.file && place.line == span.line;
        self.diagnostics.iter().any(|diagnostic| diagnostic.places.first().is_some_and(on_line))
    }

    /// Remembers where the entry stands whose canonical pointer is `pointer`.
    pub(super) fn mark(&mut self, pointer: &str, entry: &Entry) {
        self.sources.add_key(pointer, entry.key_span.clone());
        self.mark_value(pointer, &entry.value);
    }

    /// Remembers where a value without a key of its own stands.
    pub(super) fn mark_value(&mut self, pointer: &str, node: &Node) {
        self.sources.add_value(pointer, node.span.clone());
        if let Some(layout) = &node.layout {
            self.sources.add_layout(pointer, layout.clone());
        }
    }

    /// Puts the problems in file order, each once: the workflow file first, then the others by name.
    pub(super) fn sort(&mut self, main_file: &Arc<str>) {
        self.diagnostics.sort_by_cached_key(|diagnostic| {
            let place = diagnostic.places.first();
            place.map(|place| (*place.file != **main_file, place.file.clone(), place.line, place.column))
        });
        self.diagnostics.dedup();
    }
}

impl Problem<'_> {
    /// Adds a second place.
    pub(super) fn place(mut self, span: &Span, label: &str) -> Self {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.places.push(self.sources.place(span, label));
        }
        self
    }

    /// Says what to do about it.
    pub(super) fn fix(mut self, fix: impl Into<String>) {
        if let Some(diagnostic) = &mut self.diagnostic {
            diagnostic.fix = Some(fix.into());
        }
    }
}
