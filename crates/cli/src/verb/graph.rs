//! `graph`: a picture of a workflow.

use std::path::PathBuf;

use branchline_schema_model::graph;
use clap::ValueEnum;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline graph                             the only workflow of the project, as text
  branchline graph hello --format mermaid      for a Markdown document
  branchline graph hello --format svg -o hello.svg
  branchline graph hello --json                the compiled workflow, to draw something of your own";

/// Draw a workflow: as text, Mermaid or SVG
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A workflow of the project, a file or folder, or a stored one; not needed when there is only one
    workflow: Option<String>,
    /// How to draw
    #[arg(long, short, value_enum, default_value_t)]
    format: Format,
    /// Write to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Mermaid,
    Svg,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let plan = workflow::load_only(context, args.workflow.as_deref()).await?.plan;
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.graph/1", "plan": plan }))?;
        return Ok(ExitCode::Ok);
    }
    let picture = match args.format {
        Format::Text => graph::text(&plan),
        Format::Mermaid => graph::mermaid(&plan),
        Format::Svg => graph::svg(&plan),
    };
    context.output.document_to(args.output.as_deref(), &picture)?;
    Ok(ExitCode::Ok)
}
