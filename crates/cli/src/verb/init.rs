//! `init`: a small project to begin with.

use std::path::PathBuf;

use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::Text;
use crate::sample::{self, Sample};

const EXAMPLES: &str = "\
Examples:
  branchline init                  here
  branchline init my-project       in a new directory

It writes branchline.toml, .gitignore and one workflow with one prompt file, and never changes a \
file that is there already. Beside the database it puts .branchline/workflow.schema.json, which lets \
editors complete and explain workflow files; see `branchline schema`.";

/// Make a small project: one workflow, one prompt
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where; made when it is missing
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    directory: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let written = sample::create(Sample::Hello, &args.directory)?;
    if context.output.is_json() {
        let files: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
        context
            .output
            .json(&json!({ "format": "branchline.init/1", "directory": args.directory, "files": files }))?;
        return Ok(ExitCode::Ok);
    }
    for path in &written {
        context.output.result(Text::new().plain("Created ").plain(path.display()));
    }
    let enter = format!("cd {}", args.directory.display());
    let check = ("check it", "branchline check");
    let run = ("run it", "branchline run hello -i topic=rain");
    if args.directory.as_os_str() == "." {
        context.output.next(&[check, run]);
    } else {
        context.output.next(&[("go there", &enter), check, run]);
    }
    Ok(ExitCode::Ok)
}
