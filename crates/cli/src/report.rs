//! How a run stands when it needs this process no longer: its outputs, what it took, what to do next.

use branchline_runtime::clock::now;
use branchline_runtime::engine::{Engine, RunOutput, RunRest, Task};
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::store::{RunSummary, StepRunFilter, StepRunView};
use serde_json::{Map, Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Output, Progress, Text, Tone};
use crate::words::{clip, counted, duration, run_state, short_id, status_name, tokens};

/// Failed step runs that are named; the others are counted.
const FAILURES_SHOWN_MAX: usize = 10;

/// Open tasks that are named.
const TASKS_SHOWN_MAX: usize = 5;

/// Says how a run ended, or why it goes no further, and gives the code for it.
pub(crate) async fn end(
    context: &Context,
    engine: &Engine,
    run: WorkflowRunId,
    rest: RunRest,
) -> Result<ExitCode, Failure> {
    let code = match rest {
        RunRest::Ended(status) => code_of(status),
        RunRest::Waiting => ExitCode::Waiting,
        RunRest::Paused(_) => ExitCode::Paused,
        RunRest::LetGo => {
            return Err(Failure::unexpected(format!(
                "another process drives the run `{}` now",
                short_id(run)
            ))
            .fix(format!("follow it with `branchline watch {}`", short_id(run))));
        }
        RunRest::Broken(error) => {
            let fix = format!("what was answered is kept; go on with `branchline resume {}`", short_id(run));
            return Err(Failure { fix: Some(fix), ..Failure::from(error) });
        }
    };
    let summary = context.store().await?.run_fetch(run).await?;
    let code = match code {
        ExitCode::Ok if summary.tolerated_failures > 0 => ExitCode::BranchesFailed,
        code => code,
    };
    let outputs = engine.run_outputs(run).await?;
    if context.output.is_json() {
        context.output.json(&as_json(context, &summary, &outputs).await?)?;
    } else if summary.run.status == WorkflowRunStatus::Succeeded {
        show_outputs(&context.output, &outputs);
    }
    sum_up(context, &summary);
    match code {
        ExitCode::RunFailed | ExitCode::BranchesFailed => show_failures(context, &summary).await?,
        ExitCode::Waiting => show_tasks(&context.output, &engine.task_list(Some(run)).await?),
        ExitCode::Paused => go_on(&context.output, &summary),
        _ => {}
    }
    next(&context.output, &summary, code);
    Ok(code)
}

fn code_of(status: WorkflowRunStatus) -> ExitCode {
    match status {
        WorkflowRunStatus::Succeeded => ExitCode::Ok,
        WorkflowRunStatus::Failed => ExitCode::RunFailed,
        WorkflowRunStatus::Cancelled => ExitCode::Cancelled,
        WorkflowRunStatus::Paused => ExitCode::Paused,
        WorkflowRunStatus::Pending | WorkflowRunStatus::Running => ExitCode::Unexpected,
    }
}

