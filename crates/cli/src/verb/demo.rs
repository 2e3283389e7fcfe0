//! `demo`: a complete sample, made and run.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::Text;
use crate::sample::{self, Sample};

const EXAMPLES: &str = "\
Examples:
  branchline demo
  branchline demo try-it

It shows a fan-out, a gather, a choice made by a person and a step without a model. The built-in mock model answers
from a file: no key, no network, no cost. A project that is there already is run again as it is.";

/// Make a complete sample and run it: no key, no network
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where; made when it is missing
    #[arg(value_name = "DIR", default_value = "branchline-demo", hide_default_value = true)]
    directory: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    prepare(context, &args.directory)?;
    let directory = args.directory.display();
    context.output.next(&[
        ("look at it", &format!("branchline -C {directory} graph")),
        ("check it", &format!("branchline -C {directory} check")),
        ("plan it", &format!("branchline -C {directory} plan talk-to-article -i talk=@talk.txt")),
    ]);
    Ok(ExitCode::Ok)
}

/// Writes the sample, unless an earlier demo did.
fn prepare(context: &Context, directory: &Path) -> Result<(), Failure> {
    if directory.join("workflows/talk-to-article/workflow.yaml").is_file() {
        context.output.note(Text::new().plain("Using ").plain(directory.display()));
        return Ok(());
    }
    let written = sample::create(Sample::Demo, directory)?;
    let about = format!("Created {} ({} files)", directory.display(), written.len());
    context.output.note(about);
    context.output.note("Using the built-in mock model: no key, no network, answers are fixed.");
    Ok(())
}
