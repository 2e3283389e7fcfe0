//! `cargo xtask ci`: everything that has to hold before a change lands, in sections with their durations.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::workspace::{cargo, output, run as run_command};
use crate::{codegen, fuzz, migrate, simulate, test, tidy};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only the checks; `.ci/run` starts the tests by the command of the README.
    #[arg(long)]
    no_tests: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    section("format", || {
        needs("fmt", "rustfmt")?;
        run_command(&mut cargo(&["fmt", "--all", "--check"]))
    })?;
    section("tidy", tidy::run)?;
    section("migrations", migrate::check)?;
    section("generated files", codegen::check)?;
    section("lints", || {
        needs("clippy", "clippy")?;
        let clippy =
            ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
        run_command(&mut cargo(&clippy))
    })?;
    section("documentation", || {
        let doc = ["doc", "--workspace", "--no-deps", "--locked", "--quiet"];
        run_command(cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    section("fuzzing", fuzz::ci)?;
    section("simulation", simulate::ci)?;
    if arguments.no_tests { Ok(()) } else { section("tests", || test::run(&test::Arguments::default())) }
}

fn section(name: &str, body: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    body().with_context(|| format!("{name}: failed"))?;
    println!("== {name}: good, {:.1} s\n", start.elapsed().as_secs_f64());
    Ok(())
}

/// Says how to get a part of the toolchain that a minimal installation leaves out.
fn needs(subcommand: &str, component: &str) -> Result<()> {
    let asked = output(&mut cargo(&[subcommand, "--version"]));
    asked.map(drop).with_context(|| format!("needs `{component}`: rustup component add {component}"))
}
