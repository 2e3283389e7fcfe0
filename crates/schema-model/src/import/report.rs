//! What an import changed, recognised and did not understand.

use std::fmt;

use serde::Serialize;

use crate::limits::IMPORT_FINDINGS_MAX;

/// What kind of entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A meaning that the file only hints at was applied.
    Recognised,
    /// Something is written differently from the file.
    Changed,
    /// Something could not be given a meaning; it is kept as text.
    NotUnderstood,
    /// Something has no place where it goes to, and is not kept.
    LeftOut,
    /// Worth knowing; nothing was done about it.
    Info,
}

impl FindingKind {
    /// All kinds, in the order they are shown.
    pub const ALL: [Self; 5] =
        [Self::Recognised, Self::Changed, Self::NotUnderstood, Self::LeftOut, Self::Info];

    /// The heading above the entries of this kind.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Recognised => "recognised",
            Self::Changed => "changed",
            Self::NotUnderstood => "not understood, kept as text",
            Self::LeftOut => "left out",
            Self::Info => "worth knowing",
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of entry it is.
    pub kind: FindingKind,
    /// Where: `Section / Step`, `attribute NAME`, `prompt NAME`, or `workflow`.
    pub place: String,
    /// One sentence, lower case, no full stop; names in backticks.
    pub sentence: String,
}

/// Every entry of an import, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The entries.
    pub findings: Vec<Finding>,
    /// Entries beyond the limit, which are only counted.
    pub not_listed: usize,
}

impl ImportReport {
    /// The entries of one kind.
    pub fn of_kind(&self, kind: FindingKind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.kind == kind)
    }

    pub(super) fn recognised(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(FindingKind::Recognised, place.into(), sentence.into());
    }

    pub(super) fn changed(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(FindingKind::Changed, place.into(), sentence.into());
    }

    pub(super) fn not_understood(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(FindingKind::NotUnderstood, place.into(), sentence.into());
    }

    pub(super) fn left_out(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(FindingKind::LeftOut, place.into(), sentence.into());
    }

    pub(super) fn info(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(FindingKind::Info, place.into(), sentence.into());
    }

    fn add(&mut self, kind: FindingKind, place: String, sentence: String) {
        let finding = Finding { kind, place, sentence };
        if self.findings.len() < IMPORT_FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.not_listed += 1;
        }
    }
}

/// The entries by kind, one a line.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in FindingKind::ALL {
            let mut entries = self.of_kind(kind).peekable();
            if entries.peek().is_some() {
                writeln!(f, "{}", kind.heading())?;
            }
            for finding in entries {
                writeln!(f, "  {}: {}", finding.place, finding.sentence)?;
            }
        }
        if self.not_listed > 0 {
            writeln!(f, "and {} more", self.not_listed)?;
        }
        Ok(())
    }
}
