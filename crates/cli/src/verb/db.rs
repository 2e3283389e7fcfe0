//! `db`: care for the database.

mod check;
mod diagram;

use std::path::{Path, PathBuf};

use branchline_persistence::{Database, MigrationStatus};
use branchline_schema_model::store::StoreError;
use clap::Subcommand;
use serde_json::json;

use crate::context::{Context, shown};
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};

const EXAMPLES: &str = "\
Examples:
  branchline db status
  branchline db backup runs-of-today.db      while runs go on
  branchline db check                        the same
  branchline db diagram > schema.mmd

The tables are an interface: read them with any client of SQLite or PostgreSQL. A PostgreSQL database is backed up
with pg_dump.";

/// Care for the database: status, migrations, backup, check, diagram
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
    /// Write a compact, checked copy of a SQLite file to a new one; runs go on meanwhile
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// See that a SQLite file is sound, and that nine invariants hold of the rows of every run; reads only, runs go on
    /// meanwhile
    Check,
    /// Print the tables and their references as a Mermaid diagram
    Diagram {
        /// Write to this file
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Status => status(context).await,
        Command::Migrate => migrate(context).await,
        Command::Backup { file } => backup(context, file).await,
        Command::Check => check::run(context, existing(context).await?).await,
        Command::Diagram { output } => diagram(context, output.as_deref()).await,
    }
}

async fn status(context: &Context) -> Result<ExitCode, Failure> {
    let database = &context.settings()?.database;
    let path = shown(&database.value);
    let size = size(context).await?;
    let migrations = match size {
        Some(_) => Some(migrations(context).await?),
        None => None,
    };
    if context.output.is_json() {
        let (applied, pending) = migrations.map(|status| (status.applied, status.pending)).unzip();
        context.output.json(&json!({
            "format": "branchline.db-status/1", "path": database.value.path(), "database": database.value.to_string(),
            "origin": database.origin.to_string(),
            "bytes": size, "applied": applied, "pending": pending,
        }))?;
        return Ok(ExitCode::Ok);
    }
    let line = |name: &str, text: String| {
        context.output.result(Text::new().push(Tone::Dim, format!("{name:<11}")).plain(text));
    };
    line("database", path);
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
pub(crate) async fn migrations(context: &Context) -> Result<MigrationStatus, Failure> {
    let url = &context.settings()?.database.value;
    Database::migration_status(url).await.map_err(|error| context.about_database(error))
}

/// How many bytes the database has; none while there is no file.
pub(crate) async fn size(context: &Context) -> Result<Option<u64>, Failure> {
    let url = &context.settings()?.database.value;
    Database::size_of(url).await.map_err(|error| context.about_database(error))
}

async fn migrate(context: &Context) -> Result<ExitCode, Failure> {
    let database = &context.settings()?.database.value;
    let before = if database.is_missing_file() { 0 } else { migrations(context).await?.applied.len() };
    context.store().await?;
    let path = shown(database);
    let applied = migrations(context).await?.applied.len() - before;
    if context.output.is_json() {
        let result = json!({ "format": "branchline.db-migrate/1", "path": path, "applied": applied });
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
        StoreError::Unsupported { .. } => {
            Failure::usage(error).fix("`pg_dump --format custom --file FILE DATABASE`; runs go on meanwhile")
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
async fn existing(context: &Context) -> Result<&Database, Failure> {
    let database = &context.settings()?.database.value;
    if !database.is_missing_file() {
        return context.store().await;
    }
    Err(Failure::usage(format!("there is no database at `{}`", shown(database)))
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
