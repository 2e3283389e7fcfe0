//! `db`: care for the database file.

mod diagram;

use std::path::{Path, PathBuf};

use branchline_persistence::{MigrationStatus, SqliteStore};
use branchline_schema_model::store::StoreError;
use clap::Subcommand;
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::from_here;
use crate::output::{Text, Tone};

const EXAMPLES: &str = "\
Examples:
  branchline db status
  branchline db backup runs-of-today.db      while runs go on
  branchline db diagram > schema.mmd

The tables are an interface: read them with any SQLite client.";

/// Care for the database: status, migrations, backup, diagram
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show where the database is, how large, and which migrations it has; changes nothing
    Status,
    /// Make the database, or bring it up to this program
    Migrate,
    /// Write a compact, checked copy to a new file; runs go on meanwhile
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// Print the tables and their references as a Mermaid diagram
    Diagram {
        /// Write to this file
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Status => status(context),
        Command::Migrate => migrate(context).await,
        Command::Backup { file } => backup(context, file).await,
        Command::Diagram { output } => diagram(context, output.as_deref()).await,
    }
}

fn status(context: &Context) -> Result<ExitCode, Failure> {
    let database = &context.settings()?.database;
    let path = database.value.path();
    let size = path.metadata().ok().map(|metadata| metadata.len());
    let migrations = match size {
        Some(_) => Some(migrations(context)?),
        None => None,
    };
    if context.output.is_json() {
        let (applied, pending) = migrations.map(|status| (status.applied, status.pending)).unzip();
        context.output.json(&json!({
            "format": "branchline.db-status/1", "path": path, "origin": database.origin.to_string(),
            "bytes": size, "applied": applied, "pending": pending,
        }))?;
        return Ok(ExitCode::Ok);
    }
    let line = |name: &str, text: String| {
        context.output.result(Text::new().push(Tone::Dim, format!("{name:<11}")).plain(text));
    };
    line("database", from_here(path).display().to_string());
    line("from", database.origin.to_string());
    match (size, migrations) {
        (Some(size), Some(MigrationStatus { applied, pending })) => {
            line("size", human_size(size));
            line("migrations", format!("{} of {}", applied.len(), applied.len() + pending.len()));
            if !pending.is_empty() {
                context
                    .output
                    .note("`branchline db migrate` brings it up to this program, and so does the next run");
            }
        }
        _ => line("size", "not made yet; the first run makes it".to_owned()),
    }
    Ok(ExitCode::Ok)
}

/// What the database has and lacks.
pub(crate) fn migrations(context: &Context) -> Result<MigrationStatus, Failure> {
    let url = &context.settings()?.database.value;
    SqliteStore::migration_status(url).map_err(|error| context.about_database(error))
}

async fn migrate(context: &Context) -> Result<ExitCode, Failure> {
    let path = context.settings()?.database.value.path();
    let before = if path.exists() { migrations(context)?.applied.len() } else { 0 };
    let path = from_here(context.store().await?.path()).display();
    let applied = migrations(context)?.applied.len() - before;
    if context.output.is_json() {
        let result =
            json!({ "format": "branchline.db-migrate/1", "path": path.to_string(), "applied": applied });
        context.output.json(&result)?;
    } else if applied == 0 {
        context.output.result(format!("`{path}` is up to date"));
    } else {
        context.output.result(format!("`{path}`: {applied} migrations applied"));
    }
    Ok(ExitCode::Ok)
}

async fn backup(context: &Context, file: &Path) -> Result<ExitCode, Failure> {
    let source = existing(context).await?;
    source.backup(file).await.map_err(|error| match error {
        StoreError::Conflict { .. } => {
            Failure::usage(error).fix("give a new file: a backup never overwrites")
        }
        error => Failure::from(error)
            .fix("check that the file to write is in a folder that is there and you may write to"),
    })?;
    let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.db-backup/1", "file": file, "bytes": bytes }))?;
    } else {
        context.output.result(
            Text::new().plain("Wrote ").plain(file.display()).plain(format!(" ({})", human_size(bytes))),
        );
    }
    Ok(ExitCode::Ok)
}

async fn diagram(context: &Context, output: Option<&Path>) -> Result<ExitCode, Failure> {
    let tables = existing(context).await?.schema_tables().await?;
    if context.output.is_json() {
        context.output.json(&json!({ "format": "branchline.db-schema/1", "tables": tables }))?;
        return Ok(ExitCode::Ok);
    }
    context.output.document_to(output, &diagram::mermaid(&tables))?;
    Ok(ExitCode::Ok)
}

/// The database, which has to be there already.
async fn existing(context: &Context) -> Result<&SqliteStore, Failure> {
    let path = context.settings()?.database.value.path();
    if path.exists() {
        return context.store().await;
    }
    Err(Failure::usage(format!("there is no database at `{}`", from_here(path).display()))
        .fix("make one with `branchline db migrate`, or give another with `--db`"))
}

/// `38.2 MB`.
pub(crate) fn human_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
