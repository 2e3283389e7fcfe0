//! The live block: what runs now, with bars for fan-outs; what has ended scrolls up as plain lines.

use std::collections::HashMap;
use std::sync::Arc;

use branchline_runtime::clock::now;
use branchline_schema_model::run::{EventKind, RunEvent, StepRunAddress};
use branchline_schema_model::time::Timestamp;

use super::lines::{answered, used_up};
use super::{FAILURES_SHOWN_MAX, StepProgress, Tracker, branch_of, step_of};
use crate::output::{LiveBlock, Text, Tone};
use crate::words::{clip, counted, duration, tokens};

/// Lines of the block; the last is the sum.
const LINES_MAX: usize = 12;

/// Cells of a bar.
const BAR_CELLS: u32 = 20;

/// The end of an answer that is kept while it streams, in bytes.
const TAIL_BYTES_MAX: usize = 400;

/// Draws the block.
pub(crate) struct Live {
    block: LiveBlock,
    /// The ends of the answers under way, by address.
    tails: HashMap<Arc<str>, String>,
    is_stopping: bool,
}

impl Live {
    pub(super) fn new(block: LiveBlock) -> Self {
        Self { block, tails: HashMap::new(), is_stopping: false }
    }

    pub(super) fn event(&mut self, tracker: &Tracker, event: &RunEvent) {
        if let EventKind::StepSucceeded { step, .. }
        | EventKind::StepRetrying { step, .. }
        | EventKind::StepFailed { step, .. } = &event.kind
        {
            self.tails.remove(step.as_str());
        }
        if let Some(line) = lasting(tracker, event) {
            self.block.print(&line);
        }
        // A branch that did not end well has a line of its own; the step has one more when it was the last.
        if let (EventKind::StepFailed { .. } | EventKind::StepSkipped { .. }, Some(step)) =
            (&event.kind, tracker.step(event))
            && tracker.is_branched(step)
            && let Some(line) = completed(tracker, step, turn_of(event), tracker.name_width())
        {
            self.block.print(&line);
        }
    }

    pub(super) fn token(&mut self, address: &Arc<str>, text: &str) {
        let tail = self.tails.entry(Arc::clone(address)).or_default();
        tail.push_str(text);
        if tail.len() > TAIL_BYTES_MAX {
            let mut from = tail.len() - TAIL_BYTES_MAX / 2;
            while !tail.is_char_boundary(from) {
                from += 1;
            }
            tail.drain(..from);
        }
    }

    pub(super) fn tick(&mut self, tracker: &Tracker) {
        let lines = self.lines(tracker, now());
        self.block.show(&lines);
    }

    pub(super) fn clear(&mut self) {
        self.block.clear();
    }

    pub(super) fn stopping(&mut self, by_key: bool) {
        self.is_stopping = true;
        if by_key { self.block.clear_behind_echo() } else { self.block.clear() }
    }

    fn lines(&self, tracker: &Tracker, now: Timestamp) -> Vec<Text> {
        let is_under_way = |step: &&StepProgress| {
            !step.running.is_empty() || (step.ended() > 0 && !tracker.is_complete(step))
        };
        let under_way: Vec<_> = tracker.steps.iter().skip(1).filter(is_under_way).collect();
        let mut lines = Vec::new();
        let mut hidden = 0;
        for (position, step) in under_way.iter().enumerate() {
            if lines.len() + 2 >= LINES_MAX {
                hidden = under_way.len() - position;
                break;
            }
            lines.push(step_line(tracker, step, self.tail_of_only(tracker, step), now));
            // Every step that follows keeps a line for itself, one more is for the sum.
            let room = LINES_MAX.saturating_sub(lines.len() + under_way.len() - position);
            if tracker.is_branched(step) && !tracker.is_crowd(step) {
                lines.extend(step.running.iter().take(room.min(4)).map(|(address, since)| {
                    branch_line(
                        &branch_of(address),
                        tracker.labels.get(address).map_or("", String::as_str),
                        self.tails.get(address.as_str()),
                        now.millis_since(*since),
                    )
                }));
            }
        }
        if hidden > 0 {
            lines.push(Text::new().push(Tone::Dim, format!("  … {} more", counted(hidden as u64, "step"))));
        }
        lines.push(sum_line(tracker, self.is_stopping, now));
        lines
    }

    /// The answer of a step that is not in branches.
    fn tail_of_only(&self, tracker: &Tracker, step: &StepProgress) -> Option<&String> {
        if tracker.is_branched(step) {
            return None;
        }
        self.tails.get(step.running.keys().next()?.as_str())
    }
}

fn step_line(tracker: &Tracker, step: &StepProgress, tail: Option<&String>, now: Timestamp) -> Text {
    let width = tracker.name_width();
    let line = Text::new().push(Tone::Accent, "  … ").plain(format!("{:width$}  ", step.name));
    if !tracker.is_branched(step) {
        let since = step.running.values().next().map_or(0, |since| now.millis_since(*since));
        let line = line.plain(format!("{:>6}  ", duration(since)));
        return match tail {
            Some(tail) => line.push(Tone::Dim, last_words(tail)),
            None => line,
        };
    }
    let Some(total) = tracker.total(step) else {
        return line.plain(format!("{} done, {} running", step.ended(), step.running.len()));
    };
    let width = total.to_string().len();
    let line = line.push(Tone::Accent, bar(step.ended(), total)).plain(format!(
        "  {:>width$}/{total}  {} running",
        step.ended(),
        step.running.len()
    ));
    if step.failed > 0 { line.push(Tone::Bad, format!("  {} failed", step.failed)) } else { line }
}

