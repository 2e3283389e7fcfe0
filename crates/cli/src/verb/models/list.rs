//! `models list`

use branchline_runtime::provider::catalog::ModelEntry;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// List the aliases with what they stand for, and the providers
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(context: &Context, _args: &Args) -> Result<ExitCode, Failure> {
    let entries = context.catalog()?.list();
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.models/1", "models": entries }))?;
    } else {
        context.output.table(&["alias", "model", "where", "key"], entries.iter().map(row));
    }
    Ok(ExitCode::Ok)
}

fn row(entry: &ModelEntry) -> Vec<String> {
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
    vec![alias, entry.target.clone(), place.to_owned(), key]
}
