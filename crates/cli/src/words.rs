//! Short forms of ids, times, numbers and states, the same in every verb.

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{Status as _, StepRunStatus, WorkflowRun, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;
use serde_json::Value as Json;

use crate::output::Tone;

/// The ending of a run's id that people type: enough to tell runs of the same second apart.
const SHORT_ID_CHARS: usize = 8;

/// The ending of the id, which every verb understands.
pub(crate) fn short_id(id: WorkflowRunId) -> String {
    let id = id.to_string();
    id[id.len() - SHORT_ID_CHARS..].to_owned()
}

/// What a person has to know of a type: the values of an enum (`en | de`), else its name.
pub(crate) fn type_words(value_type: &AttributeType) -> String {
    let values = value_type.schema.as_ref().and_then(|schema| schema.get("enum")).and_then(Json::as_array);
    let Some(values) = values else { return value_type.to_string() };
    let words: Vec<_> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    let words = clip(&words.join(" | "), 60);
    if value_type.is_array { format!("list of {words}") } else { words }
}

/// `0.4s`, `12.3s`, `1m52s`, `2h03m`, `3d4h`.
pub(crate) fn duration(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{}.{}s", seconds, millis % 1000 / 100),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// `9s`, `4m`, `2h`, `3d`.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.millis_since(since) / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `812`, `7.0k`, `1.2M`.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}.{}k", count / 1000, count % 1000 / 100),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

/// `1 call`, `3 calls`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = match what {
        _ if count == 1 => return format!("1 {what}"),
        "branch" => "branches".to_owned(),
        _ => format!("{what}s"),
    };
    format!("{count} {plural}")
}

/// `12:04:31`, in UTC.
pub(crate) fn clock(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(11..19).unwrap_or(&text).to_owned()
}

/// `2026-11-22 09:30:00Z`.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).map_or(text.clone(), |text| format!("{}Z", text.replace('T', " ")))
}

/// The text on one line, at most so many characters.
pub(crate) fn clip(text: &str, chars_max: usize) -> String {
    let mut clipped = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length > 0 {
            clipped.push(' ');
        }
        clipped.push_str(word);
        length += usize::from(length > 0) + word.chars().count();
        if length > chars_max {
            let kept: String = clipped.chars().take(chars_max.saturating_sub(1)).collect();
            return format!("{}…", kept.trim_end());
        }
    }
    clipped
}

/// A state as people see it: a mark, a word, a tone.
pub(crate) struct State {
    pub(crate) mark: &'static str,
    pub(crate) word: &'static str,
    pub(crate) tone: Tone,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.mark, self.word)
    }
}

/// Who wrote a value, by the address of its step run: the inputs of a run come from no step that anybody has defined.
pub(crate) fn writer(address: &str) -> &str {
    if address == "inputs.inputs" { "run input" } else { address }
}

/// How a run stands, for programs.
pub(crate) fn status_name(run: &WorkflowRun) -> &'static str {
    let is_waiting = run.status == WorkflowRunStatus::Running && run.waiting;
    if is_waiting { "waiting" } else { run.status.name() }
}

/// How a run stands, for people.
pub(crate) fn run_state(run: &WorkflowRun) -> State {
    let (mark, word, tone) = match run.status {
        WorkflowRunStatus::Running if run.waiting => ("?", "waiting", Tone::Warn),
        // No process has it, and it could go on.
        WorkflowRunStatus::Running if run.owner_id.is_none() => ("!", "stopped", Tone::Warn),
        WorkflowRunStatus::Pending => ("·", "pending", Tone::Dim),
        WorkflowRunStatus::Running => ("…", "running", Tone::Plain),
        WorkflowRunStatus::Paused => ("!", "paused", Tone::Warn),
        WorkflowRunStatus::Succeeded => ("✓", "succeeded", Tone::Good),
        WorkflowRunStatus::Failed => ("✗", "failed", Tone::Bad),
        WorkflowRunStatus::Cancelled => ("-", "cancelled", Tone::Warn),
    };
    State { mark, word, tone }
}

/// How a step run stands.
pub(crate) fn step_state(status: StepRunStatus) -> State {
    let (mark, word, tone) = match status {
        StepRunStatus::Blocked => ("·", "blocked", Tone::Dim),
        StepRunStatus::Ready => ("·", "ready", Tone::Dim),
        StepRunStatus::Held => ("!", "held", Tone::Warn),
        StepRunStatus::Running => ("…", "running", Tone::Plain),
        StepRunStatus::Waiting => ("?", "waiting", Tone::Warn),
        StepRunStatus::Succeeded => ("✓", "done", Tone::Good),
        StepRunStatus::Failed => ("✗", "failed", Tone::Bad),
        StepRunStatus::Skipped => ("-", "skipped", Tone::Dim),
        StepRunStatus::Cancelled => ("-", "cancelled", Tone::Warn),
    };
    State { mark, word, tone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_short() {
        let durations = [0, 450, 12_340, 112_000, 7_380_000, 277_200_000].map(duration);
        assert_eq!(durations, ["0.0s", "0.4s", "12.3s", "1m52s", "2h03m", "3d5h"]);
        assert_eq!([999, 7_049, 1_250_000].map(tokens), ["999", "7.0k", "1.2M"]);
        assert_eq!(
            [counted(1, "branch"), counted(2, "branch"), counted(0, "call")],
            ["1 branch", "2 branches", "0 calls"]
        );
    }

    #[test]
    fn a_clipped_text_is_one_line_of_at_most_so_many_characters() {
        assert_eq!(clip("one\n two", 7), "one two");
        assert_eq!(clip("one two three", 9), "one two…");
        assert_eq!(clip("größenordnung", 5), "größ…");
        for length in 1..20 {
            assert!(
                clip("words of some very different lengths", length).chars().count() <= length,
                "{length}"
            );
        }
    }
}