fn branch_line(branch: &str, label: &str, tail: Option<&String>, millis: u64) -> Text {
    let words = tail.map(|tail| last_words(tail)).unwrap_or_default();
    let label = if label.is_empty() { String::new() } else { format!("{}  ", clip(label, 24)) };
    let line = Text::new().plain(format!("      {branch:<6} {:>6}  {label}", duration(millis)));
    line.push(Tone::Dim, words)
}

fn sum_line(tracker: &Tracker, is_stopping: bool, now: Timestamp) -> Text {
    let time = tracker.started_at.map_or(0, |start| now.millis_since(start));
    let sum = format!(
        "  ── {} · {} tok · {} ── {}",
        counted(tracker.calls, "call"),
        tokens(tracker.tokens),
        duration(time),
        if is_stopping { "stopping" } else { "Ctrl-C stops safely" }
    );
    Text::new().push(Tone::Dim, sum)
}

fn bar(ended: u32, total: u32) -> String {
    let full = if total == 0 {
        BAR_CELLS
    } else {
        (u64::from(ended) * u64::from(BAR_CELLS) / u64::from(total)) as u32
    };
    format!("{}{}", "█".repeat(full as usize), "░".repeat((BAR_CELLS - full.min(BAR_CELLS)) as usize))
}

/// The end of a text, on one line.
fn last_words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let from = line.chars().count().saturating_sub(60);
    let end: String = line.chars().skip(from).collect();
    if from > 0 { format!("…{end}") } else { end }
}

/// The lines that stay after an event.
fn lasting(tracker: &Tracker, event: &RunEvent) -> Option<Text> {
    let width = tracker.name_width();
    let line = |tone, mark: &str, name: &str, words: String| {
        Some(Text::new().push(tone, format!("  {mark} ")).plain(format!("{name:width$}  ")).plain(words))
    };
    if let EventKind::RunRecovered { lost_attempts } = &event.kind {
        let lost = counted(u64::from(*lost_attempts), "attempt");
        return line(Tone::Warn, "!", "taken up again", format!("{lost} lost, repeated now"));
    }
    if let EventKind::TurnsUsedUp { section, turns, until } = &event.kind {
        return line(Tone::Warn, "!", section, clip(&used_up(*turns, until), 200));
    }
    let step = tracker.step(event)?;
    let name = step_of(event).map(|address| tracker.named(address)).unwrap_or_default();
    match &event.kind {
        EventKind::FannedOut { branches: 0, .. } => {
            line(Tone::Dim, "-", &step.name, "no branches".to_owned())
        }
        EventKind::Answered { picked, author, .. } => {
            line(Tone::Good, "✓", &name, answered(picked, author.as_deref()))
        }
        // The answer has been shown.
        EventKind::StepSucceeded { .. }
            if tracker.plan_step(step).is_some_and(|step| step.action.is_human()) =>
        {
            None
        }
        EventKind::StepFailed { .. } if step.failed > FAILURES_SHOWN_MAX => None,
        EventKind::StepFailed { failure, .. } => line(Tone::Bad, "✗", &name, clip(&failure.to_string(), 300)),
        EventKind::StepSkipped { reason, .. } if !tracker.is_crowd(step) => {
            line(Tone::Dim, "-", &name, format!("skipped: {}", clip(reason, 200)))
        }
        EventKind::StepSucceeded { .. } => completed(tracker, step, turn_of(event), width),
        _ => None,
    }
}

/// The turn in the address of an event.
fn turn_of(event: &RunEvent) -> Option<u32> {
    step_of(event)?.parse::<StepRunAddress>().ok()?.turn
}

/// The line of a step of which nothing is left to do, in this turn or at all.
fn completed(tracker: &Tracker, step: &StepProgress, turn: Option<u32>, width: usize) -> Option<Text> {
    if !tracker.is_complete(step) {
        return None;
    }
    let branches = match (tracker.noun(step), step.failed) {
        (None, _) => String::new(),
        (Some(noun), 0) => format!("  {}", counted(u64::from(step.ended()), noun)),
        (Some(_), failed) => format!("  {} of {} done, {failed} failed", step.succeeded, step.ended()),
    };
    let used = if step.tokens > 0 { format!("  {:>5} tok", tokens(step.tokens)) } else { String::new() };
    let (tone, mark) = if step.failed > 0 { (Tone::Bad, "✗") } else { (Tone::Good, "✓") };
    let text = Text::new().push(tone, format!("  {mark} ")).plain(format!("{:width$}  ", step.name));
    let time = format!("{:>6}{used}", duration(step.duration_ms()));
    let turn = turn.map(|turn| format!("  turn {turn}")).unwrap_or_default();
    Some(text.push(Tone::Dim, time).plain(branches).plain(turn))
}

#[cfg(test)]
mod tests;
