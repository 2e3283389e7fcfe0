//! One type for every message about a definition: terminal, JSON, HTTP and editor show the same data.

use std::fmt;

use serde::Serialize;

/// A stable code such as `BL0203`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The workflow does not run.
    Error,
    /// It runs, and probably not as meant.
    Warning,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file as the author knows it, relative to the workflow folder.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Characters to mark on that line, at least 1.
    pub length: u32,
    /// What this place has to do with it; empty for the main place.
    pub label: String,
    /// The source line, for showing.
    pub source_line: String,
}

/// A problem of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence, lower case, no full stop; names in backticks.
    pub message: String,
    /// Where, the main place first; empty for definitions that came from no file.
    pub places: Vec<Place>,
    /// One concrete thing to do.
    pub fix: Option<String>,
}

impl Diagnostic {
    /// Whether it stops the workflow from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `BL0203: message (file:line:column)`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match self.places.first() {
            Some(place) => write!(f, " ({}:{}:{})", place.file, place.line, place.column),
            None => Ok(()),
        }
    }
}
