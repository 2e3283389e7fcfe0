//! `runs log`

use std::time::Duration;

use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::{EventKind, RunEvent, Status as _};
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};
use crate::words::moment;

/// How often a run that goes on is looked at: other processes cannot call us.
const POLL: Duration = Duration::from_millis(300);

/// Show the events of a run in order
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// Wait for more until the run has ended; with `--json`, one event a line
    #[arg(long, short)]
    follow: bool,
    /// Only events after this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let output = &context.output;
    let mut after = args.after;
    let mut all = Vec::new();
    loop {
        // The state is read before the events, so that an ended run has no more of them.
        let has_ended = store.run_fetch(run).await?.run.status.is_terminal();
        let events = store.event_list(run, after, PAGE_ROWS_MAX).await?;
        let is_page_full = events.len() == PAGE_ROWS_MAX;
        after = events.last().map_or(after, |event| event.sequence);
        for event in events {
            match (output.is_json(), args.follow) {
                (true, false) => all.push(event),
                (true, true) => output.document(&serde_json::to_string(&event).map_err(Failure::unexpected)?),
                (false, _) => output.result(line(&event)?),
            }
        }
        if output.is_closed() || (!is_page_full && (has_ended || !args.follow)) {
            break;
        }
        if !is_page_full {
            tokio::time::sleep(POLL).await;
        }
    }
    if output.is_json() && !args.follow {
        output.json(&json!({ "format": "branchline.events/1", "run": run, "events": all }))?;
    }
    Ok(ExitCode::Ok)
}

/// `2026-11-22 09:30:00Z  step_started  main.write  attempt 1`
fn line(event: &RunEvent) -> Result<Text, Failure> {
    let Json::Object(mut fields) = serde_json::to_value(&event.kind).map_err(Failure::unexpected)? else {
        return Ok(Text::new());
    };
    let mut take = |name: &str| fields.remove(name).and_then(|value| value.as_str().map(str::to_owned));
    let (name, step) = (take("event").unwrap_or_default(), take("step").or_else(|| take("section")));
    let tone = match &event.kind {
        EventKind::StepFailed { .. } => Tone::Bad,
        EventKind::StepRetrying { .. } | EventKind::RunRecovered { .. } | EventKind::StepWaiting { .. } => {
            Tone::Warn
        }
        _ => Tone::Plain,
    };
    let rest: Vec<_> = fields.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect();
    Ok(Text::new()
        .push(Tone::Dim, format!("{:>5}  {}  ", event.sequence, moment(event.at)))
        .push(tone, format!("{name:<14}  "))
        .plain(step.map(|step| format!("{step}  ")).unwrap_or_default())
        .push(Tone::Dim, rest.join(", ")))
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Json::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        value => value.to_string(),
    }
}
