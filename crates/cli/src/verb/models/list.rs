//! `models list`

use branchline_runtime::config::ProjectConfig;
use branchline_runtime::provider::ModelTarget;
use branchline_runtime::provider::catalog::ModelEntry;
use branchline_schema_model::money::MicroDollars;
use serde::Serialize;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// List the aliases with what they stand for and cost, and the providers
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// An entry with what it costs and how much it can read.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    entry: ModelEntry,
    /// US dollars per million tokens; `null` when it is not known.
    price: Option<PriceView>,
    context_tokens: Option<u64>,
}

#[derive(Debug, Serialize)]
struct PriceView {
    input: MicroDollars,
    cached: MicroDollars,
    output: MicroDollars,
    as_of: Option<String>,
}

pub(super) fn run(context: &Context, _args: &Args) -> Result<ExitCode, Failure> {
    let config = &context.settings()?.models;
    let listed: Vec<Listed> =
        context.catalog()?.list().into_iter().map(|entry| with_price(config, entry)).collect();
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.models/1", "models": listed }))?;
    } else {
        let head = ["alias", "model", "where", "key", "$ per million in/out", "context"];
        context.output.table(&head, listed.iter().map(row));
    }
    Ok(ExitCode::Ok)
}

fn with_price(config: &ProjectConfig, entry: ModelEntry) -> Listed {
    let target = ModelTarget::parse(&entry.target);
    let price = target.as_ref().and_then(|target| config.price(target)).map(|price| PriceView {
        input: price.input,
        cached: price.cached,
        output: price.output,
        as_of: Some(price.as_of).filter(|day| !day.is_empty()),
    });
    let context_tokens = target.and_then(|target| config.context_tokens.get(&target).copied());
    Listed { entry, price, context_tokens }
}

fn row(listed: &Listed) -> Vec<String> {
    let entry = &listed.entry;
    let alias = match (&entry.alias, entry.position) {
        (Some(alias), 0 | 1) => alias.clone(),
        (Some(_), position) => format!("  then ({position})"),
        (None, _) => String::new(),
    };
    let place = match (entry.kind, entry.base_url.as_str()) {
        (None, _) => "no such provider",
        (Some(_), "") => "in this program",
        (Some(_), url) => url,
    };
    let key = match (&entry.key_env, entry.is_ready) {
        (None, _) => "not needed".to_owned(),
        (Some(variable), true) => format!("✓ {variable}"),
        (Some(variable), false) => format!("✗ {variable} is not set"),
    };
    let price = match &listed.price {
        Some(PriceView { as_of: None, .. }) => "free".to_owned(),
        Some(PriceView { input, output, as_of: Some(day), .. }) => {
            format!("{} / {} ({day})", input.dollars(), output.dollars())
        }
        // A provider without a model has many prices.
        None if entry.alias.is_none() => String::new(),
        None => "unknown".to_owned(),
    };
    let context = listed.context_tokens.map(|tokens| tokens.to_string()).unwrap_or_default();
    vec![alias, entry.target.clone(), place.to_owned(), key, price, context]
}
