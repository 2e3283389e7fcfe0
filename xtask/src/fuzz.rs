//! `cargo xtask fuzz`: throws mutated files at everything that reads what others wrote.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::workspace::{self, cargo};

/// Equal inputs in every run of `ci`, so that a change that fails it is to blame for it.
const CI_SEED: u64 = 1;

/// For each target, in `ci`.
const CI_SECONDS: u64 = 20;

#[derive(Args)]
pub(crate) struct Arguments {
    /// One target (`yaml`, `json`, `template`, `answer`, …); all of them without it.
    target: Option<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = CI_SECONDS)]
    seconds: u64,
    /// Makes the inputs of an earlier search again; it is printed at the beginning.
    #[arg(long)]
    seed: Option<u64>,
    /// Gives the target this file and nothing else.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// With optimisations, and still with checks for overflow: many more inputs, after a longer build.
    #[arg(long)]
    optimised: bool,
    /// Plants a panic that is not in the product, to see that it is found.
    #[arg(long, hide = true)]
    plant: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut command = fuzzer(arguments.optimised);
    command.args(&arguments.target).args(["--seconds", &arguments.seconds.to_string()]);
    if let Some(seed) = arguments.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(input) = &arguments.input {
        command.arg("--input").arg(std::path::absolute(input)?);
    }
    command.args(arguments.plant.then_some("--plant"));
    // The fuzzer has said what it found.
    if command.status()?.success() { Ok(()) } else { bail!("something was found, or nothing could be tried") }
}

/// Every target for a short while, with the inputs of every other time.
pub(crate) fn ci() -> Result<()> {
    let (seconds, seed) = (CI_SECONDS.to_string(), CI_SEED.to_string());
    workspace::run(fuzzer(false).args(["--seconds", &seconds, "--seed", &seed]))
}

fn fuzzer(optimised: bool) -> Command {
    let mut command = cargo(&["run", "--locked", "--quiet", "--package", "branchline-fuzz"]);
    command.args(optimised.then_some("--profile=optimised")).arg("--");
    command
}
