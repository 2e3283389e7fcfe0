//! `demo`: a complete sample, made and run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use branchline_runtime::engine::RunOptions;
use branchline_schema_model::limits::VALUE_BYTES_MAX;
use serde_json::Value as Json;

use super::run::start;
use crate::context::Context;
use crate::engine;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::inputs::read_bounded;
use crate::interrupt::Interrupts;
use crate::output::Text;
use crate::sample::{self, Sample};
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline demo
  branchline demo try-it

It shows a fan-out, a gather, a choice made by a person and a step without a model. The built-in mock model answers \
from a file: no key, no network, no cost. A project that is there already is run again as it is.";

/// Where the demo is written when nothing is said.
const DIRECTORY: &str = "branchline-demo";

/// Make a complete sample and run it: no key, no network
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where; made when it is missing
    #[arg(value_name = "DIR", default_value = DIRECTORY, hide_default_value = true)]
    directory: PathBuf,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    prepare(context, &args.directory)?;
    // Before anything is looked up: the demo is the project from here on.
    std::env::set_current_dir(&args.directory).map_err(|error| {
        Failure::unexpected(format!("cannot change to `{}`", args.directory.display())).cause(error)
    })?;
    let loaded = workflow::load(context, "talk-to-article").await?;
    let talk = read_bounded(Path::new("talk.txt"), VALUE_BYTES_MAX)?;
    let options = RunOptions {
        inputs: BTreeMap::from([("talk".to_owned(), Json::String(talk))]),
        unattended: !context.output.can_ask(),
        ..RunOptions::default()
    };
    let interrupts = Interrupts::listen()?;
    let engine = engine::start(context, None).await?;
    context.output.hold_next(true);
    let exit_code = start(context, &engine, loaded, options, interrupts).await?;
    context.output.hold_next(false);
    if exit_code == ExitCode::Ok {
        let directory = args.directory.display();
        let again = if args.directory == Path::new(DIRECTORY) {
            "branchline demo".to_owned()
        } else {
            format!("branchline demo {directory}")
        };
        context.output.next(&[
            ("see every value", &format!("branchline -C {directory} runs values last")),
            (
                "change a prompt",
                &format!("edit {directory}/workflows/talk-to-article/prompts/page.md, then {again}"),
            ),
            ("your own", "branchline init my-project"),
        ]);
    }
    Ok(exit_code)
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
