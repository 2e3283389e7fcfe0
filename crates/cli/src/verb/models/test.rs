//! `models test`

use std::time::Instant;

use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::run::ErrorClass;
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};
use crate::words::clip;

/// Call models with one tiny prompt, to see that they answer
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Aliases or `provider/model`; all aliases when none is given
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let catalog = context.catalog()?;
    let models = if args.models.is_empty() {
        catalog.aliases().map(str::to_owned).collect()
    } else {
        args.models.clone()
    };
    for model in &models {
        catalog.resolve(model).map_err(|unknown| Failure::usage(&unknown).fix(&unknown.hint))?;
    }
    let mut results = Vec::new();
    for model in &models {
        results.push(test(context, &catalog, model).await);
    }
    let is_good = results.iter().all(|result| result["ok"] == true);
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.models-test/1", "models": results }))?;
    } else if models.is_empty() {
        context
            .output
            .note("The project has no aliases; name a model, such as `mock` or `openai/gpt-5-mini`.");
    }
    Ok(if is_good { ExitCode::Ok } else { ExitCode::Unreachable })
}

async fn test(context: &Context, catalog: &ModelCatalog, model: &str) -> Json {
    let started = Instant::now();
    let result = catalog.test(model).await;
    let duration_ms = started.elapsed().as_millis() as u64;
    if !context.output.is_json() {
        let line = match &result {
            Ok(answer) => Text::new()
                .push(Tone::Good, "✓ ")
                .plain(format!("{model}  {}  {duration_ms} ms  ", answer.model))
                .push(Tone::Dim, clip(&answer.text, 50)),
            Err(failed) => Text::new().push(Tone::Bad, "✗ ").plain(format!(
                "{model}  {}{}",
                failed.failure,
                fix(failed.failure.class)
            )),
        };
        context.output.result(line);
    }
    match result {
        Ok(answer) => json!({
            "model": model, "ok": true, "answered_by": answer.model, "duration_ms": duration_ms, "usage": answer.usage,
        }),
        Err(failed) => json!({
            "model": model, "ok": false, "duration_ms": duration_ms, "failure": failed.failure,
        }),
    }
}

fn fix(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Unauthorized => "\n  fix: set the variable to a valid key, then try again",
        ErrorClass::NotSent => "\n  fix: is the address right, and does the server run?",
        _ => "",
    }
}
