//! `cargo xtask fuzz`: throws mutated files at everything that reads what others wrote.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::workspace::{self, cargo};

/// Equal inputs in every run of `ci`, and as many on every machine, so that a change that fails it is to blame for it:
/// each target has its number of them (`usual_inputs`). New ones are for runs by hand.
const CI_SEED: u64 = 1;

#[derive(Args)]
pub(crate) struct Arguments {
    /// One target (`yaml`, `json`, `template`, `answer`, …); all of them without it.
    target: Option<String>,
    /// Seconds for each target; a certain number of inputs without it, about 20 seconds.
    #[arg(long)]
    seconds: Option<u64>,
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
    command.args(&arguments.target);
    if let Some(seconds) = arguments.seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
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

/// Every target, with the inputs of every other time.
pub(crate) fn ci() -> Result<()> {
    workspace::run(fuzzer(false).args(["--seed", &CI_SEED.to_string()]))
}

fn fuzzer(optimised: bool) -> Command {
    let mut command = cargo(&["run", "--locked", "--quiet", "--package", "branchline-fuzz"]);
    command.args(optimised.then_some("--profile=optimised")).arg("--");
    command
}
