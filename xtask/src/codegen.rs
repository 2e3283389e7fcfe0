//! `cargo xtask codegen`: files that are made from the migrated database or from types, and compared with them in CI.

mod erd;
mod schema;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::{database, workspace};

#[derive(Args)]
pub(crate) struct Arguments {
    /// What to generate.
    #[arg(value_enum)]
    what: What,
    /// Write nothing; fail when the file is not what would be written.
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// The tables for Diesel: `crates/persistence/src/schema.rs`.
    Schema,
    /// The entity relationship diagram: `crates/persistence/erd.svg`.
    Erd,
    /// The JSON Schema of workflow files, as the program prints it: `crates/schema-model/workflow.schema.json`.
    WorkflowSchema,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (file, text) = generate(arguments.what)?;
    if arguments.check {
        return compare(arguments.what, file, &text);
    }
    std::fs::write(workspace::root().join(file), text).with_context(|| format!("cannot write {file}"))?;
    println!("wrote {file}");
    Ok(())
}

/// Fails unless every generated file is as it would be written now.
pub(crate) fn check() -> Result<()> {
    for what in What::value_variants() {
        let (file, text) = generate(*what)?;
        compare(*what, file, &text)?;
    }
    Ok(())
}

fn generate(what: What) -> Result<(&'static str, String)> {
    let tables = || database::tables(&mut database::migrated()?);
    Ok(match what {
        What::Schema => ("crates/persistence/src/schema.rs", schema::render(&tables()?)),
        What::Erd => ("crates/persistence/erd.svg", erd::render(&tables()?)),
        What::WorkflowSchema => {
            let program = ["run", "--quiet", "--locked", "--bin", "branchline", "--", "schema"];
            ("crates/schema-model/workflow.schema.json", workspace::output(&mut workspace::cargo(&program))?)
        }
    })
}

fn compare(what: What, file: &str, text: &str) -> Result<()> {
    let found = std::fs::read_to_string(workspace::root().join(file))
        .with_context(|| format!("cannot read {file}"))?;
    if found != text {
        let line = found.lines().zip(text.lines()).take_while(|(found, wanted)| found == wanted).count() + 1;
        let name = what.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        bail!("{file} is out of date from line {line} on: run `cargo xtask codegen {name}`");
    }
    println!("{file} is up to date");
    Ok(())
}