/// A value as text: one plain text as it is, lists of texts one item a line, all else as JSON.
pub(crate) fn value_text(value: &Json, value_type: &AttributeType) -> String {
    match value {
        Json::String(text) if value_type.is_plain_text() => text.clone(),
        Json::Array(items)
            if items.iter().all(|item| item.as_str().is_some_and(|text| !text.contains('\n'))) =>
        {
            items
                .iter()
                .filter_map(Json::as_str)
                .map(|item| format!("- {item}"))
                .collect::<Vec<_>>()
                .join("\n")
        }
        Json::Array(items) if items.iter().all(Json::is_string) => {
            items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join("\n\n---\n\n")
        }
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

fn show_outputs(output: &Output, outputs: &[RunOutput]) {
    let headings = outputs.len() > 1;
    // Apart from the progress, when a person sees both.
    let apart = || {
        if output.progress() == Progress::Live {
            output.note("");
        }
    };
    apart();
    for (number, one) in outputs.iter().enumerate() {
        if headings {
            if number > 0 {
                output.result("");
            }
            output.result(Text::new().push(Tone::Strong, format!("# {}", one.name)));
            output.result("");
        }
        match &one.value {
            Some(value) => output.document(&value_text(value, &one.value_type)),
            None => output.note(format!("`{}` was not written", one.name)),
        }
    }
    apart();
}

/// What every program needs of a run; `branchline.run/1`.
pub(crate) async fn as_json(
    context: &Context,
    summary: &RunSummary,
    outputs: &[RunOutput],
) -> Result<Json, Failure> {
    let run = &summary.run;
    let failed = failures(context, run.id).await?;
    let failed = failed.iter().map(|view| {
        json!({ "step": view.address, "label": view.step_run.label, "error": view.step_run.error, "tolerated": view.step_run.tolerated })
    });
    let values = outputs.iter().map(|one| (one.name.clone(), json!(one.value)));
    Ok(json!({
        "format": "branchline.run/1", "run": run.id, "workflow": summary.workflow_name,
        "version": summary.workflow_version, "label": run.label, "status": status_name(run),
        "reason": run.reason, "outputs": values.collect::<Map<_, _>>(), "failures": failed.collect::<Vec<_>>(),
        "calls": summary.calls, "usage": summary.usage, "created_at": run.created_at,
        "started_at": run.started_at, "ended_at": run.ended_at, "duration_ms": duration_ms(summary),
    }))
}

/// What failed, then what failed and the run went on without.
async fn failures(context: &Context, run: WorkflowRunId) -> Result<Vec<StepRunView>, Failure> {
    let store = context.store().await?;
    let of = |status, tolerated| StepRunFilter { status, tolerated, limit: 100, ..StepRunFilter::default() };
    let mut failed = store.step_run_list(run, &of(Some(StepRunStatus::Failed), false)).await?;
    failed.extend(store.step_run_list(run, &of(None, true)).await?);
    Ok(failed)
}

fn duration_ms(summary: &RunSummary) -> u64 {
    let run = &summary.run;
    let end = run.ended_at.unwrap_or_else(now);
    run.started_at.map_or(0, |start| end.millis_since(start))
}

/// `✓ succeeded  hello@1 1a2b3c4d  5 calls · 4.1k in / 1.2k out · 12.3s`
fn sum_up(context: &Context, summary: &RunSummary) {
    let state = run_state(&summary.run);
    let mut parts = vec![counted(summary.calls, "call")];
    if summary.calls > 0 {
        let (input, answer) = (tokens(summary.usage.input_tokens), tokens(summary.usage.output_tokens));
        parts.push(format!("{input} tok in / {answer} out"));
    }
    parts.push(duration(duration_ms(summary)));
    if summary.tolerated_failures > 0 {
        parts.push(format!("{} failed, went on without", summary.tolerated_failures));
    }
    let name = format!("  {}@{} run ", summary.workflow_name, summary.workflow_version);
    let mut line = Text::new()
        .push(state.tone, &state)
        .plain(name)
        .push(Tone::Accent, short_id(summary.run.id))
        .push(Tone::Dim, format!("  {}", parts.join(" · ")));
    // Why it failed is said step by step.
    if let Some(reason) = &summary.run.reason
        && summary.run.status != WorkflowRunStatus::Failed
    {
        line = line.plain(format!("\n  {reason}"));
    }
    match summary.run.status {
        WorkflowRunStatus::Succeeded => context.output.note(line),
        _ => context.output.say(line),
    }
}

async fn show_failures(context: &Context, summary: &RunSummary) -> Result<(), Failure> {
    let failed = failures(context, summary.run.id).await?;
    // What no step has failed for, such as turns that are used up, only the run can say.
    if !failed.iter().any(|view| view.step_run.status == StepRunStatus::Failed)
        && let Some(reason) = &summary.run.reason
    {
        context.output.say(Text::new().push(Tone::Bad, "  ✗ ").plain(clip(reason, 400)));
    }
    for view in failed.iter().take(FAILURES_SHOWN_MAX) {
        let error = clip(view.step_run.error.as_deref().unwrap_or_default(), 400);
        let label = view.step_run.label.as_ref().map(|label| format!(" ({})", clip(label, 40)));
        let label = label.unwrap_or_default();
        let words = format!("{}{label}  {error}", view.address);
        context.output.say(Text::new().push(Tone::Bad, "  ✗ ").plain(words));
    }
    let all: u64 = summary
        .steps
        .iter()
        .filter(|count| count.status == StepRunStatus::Failed)
        .map(|count| u64::from(count.count))
        .sum();
    let all = all + u64::from(summary.tolerated_failures);
    let hidden = all.saturating_sub(FAILURES_SHOWN_MAX as u64);
    if hidden > 0 {
        let command = format!("branchline runs show {}", short_id(summary.run.id));
        context.output.say(Text::new().plain(format!("  … and {hidden} more: ")).push(Tone::Accent, command));
    }
    Ok(())
}

/// The questions, each with the command that answers it.
fn show_tasks(output: &Output, tasks: &[Task]) {
    for task in tasks.iter().take(TASKS_SHOWN_MAX) {
        let options = match task.options.len() {
            0 => String::new(),
            count => format!(" ({})", counted(count as u64, "option")),
        };
        output.say(Text::new().push(Tone::Warn, "  ? ").plain(format!("{}{options}", task.question)));
        output.say(Text::new().plain("    ").push(Tone::Accent, answer_command(task)));
    }
    if tasks.len() > TASKS_SHOWN_MAX {
        output.say(format!("  … and {} more: branchline inbox", tasks.len() - TASKS_SHOWN_MAX));
    }
    if let Some(task) = tasks.first() {
        let command = format!("branchline resume {}", short_id(task.run_id));
        output.say(Text::new().plain("  To be asked at a terminal: ").push(Tone::Accent, command));
    }
}

/// `branchline inbox answer 1a2b3c4d:main.pick --choose 1`
pub(crate) fn answer_command(task: &Task) -> String {
    let how = if task.options.is_empty() {
        match task.fields.as_slice() {
            // A note is done, and asks for nothing.
            [] => "--default".to_owned(),
            [_] => "--text …".to_owned(),
            fields => {
                fields.iter().map(|field| format!("--set {}=…", field.name)).collect::<Vec<_>>().join(" ")
            }
        }
    } else {
        "--choose 1".to_owned()
    };
    format!("branchline inbox answer {}:{} {how}", short_id(task.run_id), task.address)
}

fn go_on(output: &Output, summary: &RunSummary) {
    let command = format!("branchline resume {}", short_id(summary.run.id));
    output.say(Text::new().plain("  Mend it, then go on with ").push(Tone::Accent, command));
}

fn next(output: &Output, summary: &RunSummary, code: ExitCode) {
    let id = short_id(summary.run.id);
    let (show, values) = (format!("branchline runs show {id}"), format!("branchline runs values {id}"));
    match code {
        ExitCode::Ok | ExitCode::BranchesFailed => {
            output.next(&[("every step", &show), ("every value", &values)]);
        }
        ExitCode::RunFailed => output.next(&[("what happened", &show)]),
        _ => {}
    }
}
