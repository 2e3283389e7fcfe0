//! `schema`: what an editor has to know about workflow files.

use branchline_schema_model::definition::document::workflow_schema;

use crate::context::Context;
use crate::exit_code::ExitCode;

const EXAMPLES: &str = "\
Examples:
  branchline schema > .branchline/workflow.schema.json

`init` and `demo` write it there, and name it in the first line of the workflow files they make:
  # yaml-language-server: $schema=../../.branchline/workflow.schema.json
Editors with the YAML language server then complete keys, explain them, and mark what does not belong. \
The directory is not kept in version control; run the line above after cloning a project or updating the program.";

/// Print the JSON Schema (draft-07) of workflow files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(context: &Context) -> ExitCode {
    context.output.document(&text());
    ExitCode::Ok
}

/// The schema as the text of a file.
pub(crate) fn text() -> String {
    format!("{:#}\n", workflow_schema())
}
