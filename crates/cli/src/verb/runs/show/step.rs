//! `runs show RUN:ADDRESS`: one step in its branches, or one step run with everything it read, asked and wrote.

use std::collections::BTreeMap;

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::{AttemptOutcome, StepAttempt, StepRunAddress};
use branchline_schema_model::store::{StepRunFilter, StepRunView, ValueFilter, ValueView};
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Output, Text, Tone};
use crate::words::{clip, counted, duration, short_id, step_state, tokens, writer};

/// Branches listed; one branch can be shown by its number.
const BRANCHES_SHOWN_MAX: usize = 200;

/// A value that a step run read.
struct Read {
    name: String,
    view: ValueView,
}

pub(super) async fn run(context: &Context, run: WorkflowRunId, address: &str) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let wanted: StepRunAddress = address.parse().map_err(Failure::usage)?;
    let filter = StepRunFilter { limit: PAGE_ROWS_MAX, ..StepRunFilter::at(&wanted) };
    let mut views = store.step_run_list(run, &filter).await?;
    let exact = StepRunAddress { attempt: None, ..wanted.clone() }.to_string();
    let place = views.iter().position(|view| view.address == exact);
    // What is the only one may be left out.
    match place.or((views.len() == 1).then_some(0)) {
        Some(place) => one(context, run, &views.swap_remove(place), wanted.attempt).await?,
        None if views.is_empty() => return Err(unknown(run, address)),
        None => branches(context, run, &views)?,
    }
    Ok(ExitCode::Ok)
}

fn unknown(run: WorkflowRunId, address: &str) -> Failure {
    Failure::usage(format!("the run has nothing at `{address}` (yet)"))
        .fix(format!("`branchline runs show {}` lists its steps", short_id(run)))
}

fn branches(context: &Context, run: WorkflowRunId, views: &[StepRunView]) -> Result<(), Failure> {
    if context.output.is_json() {
        return context
            .output
            .json(&json!({ "format": "branchline.step-runs/1", "run": run, "step_runs": views }));
    }
    let rows = views.iter().take(BRANCHES_SHOWN_MAX).map(|view| {
        let step_run = &view.step_run;
        let time = step_run.started_at.zip(step_run.ended_at).map(|(start, end)| end.millis_since(start));
        let label = step_run.label.as_ref().map(|label| format!("  {}", clip(label, 40))).unwrap_or_default();
        vec![
            format!("{}{label}", view.address),
            step_state(step_run.status).to_string(),
            time.map(duration).unwrap_or_default(),
            step_run.attempts.to_string(),
            tokens(view.usage.input_tokens + view.usage.output_tokens),
            clip(step_run.error.as_deref().unwrap_or_default(), 60),
        ]
    });
    context.output.previews(&["branch", "state", "time", "attempts", "tokens", "error"], rows);
    let hidden = views.len().saturating_sub(BRANCHES_SHOWN_MAX);
    if hidden > 0 {
        context.output.note(format!("… and {} more; --json gives them", counted(hidden as u64, "branch")));
    }
    Ok(())
}

async fn one(
    context: &Context,
    run: WorkflowRunId,
    view: &StepRunView,
    attempt: Option<u32>,
) -> Result<(), Failure> {
    let store = context.store().await?;
    let mut reads = Vec::new();
    for (name, ids) in &view.step_run.inputs {
        for id in ids {
            let filter = ValueFilter { id: Some(*id), ..ValueFilter::default() };
            let found = store.value_list(run, &filter).await?;
            reads.extend(found.into_iter().map(|view| Read { name: name.clone(), view }));
        }
    }
    let filter = ValueFilter { step_run: Some(view.step_run.id), ..ValueFilter::default() };
    let values = store.value_list(run, &filter).await?;
    let attempts = store.attempt_list(view.step_run.id).await?;
    if context.output.is_json() {
        let mut inputs: BTreeMap<&str, Vec<&ValueView>> = BTreeMap::new();
        for read in &reads {
            inputs.entry(&read.name).or_default().push(&read.view);
        }
        return context.output.json(&json!({
            "format": "branchline.step-run/1", "run": run, "step_run": view, "inputs": inputs,
            "attempts": attempts, "values": values,
        }));
    }
    let output = &context.output;
    head(output, view);
    let read = |read: &Read| {
        (read.name.clone(), writer(&read.view.address).to_owned(), read.view.value.value.clone())
    };
    table(output, "read", &reads.iter().map(read).collect::<Vec<_>>());
    let chosen = attempts.iter().rev().find(|one| attempt.is_none_or(|number| one.number == number));
    if let Some(chosen) = chosen {
        show_attempt(output, chosen, attempts.len());
    }
    let wrote = |view: &ValueView| {
        (view.attribute.clone(), view.value.source.name().to_owned(), view.value.value.clone())
    };
    table(output, "wrote", &values.iter().map(wrote).collect::<Vec<_>>());
    Ok(())
}

fn head(output: &Output, view: &StepRunView) {
    let step_run = &view.step_run;
    let state = step_state(step_run.status);
    let time =
        step_run.started_at.zip(step_run.ended_at).map(|(start, end)| duration(end.millis_since(start)));
    let used = view.usage.input_tokens + view.usage.output_tokens;
    let mut parts = vec![counted(u64::from(step_run.attempts), "attempt")];
    parts.extend(time);
    if used > 0 {
        parts.push(format!("{} tok", tokens(used)));
    }
    output.result(
        Text::new()
            .push(Tone::Strong, &view.address)
            .plain(step_run.label.as_ref().map(|label| format!("  {label}")).unwrap_or_default())
            .plain("  ")
            .push(state.tone, &state)
            .push(Tone::Dim, format!("  {}", parts.join(" · "))),
    );
    if let Some(error) = &step_run.error {
        output.paragraph(2, Text::new().push(Tone::Bad, "  ").plain(error));
    }
}

/// `name  where it comes from  value`, one line each.
fn table(output: &Output, title: &str, rows: &[(String, String, String)]) {
    if rows.is_empty() {
        return;
    }
    let width = |column: fn(&(String, String, String)) -> &String| {
        rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
    };
    let (names, origins) = (width(|row| &row.0), width(|row| &row.1));
    output.result("");
    output.result(Text::new().push(Tone::Strong, title));
    for (name, origin, value) in rows {
        output.preview(
            Text::new()
                .plain(format!("  {name:names$}  "))
                .push(Tone::Dim, format!("{origin:origins$}  "))
                .plain(clip(value, 100)),
        );
    }
}

fn show_attempt(output: &Output, attempt: &StepAttempt, count: usize) {
    let title = |words: String| {
        output.result("");
        output.result(Text::new().push(Tone::Strong, words));
    };
    let number = if count > 1 { format!(" of attempt {}", attempt.number) } else { String::new() };
    if let Some(Json::Array(messages)) = attempt.request.as_ref().and_then(|request| request.get("messages"))
    {
        for message in messages {
            let role = message["role"].as_str().unwrap_or_default();
            title(format!("prompt{number} ({role})"));
            output.document(message["content"].as_str().unwrap_or_default());
        }
    }
    if let Some(response) = &attempt.response {
        let model = attempt.model.as_ref().map(|model| format!(" ({model})")).unwrap_or_default();
        title(format!("answer{number}{model}"));
        output.document(response);
    }
    if let Some(AttemptOutcome::Failed(failure)) = &attempt.outcome {
        title(format!("failure{number}"));
        output.result(failure);
    }
}
