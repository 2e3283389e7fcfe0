//! One plain line per change, for files, pipes and terminals that cannot draw.

use std::time::{Duration, Instant};

use branchline_schema_model::run::{EventKind, RunEvent};

use super::{FAILURES_SHOWN_MAX, StepProgress, Tracker, step_of};
use crate::output::Output;
use crate::words::{clock, counted, duration, tokens};

/// How often a fan-out that is too large for lines of its own is summed up.
const SUMMARY_INTERVAL: Duration = Duration::from_secs(5);

/// Writes the lines.
pub(crate) struct Lines {
    output: Output,
    summed_up_at: Instant,
}

impl Lines {
    pub(super) fn new(output: Output) -> Self {
        Self { output, summed_up_at: Instant::now() }
    }

    pub(super) fn event(&self, tracker: &Tracker, event: &RunEvent) {
        let words = match tracker.step(event) {
            Some(step) => step_words(tracker, step, event),
            None => run_words(event),
        };
        if let Some(words) = words {
            self.output.note(format!("{} {words}", clock(event.at)));
        }
    }

    pub(super) fn tick(&mut self, tracker: &Tracker) {
        if self.summed_up_at.elapsed() < SUMMARY_INTERVAL {
            return;
        }
        self.summed_up_at = Instant::now();
        for step in tracker.steps.iter().filter(|step| tracker.is_crowd(step) && !tracker.is_complete(step)) {
            if step.started_at.is_none() {
                continue;
            }
            let total = tracker.total(step).unwrap_or_default();
            let failed = if step.failed > 0 { format!(", {} failed", step.failed) } else { String::new() };
            let at = clock(branchline_runtime::clock::now());
            self.output.note(format!(
                "{at} {} {} of {total}, {} running{failed} {} tok",
                step.name,
                step.ended(),
                step.running.len(),
                tokens(step.tokens)
            ));
        }
    }
}

fn run_words(event: &RunEvent) -> Option<String> {
    match &event.kind {
        EventKind::RunStatus { status, reason } => Some(format!(
            "run {status}{}",
            reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
        )),
        EventKind::RunRecovered { lost_attempts } => {
            let lost = counted(u64::from(*lost_attempts), "attempt");
            Some(format!("run recovered, {lost} lost and repeated"))
        }
        EventKind::TurnsUsedUp { section, turns, until } => {
            Some(format!("{section} {}", used_up(*turns, until)))
        }
        _ => None,
    }
}

fn step_words(tracker: &Tracker, step: &StepProgress, event: &RunEvent) -> Option<String> {
    let is_crowd = tracker.is_crowd(step);
    let name = step_of(event).map(|address| tracker.named(address)).unwrap_or_default();
    match &event.kind {
        EventKind::FannedOut { step, branches } => {
            Some(format!("{step} fans out into {}", counted(u64::from(*branches), "branch")))
        }
        EventKind::StepStarted { .. } => {
            (step.calls_model && !tracker.is_branched(step)).then(|| format!("{name} running"))
        }
        EventKind::StepWaiting { .. } => Some(format!("{name} waiting for a person")),
        EventKind::Answered { picked, author, .. } => {
            Some(format!("{name} {}", answered(picked, author.as_deref())))
        }
        EventKind::StepSucceeded { .. } if is_crowd => tracker.is_complete(step).then(|| {
            let (branches, time) = (counted(u64::from(step.ended()), "branch"), duration(step.duration_ms()));
            format!("{} done {branches} {time} {} tok", step.name, tokens(step.tokens))
        }),
        EventKind::StepSucceeded { input_tokens, output_tokens, duration_ms, .. } => {
            let tokens = match input_tokens + output_tokens {
                0 => String::new(),
                count => format!(" {} tok", tokens(count)),
            };
            Some(format!("{name} done {}{tokens}", duration(*duration_ms)))
        }
        EventKind::StepRetrying { .. } | EventKind::StepSkipped { .. } if is_crowd => None,
        EventKind::StepRetrying { attempt, failure, delay_ms, .. } => {
            Some(format!("{name} failed attempt {attempt}, again in {}: {failure}", duration(*delay_ms)))
        }
        EventKind::StepFailed { .. } if step.failed > FAILURES_SHOWN_MAX => None,
        EventKind::StepFailed { failure, tolerated: None, .. } => Some(format!("{name} failed: {failure}")),
        EventKind::StepFailed { failure, tolerated: Some(_), .. } => {
            Some(format!("{name} failed, the run goes on without it: {failure}"))
        }
        EventKind::StepSkipped { reason, .. } => Some(format!("{name} skipped: {reason}")),
        _ => None,
    }
}

/// That turns ended without what they were for.
pub(super) fn used_up(turns: u32, until: &str) -> String {
    format!("goes on after {}, `{until}` does not hold", counted(u64::from(turns), "turn"))
}

/// What was decided, and by whom.
pub(super) fn answered(picked: &[u32], author: Option<&str>) -> String {
    let by = author.map(|author| format!(" by {author}")).unwrap_or_default();
    if picked.is_empty() {
        return format!("answered{by}");
    }
    let picked: Vec<_> = picked.iter().map(u32::to_string).collect();
    format!("chosen{by}: {}", picked.join(", "))
}
