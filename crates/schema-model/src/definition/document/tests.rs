//! Whole documents: what is read, and what each problem looks like.
#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes its texts this way")]
#![expect(clippy::too_many_lines, reason = "snapshots of what people read are long")]
#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "short texts, built where they are read"
)]

mod formatting;
mod hostile;
mod keys;
mod prompts;
mod reading;
mod roundtrip;
mod schema;
mod syntax;
mod types;
mod writing;

use std::collections::BTreeMap;
use std::fmt::Write;

use expect_test::Expect;

use super::{ReadDocument, read};

fn files<const N: usize>(files: [(&str, &str); N]) -> BTreeMap<String, String> {
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

fn read_yaml(text: &str) -> ReadDocument {
    read(&files([("workflow.yaml", text)]), "workflow.yaml")
}

/// Diagnostics as plain text.
fn render(document: &ReadDocument) -> String {
    let mut text = String::new();
    for diagnostic in &document.diagnostics {
        writeln!(text, "{}: {}", diagnostic.code, diagnostic.message).unwrap();
        for place in &diagnostic.places {
            let at = format!("  {}:{}:{} {}", place.file, place.line, place.column, place.label);
            writeln!(text, "{}", at.trim_end()).unwrap();
            writeln!(text, "  | {}", place.source_line.replace('\0', "␀")).unwrap();
            let (indent, marks) = (place.column as usize - 1, "^".repeat(place.length as usize));
            writeln!(text, "  | {}{marks}", " ".repeat(indent)).unwrap();
        }
        if let Some(fix) = &diagnostic.fix {
            writeln!(text, "  fix: {fix}").unwrap();
        }
    }
    text
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&render(&read_yaml(text)));
}

/// A workflow whose only step has these lines.
fn check_step(lines: &str, expected: &Expect) {
    let lines: String = lines.lines().map(|line| format!("        {line}\n")).collect();
    let text = format!("name: n\nsections:\n  - name: s\n    steps:\n      - name: t\n{lines}");
    check(&text, expected);
}
