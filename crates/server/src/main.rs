//! The `branchline-server` command.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use branchline_persistence::DatabaseUrl;
use branchline_server::ListenAddress;
use branchline_server::boot::{self, BootError, BootOptions};
use clap::Parser;
use tracing_subscriber::EnvFilter;

/// Runs are light, and what they call is bounded by itself.
const RUNS_DEFAULT: usize = 1_000;

/// Serves the workflows and runs of a project over HTTP, to this machine only.
///
/// From its start on it also takes up the runs that nobody drives, and makes their calls, as `branchline worker` does.
#[derive(Parser)]
#[command(name = "branchline-server", version)]
struct Arguments {
    /// The database, a path or `postgres://USER@HOST/DATABASE`; the project's own by default.
    // A text until logging is there: what is refused here would be printed, with its password.
    #[arg(long, env = "BRANCHLINE_DB", hide_env_values = true, value_name = "DATABASE")]
    db: Option<String>,
    /// A loopback address; port 0 takes any free one.
    #[arg(long, default_value = ListenAddress::DEFAULT, value_name = "ADDRESS:PORT")]
    listen: ListenAddress,
    /// Runs driven at a time; with 0, all are left to `branchline worker`.
    #[arg(long, value_name = "N", default_value_t = RUNS_DEFAULT)]
    runs: usize,
    /// The folder of `branchline.toml`.
    #[arg(long, default_value = ".", value_name = "DIR")]
    project: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("BRANCHLINE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Colours are for people; a log file gets plain text.
    let has_colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(has_colours)
        .with_writer(std::io::stderr)
        .init();
    let Arguments { db, listen, runs, project } = Arguments::parse();
    let database = match db.as_deref().map(str::parse::<DatabaseUrl>).transpose() {
        Ok(database) => database,
        Err(error) => {
            tracing::error!("the database cannot be used: {error}");
            return ExitCode::from(2);
        }
    };
    match boot::run(BootOptions { project, database, listen, runs_max: runs }).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(match error {
                BootError::Config(_) | BootError::DatabaseName { .. } => 2,
                BootError::Database(_) => 5,
                BootError::Serve { .. } | BootError::Io(_) => 1,
            })
        }
    }
}
