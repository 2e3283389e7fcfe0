//! What can be typed.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, ValueEnum};

use crate::verb::Command;

const FIRST_STEPS: &str = "\
First steps:
  branchline demo                  make a complete sample and run it: no key, no network
  branchline init my-project       make a small project of your own
  branchline check                 find every mistake in its workflows

Exit codes:
  0 ok · 1 unexpected · 2 usage · 3 invalid definition · 4 no access
  5 database unusable · 10 run failed · 11 finished with failed branches
  12 waiting for a person · 14 cancelled · 15 paused · 20 differences · 130 interrupted

A value comes from a flag, else the environment, else `branchline.toml`, else your own \
`branchline/config.toml`, else a default; `branchline doctor` shows which.";

/// Typed, durable AI-agent workflows in your own SQL database.
#[derive(Debug, Parser)]
#[command(name = "branchline", version, max_term_width = 100)]
#[command(after_help = FIRST_STEPS, disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every verb understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Work as if started in this directory.
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(crate) work_directory: Option<PathBuf>,
    /// The database: a file, or `postgres://USER@HOST/DATABASE` [environment: BRANCHLINE_DB, DATABASE_URL].
    #[arg(long = "db", value_name = "FILE", global = true)]
    pub(crate) database: Option<String>,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print the result and errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log what happens inside, to the standard error; twice for more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are heeded.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_default_value = true, global = true)]
    pub(crate) color: ColorChoice,
    /// How to show what is going on.
    #[arg(long, value_name = "HOW", value_enum, default_value_t, hide_default_value = true, global = true)]
    pub(crate) progress: ProgressChoice,
    /// Never ask anything.
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// How to show what is going on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressChoice {
    #[default]
    Auto,
    Live,
    Lines,
    None,
}
