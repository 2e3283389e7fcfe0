//! The fuzzer finds what is planted, and what it runs stays within its memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod planted;

use std::path::Path;
use std::process::{Command, Output};

/// Runs the fuzzer with its files in `folder`.
fn fuzz(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_branchline-fuzz"));
    command.args(arguments).arg("--folder").arg(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
