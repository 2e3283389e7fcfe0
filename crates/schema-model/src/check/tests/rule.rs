//! One problem at a time: what it looks like, and that the corrected text has none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::Expect;

use crate::check::{CheckContext, CustomAction, Diagnostic, check};
use crate::definition::document::read;

/// The project the examples belong to.
fn context() -> CheckContext {
    CheckContext {
        model_aliases: Some(["fast", "strong"].map(str::to_owned).into()),
        context_tokens: BTreeMap::from([("local/tiny".to_owned(), 16)]),
        actions: BTreeMap::from([("publish".to_owned(), CustomAction { effect: true })]),
    }
}

/// Every problem of a folder.
pub(super) fn problems_of(files: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let document = read(files, "workflow.yaml");
    let mut diagnostics = document.diagnostics;
    if let Some(workflow) = document.workflow {
        diagnostics.extend(check(&workflow, &document.sources, &context()).diagnostics);
    }
    diagnostics
}

/// Every problem of a document, with a file `prompts/_style.md` beside it. Its model is `fast` if it names none.
pub(super) fn problems(body: &str) -> Vec<Diagnostic> {
    let model = if body.lines().any(|line| line.starts_with("model:")) { "" } else { "model: fast\n" };
    problems_as_written(&format!("{body}{model}"))
}

/// The same, with nothing added but its name.
pub(super) fn problems_as_written(body: &str) -> Vec<Diagnostic> {
    let files = BTreeMap::from([
        ("workflow.yaml".to_owned(), format!("name: example\n{body}")),
        ("prompts/_style.md".to_owned(), "Write plainly.".to_owned()),
    ]);
    problems_of(&files)
}

/// Shows the problems of `wrong`, and asserts that `right` has none.
#[expect(clippy::needless_pass_by_value, reason = "`expect![…]` is written in the call")]
pub(super) fn rule(wrong: &str, expected: Expect, right: &str) {
    expected.assert_eq(&render(&problems(wrong)));
    assert_eq!(render(&problems(right)), "", "the corrected text still has problems");
}

pub(super) fn render(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        writeln!(text, "{}: {}", diagnostic.code, diagnostic.message).unwrap();
        for place in &diagnostic.places {
            let at = format!("  {}:{}:{} {}", place.file, place.line, place.column, place.label);
            writeln!(text, "{}", at.trim_end()).unwrap();
            writeln!(text, "  | {}", place.source_line).unwrap();
            let indent = " ".repeat(place.column as usize - 1);
            writeln!(text, "  | {indent}{}", "^".repeat(place.length as usize)).unwrap();
        }
        if let Some(fix) = &diagnostic.fix {
            writeln!(text, "  fix: {fix}").unwrap();
        }
    }
    text
}
