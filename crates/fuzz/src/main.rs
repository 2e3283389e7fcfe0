//! `cargo xtask fuzz`: throws mutated files at everything that reads what others wrote.
//!
//! On the stable toolchain, without coverage of branches. Instead each input leaves behind what it met (codes and
//! sentences of diagnostics, kinds of mentions, …), and an input that met something new joins the corpus that further
//! ones are made from. That finds its way through a language whose every rule has a code. Existing crates either need
//! nightly or a C++ library (libFuzzer, AFL), or mutate values of Rust types and not texts with a grammar.
//!
//! ```text
//!  parent ──▶ child (bounded memory, bounded stack, bounded time per input)
//!    │          └─ loop: pick from the corpus ─▶ mutate ─▶ write to `current` ─▶ target ─▶ what was met
//!    └── a child that died: keep `current`, make it smaller, say how to see it again
//! ```
//!
//! A child of its own makes a stack overflow or an allocation without end something that can be seen and told.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a console program for the people who work here"
)]

mod child;
mod corpus;
mod ending;
mod hunt;
mod minimise;
mod mutate;
mod seen;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::target::Target;

/// Fuzzes everything that reads what others wrote.
#[derive(Parser)]
#[command(name = "cargo xtask fuzz")]
struct Arguments {
    /// One target; all of them, one after another, without it.
    target: Option<String>,
    /// Seconds for each target, however many inputs that are.
    #[arg(long)]
    seconds: Option<u64>,
    /// Inputs for each target, however long they take; without it and `--seconds` each has a number of its own.
    #[arg(long, conflicts_with = "seconds")]
    inputs: Option<u64>,
    /// Makes the same inputs again; a random one without it.
    #[arg(long)]
    seed: Option<u64>,
    /// Gives the target this file and nothing else.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Plants a panic behind two conditions, to see that it is found.
    #[arg(long, hide = true)]
    plant: bool,
    /// The folder for findings and working files.
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    /// Do the work in this process.
    #[arg(long, hide = true, requires = "target")]
    child: bool,
}

impl Arguments {
    fn targets(&self) -> Result<Vec<&'static Target>> {
        let Some(name) = &self.target else { return Ok(target::ALL.iter().collect()) };
        let found = target::ALL.iter().find(|target| target.name == name);
        let names: Vec<&str> = target::ALL.iter().map(|target| target.name).collect();
        Ok(vec![found.with_context(|| format!("there is no target `{name}`, only {}", names.join(", ")))?])
    }

    fn budget(&self, target: &Target) -> Budget {
        match self.seconds {
            Some(seconds) => Budget::Seconds(seconds),
            None => Budget::Inputs(self.inputs.unwrap_or(target.usual_inputs)),
        }
    }

    /// Beside this program: the sources may lie where nothing can be written.
    fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let program = std::env::current_exe().context("cannot tell where this program is")?;
        Ok(program.with_file_name("fuzz"))
    }
}

/// How long a search goes on.
#[derive(Clone, Copy)]
enum Budget {
    Inputs(u64),
    Seconds(u64),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let targets = arguments.targets()?;
    if arguments.child {
        return child::run(targets[0], arguments);
    }
    let folder = arguments.folder()?;
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    if let Some(input) = &arguments.input {
        return hunt::try_input(targets[0], input, arguments.plant);
    }
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut findings = 0;
    for target in targets {
        let budget = arguments.budget(target);
        let hunt = hunt::Hunt { target, budget, seed, plant: arguments.plant, folder: &folder };
        findings += usize::from(hunt.run()?);
    }
    if findings > 0 {
        bail!("{findings} found");
    }
    Ok(())
}
