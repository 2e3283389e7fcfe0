//! The lines of a text: which one a byte stands in, and what is written there.

/// A text with the places where its lines begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The number of the line of a byte, from 0.
    pub(super) fn at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// A line without its end.
    pub(super) fn get(&self, line: usize) -> &'a str {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim_end_matches('\n')
    }

    /// The text of the line before a byte.
    pub(super) fn before(&self, byte: usize) -> &'a str {
        let start = self.starts.get(self.at(byte)).copied().unwrap_or_default();
        self.text.get(start..byte).unwrap_or_default()
    }

    /// Whether the line above the one of a byte holds nothing.
    pub(super) fn has_blank_above(&self, byte: usize) -> bool {
        self.at(byte).checked_sub(1).is_some_and(|line| self.get(line).trim().is_empty())
    }
}
