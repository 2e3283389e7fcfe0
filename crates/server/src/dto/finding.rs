//! Findings of the checker on the wire.

use branchline_schema_model::check::{Diagnostic, Place, Severity};
use serde::Serialize;

/// A problem of a definition. The source lines are left out: the client has the text, and a document on one line
/// would come back with every place.
#[derive(Debug, Clone, Serialize)]
pub struct FindingBody {
    /// Stable code such as `BL0203`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where in the body, the main place first.
    pub places: Vec<PlaceBody>,
    /// One concrete thing to do.
    pub fix: Option<String>,
}

/// A place in the body of the request.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceBody {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Characters.
    pub length: u32,
    /// What this place has to do with it; empty for the main place.
    pub label: String,
}

impl From<Diagnostic> for FindingBody {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            code: diagnostic.code.0,
            severity: diagnostic.severity,
            message: diagnostic.message,
            places: diagnostic.places.into_iter().map(PlaceBody::from).collect(),
            fix: diagnostic.fix,
        }
    }
}

impl From<Place> for PlaceBody {
    fn from(place: Place) -> Self {
        Self { line: place.line, column: place.column, length: place.length, label: place.label }
    }
}
