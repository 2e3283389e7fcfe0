//! A block of lines at the bottom of the terminal that is drawn again and again; what has ended scrolls up above it.

use std::io::{self, Write as _};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::Text;

/// Draws a second at the most.
const DRAWS_PER_SECOND: u8 = 10;

/// The block. Lines wider than the terminal are cut.
#[derive(Debug)]
pub(crate) struct LiveBlock {
    bars: MultiProgress,
    lines: Vec<ProgressBar>,
    color: bool,
}

impl LiveBlock {
    pub(super) fn new(color: bool) -> Self {
        Self { bars: bars(), lines: Vec::new(), color }
    }

    /// A block that nobody sees.
    #[cfg(test)]
    pub(crate) fn hidden() -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        Self { bars, lines: Vec::new(), color: false }
    }

    /// Shows these lines in the place of those before.
    pub(crate) fn show(&mut self, lines: &[Text]) {
        while self.lines.len() > lines.len() {
            if let Some(bar) = self.lines.pop() {
                bar.finish_and_clear();
                self.bars.remove(&bar);
            }
        }
        while self.lines.len() < lines.len() {
            self.lines.push(self.bars.add(ProgressBar::no_length().with_style(style())));
        }
        for (bar, line) in self.lines.iter().zip(lines) {
            bar.set_message(line.render(self.color, true));
        }
    }

    /// A line that stays, above the block.
    pub(crate) fn print(&self, line: &Text) {
        // Whoever closed the standard error does not want to know.
        let _ = self.bars.println(line.render(self.color, true));
    }

    /// Takes the block away after a Ctrl-C. The terminal has written `^C` where the cursor waits, at the right edge, and
    /// so has gone one line down.
    pub(crate) fn clear_behind_echo(&mut self) {
        if !self.lines.is_empty() {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K\x1b[1A");
        }
        self.clear();
    }

    /// Takes the block away; the next lines begin a new one.
    pub(crate) fn clear(&mut self) {
        let _ = self.bars.clear();
        // Lines that go away would have the others drawn once more.
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
        self.lines.clear();
        self.bars = bars();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn bars() -> MultiProgress {
    MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND))
}
