//! Collects problems with their places.

use super::code;
use super::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::definition::SourceMap;
use crate::prompt::TextPlace;

/// The problems found so far.
#[derive(Debug)]
pub(super) struct Report<'a> {
    sources: &'a SourceMap,
    diagnostics: Vec<Diagnostic>,
    /// Set while a disabled step is looked at: what it reads is noted, what is wrong with it is not.
    pub(super) is_muted: bool,
}

/// Where something stands, not looked up yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// Not in the definition.
    Nowhere,
    /// The value at a pointer.
    Value(&'a str),
    /// Inside the prompt at a pointer, or inside a partial it includes.
    Text(&'a str, &'a TextPlace),
}

/// [`At`] that can be kept until a problem is known.
#[derive(Debug, Clone)]
pub(super) enum Site {
    Nowhere,
    Value(String),
    Text(String, TextPlace),
}

impl At<'_> {
    pub(super) fn keep(self) -> Site {
        match self {
            Self::Nowhere => Site::Nowhere,
            Self::Value(pointer) => Site::Value(pointer.to_owned()),
            Self::Text(prompt, at) => Site::Text(prompt.to_owned(), at.clone()),
        }
    }
}

impl Site {
    pub(super) fn at(&self) -> At<'_> {
        match self {
            Self::Nowhere => At::Nowhere,
            Self::Value(pointer) => At::Value(pointer),
            Self::Text(prompt, at) => At::Text(prompt, at),
        }
    }
}

impl<'a> Report<'a> {
    pub(super) fn new(sources: &'a SourceMap) -> Self {
        Self { sources, diagnostics: Vec::new(), is_muted: false }
    }

    /// Adds a problem; a code that begins with `BL03` is a warning.
    pub(super) fn add(
        &mut self,
        code: Code,
        message: impl Into<String>,
        places: impl IntoIterator<Item = Option<Place>>,
        fix: impl Into<String>,
    ) {
        if self.is_muted {
            return;
        }
        let severity = if code.0.starts_with("BL03") { Severity::Warning } else { Severity::Error };
        let places = places.into_iter().flatten().collect();
        self.diagnostics.push(Diagnostic {
            code,
            severity,
            message: message.into(),
            places,
            fix: Some(fix.into()),
        });
    }

    /// The place of the value at a pointer.
    pub(super) fn value(&self, pointer: &str, label: &str) -> Option<Place> {
        self.sources.value(pointer).map(|span| self.sources.place(span, label))
    }

    /// The place of the key of the entry at a pointer.
    pub(super) fn key(&self, pointer: &str, label: &str) -> Option<Place> {
        self.sources.key(pointer).map(|span| self.sources.place(span, label))
    }

    /// Whether a problem so far keeps the workflow from running.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether something that the author wrote was not understood, so that nobody knows what it reads.
    pub(super) fn is_partial(&self) -> bool {
        let unread = [
            code::TEMPLATE_SYNTAX,
            code::TEMPLATE_TOO_LARGE,
            code::UNKNOWN_PARTIAL,
            code::CONDITION_SYNTAX,
            code::NO_PROMPT,
        ];
        self.sources.is_partial() || self.diagnostics.iter().any(|problem| unread.contains(&problem.code))
    }

    /// Whether the definition was read from files, which leaves nothing out without a problem of its own.
    pub(super) fn is_from_files(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Whether the author wrote something at exactly this pointer.
    pub(super) fn is_written(&self, pointer: &str) -> bool {
        self.sources.is_written(pointer)
    }

    /// The place something stands for. Finding it costs a walk through the file, so it is only done for problems.
    pub(super) fn place(&self, at: At<'_>) -> Option<Place> {
        match at {
            At::Nowhere => None,
            At::Value(pointer) => self.value(pointer, ""),
            At::Text(prompt, at) => {
                let partial = at.partial.as_ref().map(|name| partial_pointer(name));
                let pointer = partial.as_deref().unwrap_or(prompt);
                Some(self.sources.place_in_text(pointer, at.line, at.column, at.length, ""))
            }
        }
    }

    /// Everything, in file order, each problem once.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|one, other| {
            let key = |diagnostic: &Diagnostic| (diagnostic.places.first().cloned(), diagnostic.code);
            key(one).cmp(&key(other))
        });
        self.diagnostics.dedup();
        self.diagnostics
    }
}

/// The pointer of a partial's text.
pub(crate) fn partial_pointer(name: &str) -> String {
    format!("/partials/{}", escape(name))
}

/// The pointer of a declared attribute.
pub(crate) fn attribute_pointer(name: &str) -> String {
    format!("/attributes/{}", escape(name))
}

/// The pointer of a named type.
pub(super) fn type_pointer(name: &str) -> String {
    format!("/types/{}", escape(name))
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
