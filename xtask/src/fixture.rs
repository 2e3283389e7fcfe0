//! `cargo xtask fixture`: the database that the newest migration leaves for the tests of later programs.

use anyhow::Result;

use crate::workspace;

/// Writes the database of the newest migration. Those of earlier ones stay as the programs of their time left them, and
/// one that is there already is not replaced.
pub(crate) fn run() -> Result<()> {
    let example = [
        "run",
        "--locked",
        "--quiet",
        "--package",
        "branchline-persistence",
        "--example",
        "fixture_database",
    ];
    workspace::run(&mut workspace::cargo(&example))
}
