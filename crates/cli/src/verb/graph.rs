//! `graph`: a picture of a workflow.

use std::path::PathBuf;

use branchline_schema_model::graph::{self, Picture};
use branchline_schema_model::name::nearest;
use branchline_schema_model::plan::{AttributeIndex, Plan};
use clap::ValueEnum;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline graph                             the only workflow of the project, as text
  branchline graph hello --format mermaid      for a Markdown document
  branchline graph hello --format svg -o hello.svg
  branchline graph hello --layer data          steps and attributes, who writes and reads what
  branchline graph hello --attribute topic     mark where it flows, and what is made from it
  branchline graph hello --format dot | dot -Tpdf -o hello.pdf";

/// Draw a workflow: as text, Mermaid, DOT, SVG or JSON
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A workflow of the project, a file or folder, or a stored one; not needed when there is only one
    workflow: Option<String>,
    /// How to draw
    #[arg(long, short, value_enum, default_value_t)]
    format: Format,
    /// What to draw
    #[arg(long, short, value_enum, default_value_t)]
    layer: Layer,
    /// Mark what writes and reads this attribute, and, lighter, what is made from it
    #[arg(long, short, value_name = "NAME")]
    attribute: Option<String>,
    /// Write to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Mermaid,
    Dot,
    Svg,
    Json,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Layer {
    /// Steps, and which of them waits for which
    #[default]
    Control,
    /// Steps and attributes, and who writes and reads what
    Data,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let plan = workflow::load_only(context, args.workflow.as_deref()).await?.plan;
    let attribute = args.attribute.as_deref().map(|name| find_attribute(&plan, name)).transpose()?;
    let layer = match args.layer {
        Layer::Control => graph::Layer::Control,
        Layer::Data => graph::Layer::Data,
    };
    let picture = Picture::new(&plan, layer, attribute);
    let format = if context.output.is_json() { Format::Json } else { args.format };
    let document = match format {
        Format::Text => picture.text(),
        Format::Mermaid => picture.mermaid(),
        Format::Dot => picture.dot(),
        Format::Svg => picture.svg(),
        Format::Json if args.output.is_none() => {
            context.output.json(&picture.json())?;
            return Ok(ExitCode::Ok);
        }
        Format::Json => format!("{:#}\n", picture.json()),
    };
    context.output.document_to(args.output.as_deref(), &document)?;
    Ok(ExitCode::Ok)
}

fn find_attribute(plan: &Plan, name: &str) -> Result<AttributeIndex, Failure> {
    plan.attribute_named(name).ok_or_else(|| {
        let failure = Failure::usage(format!("`{}` has no attribute `{name}`", plan.workflow));
        let names: Vec<&str> = plan.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        match nearest(name, names.iter().copied()) {
            Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
            None => failure.fix("`branchline graph --layer data` shows its attributes"),
        }
    })
}
