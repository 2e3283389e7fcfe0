//! `completions`: a script that lets the shell complete this command.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  branchline completions bash > ~/.local/share/bash-completion/completions/branchline
  branchline completions zsh > ~/.zfunc/_branchline
  branchline completions fish > ~/.config/fish/completions/branchline.fish";

/// Print a script that lets your shell complete this command
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "branchline", &mut script);
    context.output.document(&String::from_utf8(script).map_err(Failure::unexpected)?);
    Ok(ExitCode::Ok)
}
