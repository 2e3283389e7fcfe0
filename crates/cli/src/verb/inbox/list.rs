//! `inbox list`

use branchline_runtime::clock::now;
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::words::{age, clip, short_id};

/// List the open tasks, oldest first
#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {
    /// Only of this run
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let run = match &args.run {
        Some(text) => Some(context.store().await?.run_find(text).await?),
        None => None,
    };
    let tasks = engine::start(context, None).await?.task_list(run).await?;
    if context.output.is_json() {
        let tasks = tasks.iter().map(|task| serde_json::to_value(task).map_err(Failure::unexpected));
        let tasks = tasks.collect::<Result<Vec<Json>, _>>()?;
        context.output.json(&json!({ "format": "branchline.tasks/1", "tasks": tasks }))?;
    } else if tasks.is_empty() {
        context.output.note("Nothing waits for a person.");
    } else {
        let rows = tasks.iter().map(|task| {
            let since = task.step_run.started_at.unwrap_or(task.step_run.created_at);
            let options =
                if task.options.is_empty() { String::new() } else { task.options.len().to_string() };
            vec![
                format!("{}:{}", short_id(task.run_id), task.address),
                age(since, now()),
                options,
                clip(&task.question, 60),
            ]
        });
        context.output.previews(&["task", "waits", "options", "question"], rows);
        context.output.next(&[("answer one here", "branchline inbox answer TASK")]);
    }
    Ok(ExitCode::Ok)
}
