//! `runs show`

mod step;

use std::collections::BTreeMap;

use branchline_runtime::clock::now;
use branchline_schema_model::definition::Action;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::{Status as _, StepRunAddress, StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::store::{RunSummary, StepRunFilter, StepRunView, ValueFilter, WorkflowVersion};
use branchline_schema_model::time::Timestamp;
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};
use crate::report;
use crate::words::{clip, counted, duration, moment, run_state, short_id, step_state, tokens};

/// Failures that are shown; the others are counted.
const FAILURES_SHOWN_MAX: usize = 10;

/// Show a run step by step, or one step or branch of it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run, or `RUN:section.step/branch`
    #[arg(value_name = "RUN[:ADDRESS]", default_value = "last")]
    run: String,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let (run, address) =
        args.run.split_once(':').map_or((args.run.as_str(), None), |(run, at)| (run, Some(at)));
    let run = context.store().await?.run_find(run).await?;
    if let Some(address) = address {
        return step::run(context, run, address).await;
    }
    let store = context.store().await?;
    let summary = store.run_fetch(run).await?;
    let workflow = store.workflow_fetch(summary.run.workflow_id).await?;
    let rows = step_rows(&workflow, &all_step_runs(context, run).await?);
    if context.output.is_json() {
        let engine = engine::start(context, None).await?;
        let mut result = report::as_json(context, &summary, &engine.run_outputs(run).await?).await?;
        result["steps"] = rows.iter().map(Row::as_json).collect();
        context.output.json(&result)?;
    } else {
        show(context, &summary, &rows).await?;
    }
    Ok(ExitCode::Ok)
}

pub(super) async fn all_step_runs(
    context: &Context,
    run: WorkflowRunId,
) -> Result<Vec<StepRunView>, Failure> {
    let store = context.store().await?;
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|view: &StepRunView| view.step_run.id);
        let filter = StepRunFilter { after, limit: PAGE_ROWS_MAX, ..StepRunFilter::default() };
        let page = store.step_run_list(run, &filter).await?;
        let is_full = page.len() == PAGE_ROWS_MAX;
        all.extend(page);
        if !is_full {
            return Ok(all);
        }
    }
}

/// One step in all its branches.
#[derive(Debug, Default)]
struct Row {
    step: String,
    states: BTreeMap<StepRunStatus, u32>,
    branched: bool,
    calls: u64,
    tokens: u64,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// Addresses with the names of their branches, and why.
    failures: Vec<(String, Option<String>, String)>,
}

/// Every step but `inputs`, in order.
fn step_rows(workflow: &WorkflowVersion, views: &[StepRunView]) -> Vec<Row> {
    let sections = workflow.sections.iter().skip(1);
    let steps = sections
        .flat_map(|section| section.steps.iter().map(move |step| (section, step)))
        .filter(|(_, step)| !Action::is_implicit_name(&step.action))
        .map(|(section, step)| format!("{}.{}", section.slug, step.slug));
    let mut rows: Vec<Row> = steps.map(|step| Row { step, ..Row::default() }).collect();
    let places: BTreeMap<String, usize> =
        rows.iter().enumerate().map(|(place, row)| (row.step.clone(), place)).collect();
    for view in views {
        let Ok(address) = view.address.parse::<StepRunAddress>() else { continue };
        if let Some(place) = places.get(&format!("{}.{}", address.section, address.step)) {
            rows[*place].add(view);
        }
    }
    rows
}

impl Row {
    fn add(&mut self, view: &StepRunView) {
        let run = &view.step_run;
        *self.states.entry(run.status).or_default() += 1;
        self.branched |= view.address != self.step;
        self.calls += view.calls;
        self.tokens += view.usage.input_tokens + view.usage.output_tokens;
        self.started_at = [self.started_at, run.started_at].into_iter().flatten().min();
        self.ended_at = self.ended_at.max(run.ended_at);
        // What is held has failed when it has an error: it is what paused the run.
        let is_held = run.status == StepRunStatus::Held && run.error.is_some();
        if run.status == StepRunStatus::Failed || run.tolerated.is_some() || is_held {
            let error = run.error.clone().unwrap_or_default();
            self.failures.push((view.address.clone(), run.label.clone(), error));
        }
    }

    fn count(&self) -> u32 {
        self.states.values().sum()
    }

    /// The state that says most about the whole.
    fn state(&self) -> StepRunStatus {
        use StepRunStatus::{Blocked, Cancelled, Failed, Held, Ready, Running, Skipped, Succeeded, Waiting};
        let order = [Failed, Running, Waiting, Held, Ready, Cancelled, Succeeded, Skipped];
        order.into_iter().find(|state| self.states.contains_key(state)).unwrap_or(Blocked)
    }

