//! `cargo xtask simulate`: lives histories of the engine under simulated time, with everything going wrong.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;

use crate::workspace::{self, cargo};

/// Lived when nothing is said.
const SEEDS: u64 = 20_000;

#[derive(Args)]
pub(crate) struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = SEEDS)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This one and no other.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells its history line by line.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Plants a bug; a name that is not known lists all of them.
    #[arg(long)]
    plant: Option<String>,
    /// Sees that every planted bug is found within 5,000 seeds.
    #[arg(long, conflicts_with_all = ["seed", "plant"])]
    gate: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // A trace is one seed, and soon there.
    let mut command = simulator(arguments.seed.is_none());
    let numbers =
        [("--seeds", Some(arguments.seeds)), ("--from", Some(arguments.from)), ("--seed", arguments.seed)];
    for (name, number) in numbers {
        command.args(number.iter().flat_map(|number| [name.to_owned(), number.to_string()]));
    }
    command.args(arguments.trace.then_some("--trace")).args(arguments.gate.then_some("--gate"));
    command.args(arguments.plant.iter().flat_map(|bug| ["--plant", bug]));
    // The simulator has said what it found.
    if command.status()?.success() {
        Ok(())
    } else {
        bail!("a history violates something, or proves nothing")
    }
}

/// All seeds, and every planted bug.
pub(crate) fn ci() -> Result<()> {
    workspace::run(simulator(true).args(["--seeds", &SEEDS.to_string()]))?;
    workspace::run(simulator(true).arg("--gate"))
}

fn simulator(optimised: bool) -> Command {
    let mut command = cargo(&["run", "--locked", "--quiet", "--package=branchline-runtime"]);
    command.args(optimised.then_some("--profile=optimised"));
    command.args(["--bin=simulate", "--features=simulation", "--"]);
    command
}
