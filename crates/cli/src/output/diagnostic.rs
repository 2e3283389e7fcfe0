//! Diagnostics of a definition as people see them: the sentence, each place with its line, the fix.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use branchline_schema_model::check::{Diagnostic, Place, Severity};

use super::text::harmless;
use super::wrap;

/// A diagnostic as a block of lines. `folder` goes before the names of its files, so that an editor can open them.
/// What is wider than the terminal is broken, and of source lines only the part with the place is shown.
pub(super) fn render(diagnostic: &Diagnostic, folder: &str, color: bool, width: Option<usize>) -> String {
    let broken = |text: &str, before: usize| match width {
        Some(width) => wrap::lines(&harmless(text), width.saturating_sub(before), 0).join("\n"),
        None => harmless(text).into_owned(),
    };
    let lines = lines(&diagnostic.places);
    let title = broken(&diagnostic.message, "warning[BL0000]: ".len());
    let margin = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(0);
    let fix = diagnostic.fix.as_deref().map(|fix| broken(fix, margin + " ╰ fix: ".chars().count()));
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut elements: Vec<Element<'_>> = lines.iter().map(|line| line.snippet(folder).into()).collect();
    if let Some(fix) = &fix {
        elements.push(Level::HELP.with_name("fix").message(fix).into());
    }
    let report = [level.primary_title(&title).id(diagnostic.code.0).elements(elements)];
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = width.into_iter().fold(renderer, Renderer::term_width);
    renderer.decor_style(DecorStyle::Unicode).render(&report)
}

/// A source line with the places marked on it.
struct Line<'a> {
    main: bool,
    file: &'a str,
    number: u32,
    text: String,
    marks: Vec<&'a Place>,
}

/// The places by line, the main one first.
fn lines(places: &[Place]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for place in places {
        match lines.iter_mut().find(|line| line.file == place.file && line.number == place.line) {
            Some(line) => line.marks.push(place),
            None => lines.push(Line {
                main: lines.is_empty(),
                file: &place.file,
                number: place.line,
                text: visible(&place.source_line),
                marks: vec![place],
            }),
        }
    }
    lines
}

impl Line<'_> {
    fn snippet<'s>(&'s self, folder: &str) -> Snippet<'s, annotate_snippets::Annotation<'s>> {
        let marks = self.marks.iter().enumerate().map(|(number, place)| {
            let main = self.main && number == 0;
            let kind = if main { AnnotationKind::Primary } else { AnnotationKind::Context };
            let start = self.byte_of(place.column.saturating_sub(1));
            let end = self.byte_of(place.column.saturating_sub(1) + place.length);
            let annotation = kind.span(start..end);
            if place.label.is_empty() { annotation } else { annotation.label(harmless(&place.label)) }
        });
        Snippet::source(self.text.as_str())
            .path(format!("{folder}{}", harmless(self.file)))
            .line_start(self.number as usize)
            .annotations(marks)
    }

    /// Where the character with that number, from 0, begins.
    fn byte_of(&self, character: u32) -> usize {
        self.text.char_indices().nth(character as usize).map_or(self.text.len(), |(byte, _)| byte)
    }
}

/// The line with every control character replaced by one visible character, so that columns stay.
fn visible(line: &str) -> String {
    line.chars()
        .map(|character| if character.is_control() && character != '\t' { '\u{fffd}' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use branchline_schema_model::check::Code;
    use insta::assert_snapshot;

    use super::*;

    fn place(file: &str, line: u32, column: u32, length: u32, label: &str, source_line: &str) -> Place {
        Place {
            file: file.into(),
            line,
            column,
            length,
            label: label.into(),
            source_line: source_line.into(),
        }
    }

    #[test]
    fn two_places_in_two_files() {
        let diagnostic = Diagnostic {
            code: Code("BL0203"),
            severity: Severity::Error,
            message: "`langage` is not an attribute here".into(),
            places: vec![
                place(
                    "prompts/draft.md",
                    7,
                    13,
                    11,
                    "nothing gives this a value",
                    "Schreibe in {{langage}} über …",
                ),
                place("workflow.yaml", 64, 3, 8, "did you mean this?", "  language: string"),
            ],
            fix: Some("change it to `{{language}}`".into()),
        };
        assert_snapshot!(render(&diagnostic, "workflows/a/", false, None), @"
        error[BL0203]: `langage` is not an attribute here
           ╭▸ workflows/a/prompts/draft.md:7:13
           │
         7 │ Schreibe in {{langage}} über …
           │             ━━━━━━━━━━━ nothing gives this a value
           │
           ⸬  workflows/a/workflow.yaml:64:3
           │
        64 │   language: string
           │   ──────── did you mean this?
           │
           ╰ fix: change it to `{{language}}`
        ");
    }

    #[test]
    fn a_place_past_the_end_and_a_hostile_line_do_no_harm() {
        let diagnostic = Diagnostic {
            code: Code("BL0101"),
            severity: Severity::Warning,
            message: "odd\u{1b}[2J".into(),
            places: vec![
                place("workflow.yaml", 1, 40, 9, "", "name: \u{1b}]0;x\u{7}\u{9b}y"),
                place("workflow.yaml", 1, 1, 4, "", "name: x"),
            ],
            fix: None,
        };
        assert_snapshot!(render(&diagnostic, "", false, None), @"
        warning[BL0101]: odd
          ╭▸ workflow.yaml:1:15
          │
        1 │ name: �]0;x��y
          ╰╴────          ━
        ");
    }
}
