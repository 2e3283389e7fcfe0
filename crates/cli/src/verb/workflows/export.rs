//! `workflows export`

use std::path::PathBuf;

use branchline_schema_model::store::DefinitionStore as _;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::workflow::split_version;

/// Write a stored version as canonical JSON, whose hash is the version
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `name`, or `name@version`
    workflow: String,
    /// The file; without it the JSON goes to the standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let (name, version) = split_version(&args.workflow)?;
    let version = context.store().await?.workflow_find(name, version).await?;
    context.output.document_to(args.output.as_deref(), &format!("{}\n", version.document))?;
    Ok(ExitCode::Ok)
}
