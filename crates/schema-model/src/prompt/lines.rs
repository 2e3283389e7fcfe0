//! Byte offsets of a text as lines and columns, and back.

/// Bytes between two places whose characters before them are counted: a text may be one long line with tens of
/// thousands of names, and a column is asked for each.
const COUNTED_BYTES: usize = 128;

/// Where the lines of a text begin, and how many characters come before some of its places.
#[derive(Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    /// Characters that begin before each multiple of [`COUNTED_BYTES`].
    counts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        let mut counts = vec![0];
        for bytes in text.as_bytes().chunks(COUNTED_BYTES) {
            counts.push(counts[counts.len() - 1] + characters(bytes));
        }
        Self { starts, counts }
    }

    /// The byte offset of a line and column of the text, both from 1, in characters; the beginning of the line when
    /// the text ends before.
    pub(super) fn offset(&self, text: &str, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let wanted = self.characters_before(text, start) + column.saturating_sub(1);
        let counted = self.counts.partition_point(|count| *count <= wanted).saturating_sub(1);
        let near = (counted * COUNTED_BYTES).max(start);
        let near = (near..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        let missing = wanted - self.characters_before(text, near);
        text[near..].char_indices().nth(missing).map_or(start, |(offset, _)| near + offset)
    }

    /// The line and column of a byte offset of the text.
    pub(super) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let column = self.characters_before(text, at) - self.characters_before(text, start) + 1;
        (line as u32, column as u32)
    }

    fn characters_before(&self, text: &str, at: usize) -> usize {
        let counted = (at / COUNTED_BYTES).min(self.counts.len() - 1);
        self.counts[counted] + characters(&text.as_bytes()[counted * COUNTED_BYTES..at])
    }
}

/// Characters that begin in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_places_are_those_that_counting_gives() {
        let text =
            "a{{é}}\n\n日本語\n".to_owned() + &"é{{x}} 😀".repeat(90) + "\r\n" + &"y".repeat(300) + "\nend";
        let lines = Lines::new(&text);
        let (mut line, mut column) = (1, 1);
        for (at, character) in text.char_indices() {
            assert_eq!(lines.position(&text, at), (line, column), "at {at}");
            assert_eq!(lines.offset(&text, line as usize, column as usize), at, "{line}:{column}");
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        assert_eq!(lines.position(&text, text.len()), (6, 4));
        assert_eq!(lines.offset(&text, 6, 400), text.len() - 3);
        assert_eq!(lines.offset("", 1, 1), 0);
    }
}
