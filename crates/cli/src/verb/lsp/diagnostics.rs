//! Problems as the protocol has them: a list for each file.

use std::collections::BTreeMap;

use branchline_schema_model::check::{Diagnostic, Place, Severity};
use gen_lsp_types as lsp;

use super::analysis::Analysis;
use super::position;

/// The problems of each file of a workflow by its name; files without problems have an empty list.
pub(super) fn by_file(
    analysis: &Analysis,
    uri_of: impl Fn(&str) -> Option<lsp::Uri>,
) -> BTreeMap<String, Vec<lsp::Diagnostic>> {
    let mut files: BTreeMap<String, Vec<lsp::Diagnostic>> =
        analysis.read.sources.files().map(|(file, _)| (file.to_string(), Vec::new())).collect();
    files.entry(analysis.name.clone()).or_default();
    for diagnostic in &analysis.diagnostics {
        let main = diagnostic.places.first().filter(|place| files.contains_key(&place.file));
        let file = main.map_or_else(|| analysis.name.clone(), |place| place.file.clone());
        let shown = of(diagnostic, main, analysis, &uri_of);
        files.entry(file).or_default().push(shown);
    }
    files
}

fn of(
    diagnostic: &Diagnostic,
    main: Option<&Place>,
    analysis: &Analysis,
    uri_of: impl Fn(&str) -> Option<lsp::Uri>,
) -> lsp::Diagnostic {
    let range = |place: &Place| position::of_place(place, analysis.line(&place.file, place.line));
    let related: Vec<_> = diagnostic
        .places
        .iter()
        .skip(1)
        .filter_map(|place| {
            let label = if place.label.is_empty() { "here" } else { &place.label };
            let location = lsp::Location { uri: uri_of(&place.file)?, range: range(place) };
            Some(lsp::DiagnosticRelatedInformation { location, message: label.to_owned() })
        })
        .collect();
    let message = match &diagnostic.fix {
        Some(fix) => format!("{}\nfix: {fix}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    lsp::Diagnostic {
        range: main.map(range).unwrap_or_default(),
        severity: Some(match diagnostic.severity {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        }),
        code: Some(lsp::Code::String(diagnostic.code.to_string())),
        code_description: None,
        source: Some("branchline".to_owned()),
        message: lsp::Message::String(message),
        tags: None,
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}
