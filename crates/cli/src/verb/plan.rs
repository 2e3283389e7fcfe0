//! `plan`: what a run would do, before anything is paid.

mod json;
mod source;
mod table;

use std::collections::BTreeMap;

use branchline_runtime::forecast::{Forecast, Known, StepHistory, forecast};
use branchline_schema_model::store::RunFilter;
use serde_json::Value as Json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::foresight;
use crate::inputs::InputArgs;
use crate::workflow;

/// Earlier runs that are looked at: enough to see a spread, few enough to be of today's prompts.
const HISTORY_RUNS: usize = 5;

const EXAMPLES: &str = "\
Examples:
  branchline plan hello
  branchline plan talk-to-article -i talk=@talk.txt
  branchline plan talk-to-article --model strong  as if every step called that model
  branchline plan talk-to-article@2 --json        a stored version

Nothing is called and nothing is written. `n(list)` stands for the length of a list that only the run will know. \
Tokens and costs are ranges, each with what it rests on: texts that were measured, bounds that are declared, earlier \
runs, or an assumption. Prices come from `[prices]` in branchline.toml; what has none there is unknown.";

/// Show what a run would do: steps, where each input comes from, calls, tokens, cost, stops for people
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A workflow of the project, a file or folder, or a stored one (`name` or `name@version`); not needed when the
    /// project has only one
    workflow: Option<String>,
    #[command(flatten)]
    inputs: InputArgs,
    /// A model that replaces the one of every step: `mock`, an alias, or `provider/model`
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
}

/// Everything there is to show.
struct Outlook<'a> {
    loaded: &'a workflow::Loaded,
    inputs: &'a BTreeMap<String, Json>,
    forecast: Forecast,
    /// What the run is going to meet.
    remarks: Vec<String>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let loaded = workflow::load_only(context, args.workflow.as_deref()).await?;
    let inputs = args.inputs.read(&loaded.plan)?;
    let settings = context.settings()?;
    let model = args.model.clone().or_else(|| settings.model.as_ref().map(|model| model.value.clone()));
    if let Some(model) = &model {
        context.catalog()?.resolve(model).map_err(|error| Failure::usage(&error).fix(&error.hint))?;
    }
    let history = history(context, &loaded.plan.workflow).await?;
    let known =
        Known { inputs: &inputs, config: &settings.models, model: model.as_deref(), history: &history };
    let start = foresight::Start { model: model.as_deref(), parallel: None };
    let remarks = foresight::remarks(context, &loaded.plan, &start)?;
    let forecast = forecast(&loaded.plan, &known);
    let outlook = Outlook { loaded: &loaded, inputs: &inputs, forecast, remarks };
    if context.output.is_json() {
        context.output.json(&json::render(&outlook))?;
    } else {
        table::show(&context.output, &outlook);
        let command =
            args.workflow.iter().fold("branchline run".to_owned(), |run, name| format!("{run} {name}"));
        context
            .output
            .next(&[("start it", &command), ("try it for nothing", &format!("{command} --rehearse"))]);
    }
    Ok(ExitCode::Ok)
}

/// What the steps of a workflow took in its last runs. Looking is no reason to make a database.
async fn history(context: &Context, workflow: &str) -> Result<Vec<StepHistory>, Failure> {
    if context.settings()?.database.value.is_missing_file() {
        return Ok(Vec::new());
    }
    let store = context.store().await?;
    let filter =
        RunFilter { workflow: Some(workflow.to_owned()), limit: HISTORY_RUNS, ..RunFilter::default() };
    let mut runs = Vec::new();
    for summary in store.run_list(&filter).await? {
        runs.push(store.step_usage_list(summary.run.id).await?);
    }
    Ok(StepHistory::of_runs(&runs))
}