    fn branches(&self) -> String {
        if !self.branched {
            return String::new();
        }
        let states =
            self.states.iter().map(|(status, count)| format!("{count} {}", step_state(*status).word));
        states.collect::<Vec<_>>().join(", ")
    }

    fn duration_ms(&self) -> Option<u64> {
        let is_over = self.states.keys().all(|status| status.is_terminal());
        let end = if is_over { self.ended_at } else { Some(now()) };
        self.started_at.zip(end).map(|(start, end)| end.millis_since(start))
    }

    /// `is_done`: the run has succeeded, so that what never began had nothing to begin with.
    fn cells(&self, is_done: bool) -> Vec<String> {
        let shown = |count: u64| if count > 0 { tokens(count) } else { String::new() };
        let state = match self.count() {
            0 if is_done => "- no branches".to_owned(),
            0 => String::new(),
            _ => step_state(self.state()).to_string(),
        };
        vec![
            self.step.clone(),
            state,
            self.branches(),
            self.duration_ms().map(duration).unwrap_or_default(),
            shown(self.calls),
            shown(self.tokens),
        ]
    }

    fn as_json(&self) -> Json {
        let states: BTreeMap<&str, u32> =
            self.states.iter().map(|(status, count)| (status.name(), *count)).collect();
        json!({
            "step": self.step, "step_runs": self.count(), "states": states, "calls": self.calls,
            "tokens": self.tokens, "duration_ms": self.duration_ms(),
        })
    }
}

async fn show(context: &Context, summary: &RunSummary, rows: &[Row]) -> Result<(), Failure> {
    let output = &context.output;
    let run = &summary.run;
    let state = run_state(run);
    let label = run.label.as_ref().map(|label| format!("  “{label}”")).unwrap_or_default();
    output.result(
        Text::new()
            .push(Tone::Strong, format!("{}@{}", summary.workflow_name, summary.workflow_version))
            .plain("  ")
            .push(Tone::Accent, short_id(run.id))
            .plain("  ")
            .push(state.tone, &state)
            .plain(label),
    );
    if let Some(reason) = &run.reason {
        output.paragraph(9, format!("why      {reason}"));
    }
    let took = run.started_at.map_or(0, |start| run.ended_at.unwrap_or_else(now).millis_since(start));
    output.result(format!("started  {}, {}", moment(run.created_at), duration(took)));
    output.result(format!(
        "used     {}, {} tok in / {} out",
        counted(summary.calls, "call"),
        tokens(summary.usage.input_tokens),
        tokens(summary.usage.output_tokens)
    ));
    show_inputs(context, run.id).await?;
    output.result("");
    let is_done = run.status == WorkflowRunStatus::Succeeded;
    let cells = rows.iter().map(|row| row.cells(is_done));
    output.table(&["step", "state", "branches", "time", "calls", "tokens"], cells);
    show_failures(context, rows, &short_id(run.id));
    Ok(())
}

async fn show_inputs(context: &Context, run: WorkflowRunId) -> Result<(), Failure> {
    let store = context.store().await?;
    let filter =
        StepRunFilter { step: Some("inputs.inputs".to_owned()), limit: 1, ..StepRunFilter::default() };
    let Some(inputs) = store.step_run_list(run, &filter).await?.pop() else { return Ok(()) };
    let filter = ValueFilter { step_run: Some(inputs.step_run.id), ..ValueFilter::default() };
    for (number, view) in store.value_list(run, &filter).await?.iter().enumerate() {
        let head = if number == 0 { "inputs   " } else { "         " };
        context.output.paragraph(
            11,
            Text::new()
                .plain(format!("{head}{}  ", view.attribute))
                .push(Tone::Dim, clip(&view.value.value, 80)),
        );
    }
    Ok(())
}

fn show_failures(context: &Context, rows: &[Row], id: &str) {
    let failures: Vec<_> = rows.iter().flat_map(|row| &row.failures).collect();
    if failures.is_empty() {
        return;
    }
    context.output.result("");
    context.output.result(Text::new().push(Tone::Bad, format!("failed ({})", failures.len())));
    for (address, label, error) in failures.iter().take(FAILURES_SHOWN_MAX) {
        let label = label.as_ref().map(|label| format!(" ({})", clip(label, 40))).unwrap_or_default();
        context.output.paragraph(4, format!("  {address}{label}  {error}"));
        let command = format!("branchline runs show {id}:{address}");
        context.output.result(Text::new().plain("    ").push(Tone::Accent, command));
    }
    if failures.len() > FAILURES_SHOWN_MAX {
        context.output.result(format!("  … and {} more", failures.len() - FAILURES_SHOWN_MAX));
    }
}
