//! What happened, line by line: hashed always, kept when somebody wants to read it.

use super::clock;

/// The lines of one history.
pub(super) struct History {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl History {
    pub(super) fn new(keeps_lines: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, lines: keeps_lines.then(Vec::new) }
    }

    /// Adds a line, with the time since the beginning.
    pub(super) fn tell(&mut self, text: &str) {
        let at_ms = clock::elapsed_ms();
        for byte in text.bytes().chain(at_ms.to_le_bytes()) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>9}.{:03}  {text}", at_ms / 1_000, at_ms % 1_000));
        }
    }

    /// Equal for equal histories.
    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
