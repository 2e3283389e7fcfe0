//! Keys that a reader knows, and what becomes of everything else: it is kept as text, and listed.

use super::report::ImportReport;
use super::tree::Node;

/// What a known key holds; anything else under it is treated as if the key were unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Any,
    Text,
    Whole,
    Flag,
    List,
    Map,
    /// A list, or a map by name.
    Entries,
}

impl Shape {
    fn fits(self, node: &Node) -> bool {
        let text = || node.as_text().map(str::trim);
        match self {
            Self::Any => true,
            Self::Text => text().is_some(),
            Self::Whole => text().is_some_and(|text| text.parse::<i64>().is_ok()),
            Self::Flag => matches!(text(), Some("true" | "false")),
            Self::List => node.as_list().is_some(),
            Self::Map => node.as_map().is_some(),
            Self::Entries => node.as_list().is_some() || node.as_map().is_some(),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Text => "a text",
            Self::Whole => "a whole number",
            Self::Flag => "`true` or `false`",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Entries => "a list or a map",
        }
    }
}

/// Characters of a value that a sentence quotes: the whole of it is kept elsewhere.
const QUOTED_CHARS_MAX: usize = 80;

/// Keeps as notes what stands in a part of a file beside its known keys, and what they hold in an unknown shape.
/// `unknown` says what is wrong with a key nobody knows.
pub(super) fn keep_rest(
    node: &Node,
    known: &[(&str, Shape)],
    unknown: &str,
    place: &str,
    notes: &mut Vec<String>,
    report: &mut ImportReport,
) {
    let Some(entries) = node.as_map() else {
        if !node.is_empty() {
            let line = node.to_line();
            let quoted: String = line.chars().take(QUOTED_CHARS_MAX).collect();
            report.not_understood(
                place,
                format!("`{quoted}` stands where keys belong; it is kept in the description"),
            );
            notes.push(line);
        }
        return;
    };
    for (key, value) in entries {
        let shape = known.iter().find(|(name, _)| name == key).map(|(_, shape)| *shape);
        let reason = match shape {
            None if value.is_empty() => {
                report.info(place, format!("`{key}` {unknown}, and is empty"));
                continue;
            }
            None => unknown.to_owned(),
            Some(shape) if value.is_empty() || shape.fits(value) => continue,
            Some(shape) => format!("is not {}", shape.words()),
        };
        notes.push(format!("{key}: {}", value.to_line()));
        report.not_understood(place, format!("`{key}` {reason}; it is kept in the description"));
    }
}
