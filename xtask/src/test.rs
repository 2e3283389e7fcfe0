//! `cargo xtask test`: the whole suite, and how much of it ran against which database.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value as Json;

use crate::{postgres, workspace};

#[derive(Default, Args)]
pub(crate) struct Arguments {
    /// Only tests whose name contains this text.
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let server = postgres::Server::for_tests()?;
    let mut command = workspace::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.args(&arguments.filter);
    match &server {
        Some(server) => {
            command.env(postgres::SERVER_VARIABLE, server.url());
        }
        None => {
            command.args(["--", "--skip", POSTGRES]);
        }
    }
    let (reader, writer) = std::io::pipe().context("cannot open a pipe for the output of the tests")?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().context("cannot start `cargo test`")?;
    // The command holds the writing ends of the pipe, which would otherwise never end.
    drop(command);
    let mut tally = Tally::new(database_suites()?);
    for line in BufReader::new(reader).lines() {
        let line = line?;
        println!("{line}");
        tally.line(&line);
    }
    let status = child.wait()?;
    println!("\ntests run: {}, failed: {}\nsqlite: {}", tally.all, tally.failed.len(), tally.sqlite());
    match server {
        Some(_) => println!("postgres: {}", tally.postgres),
        None => println!("postgres: 0, because there is no PostgreSQL here"),
    }
    for name in &tally.failed {
        println!("failed: {name}");
    }
    match (status.success(), tally.all) {
        (true, 0) => bail!("no test has that in its name"),
        (true, _) => Ok(()),
        (false, 0) => bail!("no test ran: the workspace could not be built, see the first error above"),
        (false, _) => bail!("`cargo test` failed ({status})"),
    }
}

/// In the names of tests that need PostgreSQL.
const POSTGRES: &str = "postgres";

/// The test binaries that open a database: everything in the persistence crate, and the integration tests of every
/// crate that depends on it, as file names in the target folder.
fn database_suites() -> Result<BTreeSet<String>> {
    let text = workspace::output(&mut workspace::cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--locked",
    ]))?;
    let metadata: Json = serde_json::from_str(&text)?;
    Ok(metadata["packages"].as_array().into_iter().flatten().flat_map(suites_of_package).collect())
}

fn suites_of_package(package: &Json) -> Vec<String> {
    const PERSISTENCE: &str = "branchline-persistence";
    let is_persistence = package["name"] == PERSISTENCE;
    let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    if !is_persistence && !dependencies.iter().any(|dependency| dependency["name"] == PERSISTENCE) {
        return Vec::new();
    }
    let targets = package["targets"].as_array().map_or(&[][..], Vec::as_slice);
    let wanted = targets.iter().filter(|target| is_persistence || target["kind"][0] == "test");
    wanted.filter_map(|target| Some(target["name"].as_str()?.replace('-', "_"))).collect()
}

/// Counts what the lines of `cargo test` say.
struct Tally {
    database_suites: BTreeSet<String>,
    in_database_suite: bool,
    all: u64,
    database: u64,
    postgres: u64,
    failed: BTreeSet<String>,
}

impl Tally {
    fn new(database_suites: BTreeSet<String>) -> Self {
        Self {
            database_suites,
            in_database_suite: false,
            all: 0,
            database: 0,
            postgres: 0,
            failed: BTreeSet::new(),
        }
    }

    /// Those of a database that do not need PostgreSQL.
    fn sqlite(&self) -> u64 {
        self.database.saturating_sub(self.postgres)
    }

    fn line(&mut self, line: &str) {
        if let Some(suite) = suite(line) {
            self.in_database_suite = self.database_suites.contains(suite);
        } else if let Some((name, outcome)) =
            line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        {
            if outcome == "FAILED" {
                self.failed.insert(name.to_owned());
            }
            let is_postgres = self.in_database_suite && name.contains(POSTGRES);
            self.postgres += u64::from(is_postgres && outcome != "ignored");
        } else if let Some(result) = line.strip_prefix("test result: ") {
            let ran = count(result, "passed") + count(result, "failed");
            self.all += ran;
            self.database += if self.in_database_suite { ran } else { 0 };
        }
    }
}

/// The name of the suite that a line announces.
fn suite(line: &str) -> Option<&str> {
    if let Some(name) = line.trim_start().strip_prefix("Doc-tests ") {
        return Some(name);
    }
    let binary = line.trim_start().strip_prefix("Running ")?.strip_suffix(')')?.rsplit(['/', '\\']).next()?;
    binary.rsplit_once('-').map(|(name, _hash)| name)
}

fn count(result: &str, word: &str) -> u64 {
    let before = result.split([';', '.']).find_map(|part| part.trim().strip_suffix(word));
    before.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_by_database() {
        let output = "\
     Running unittests src/lib.rs (target/debug/deps/branchline_schema_model-0a1b)
test check::one ... ok
test result: ok. 41 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running ../../tests/store/main.rs (target/debug/deps/store-9f8e)
test claims::two_starters::sqlite ... FAILED
test claims::two_starters::postgres ... ok
test result: FAILED. 11 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
   Doc-tests branchline_persistence
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let mut tally = Tally::new(BTreeSet::from(["store".into(), "branchline_persistence".into()]));
        output.lines().for_each(|line| tally.line(line));
        assert_eq!((tally.all, tally.sqlite(), tally.postgres), (55, 13, 1));
        assert_eq!(tally.failed, BTreeSet::from(["claims::two_starters::sqlite".to_owned()]));
    }
}
