//! A block of lines at the bottom of the terminal that is drawn again and again; what has ended scrolls up above it.

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

    /// Shows these lines in the place of those before.
    pub(crate) fn show(&mut self, lines: &[Text]) {
        while self.lines.len() > lines.len() {
            if let Some(bar) = self.lines.pop() {
                bar.finish_and_clear();
                self.bars.remove(&bar);
            }
        }
        while self.lines.len() < lines.len() {
            let style = ProgressStyle::with_template("{wide_msg}");
            let bar =
                ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.lines.push(self.bars.add(bar));
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

    /// Takes the block away; the next lines begin a new one.
    pub(crate) fn clear(&mut self) {
        let _ = self.bars.clear();
        for bar in self.lines.drain(..) {
            // A bar that goes away would draw itself once more.
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        self.bars = bars();
    }
}

fn bars() -> MultiProgress {
    MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS_PER_SECOND))
}
