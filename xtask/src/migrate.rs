//! `cargo xtask migrate`: makes, runs, reverts and checks migrations.

mod server;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::{contract, database, postgres, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make the empty files of a new migration, for both databases.
    New {
        /// What it does, in a few words: `add_labels`.
        name: String,
    },
    /// Run the migrations that a SQLite database lacks.
    Run {
        /// The database file; a scratch one in the target folder when absent.
        database: Option<PathBuf>,
    },
    /// Take the newest migration of a SQLite database back. For development only: it deletes data.
    Revert {
        /// The database file; the scratch one in the target folder when absent.
        database: Option<PathBuf>,
    },
    /// Check that up, down and up again give the same tables, the same on both databases, and that the contract is kept.
    Check,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.verb {
        Verb::New { name } => new(name),
        Verb::Run { database } => {
            let path = path(database.clone())?;
            let applied = database::apply(&mut database::open(Some(&path))?)?;
            for name in &applied {
                println!("applied {name}");
            }
            println!("{} is up to date", path.display());
            Ok(())
        }
        Verb::Revert { database } => {
            let path = path(database.clone())?;
            if !path.exists() {
                bail!("`{}` does not exist", path.display());
            }
            println!("reverted {}", database::revert(&mut database::open(Some(&path))?)?);
            Ok(())
        }
        Verb::Check => check(),
    }
}

fn path(database: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(path) = database {
        return Ok(path);
    }
    let folder = workspace::root().join("target");
    std::fs::create_dir_all(&folder)?;
    Ok(folder.join("scratch.db"))
}

fn new(name: &str) -> Result<()> {
    if name.is_empty() || !name.chars().all(|character| character.is_ascii_lowercase() || character == '_') {
        bail!("`{name}` is no name for a migration: use lower case and `_`");
    }
    let stamp = database::stamp()?;
    for tree in ["sqlite", "postgres"] {
        let folder = workspace::root().join(format!("migrations/{tree}/{stamp}_{name}"));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for file in ["up.sql", "down.sql"] {
            std::fs::write(folder.join(file), "")?;
        }
        println!("made {}/{{up,down}}.sql", folder.strip_prefix(workspace::root())?.display());
    }
    Ok(())
}

/// Up, down and up again, on scratch databases of both kinds.
pub(crate) fn check() -> Result<()> {
    let mut connection = database::open(None)?;
    let names = database::apply(&mut connection)?;
    let first = database::definitions(&mut connection)?;
    contract::check(&database::tables(&mut connection)?)?;
    database::revert_all(&mut connection)?;
    if let [left, ..] = database::definitions(&mut connection)?.as_slice() {
        bail!("after reverting all migrations this is left: {left}");
    }
    database::apply(&mut connection)?;
    let second = database::definitions(&mut connection)?;
    if let Some((before, after)) = first.iter().zip(&second).find(|(before, after)| before != after) {
        bail!("after up, down and up again it is not the same\nbefore: {before}\nafter: {after}");
    }
    if first.len() != second.len() {
        bail!(
            "after up, down and up again there are {} definitions instead of {}",
            second.len(),
            first.len()
        );
    }
    println!("{} migrations go up, down and up again, and keep the contract", names.len());
    match postgres::Server::for_tests()? {
        Some(server) => server::check(&server, &database::tables(&mut connection)?),
        None => Ok(()),
    }
}
