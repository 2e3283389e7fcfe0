//! The throw-away PostgreSQL server of `tests/postgres.sh`.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Where the tests look for a server that is there already.
pub(crate) const SERVER_VARIABLE: &str = "BRANCHLINE_TEST_POSTGRES";

/// What the script ends with when there is no PostgreSQL.
const NONE_HERE: i32 = 3;

/// A running server. It stops when its input ends: when this is dropped, or this process ends, however it does.
pub(crate) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// The server for the tests. Where PostgreSQL is missing it is installed, if that is possible without a question;
    /// else the tests that need it do not run, which is an error where `CI` is set.
    pub(crate) fn for_tests() -> Result<Option<Self>> {
        if let Some(server) = Self::start()? {
            return Ok(Some(server));
        }
        if install()
            && let Some(server) = Self::start()?
        {
            return Ok(Some(server));
        }
        if std::env::var_os("CI").is_some() {
            bail!("the tests need PostgreSQL: install `postgresql`");
        }
        println!("note: the PostgreSQL tests do not run, because there is none here: install `postgresql`");
        Ok(None)
    }

    /// Starts it; `None` when there is no PostgreSQL here.
    pub(crate) fn start() -> Result<Option<Self>> {
        let script = workspace::root().join("tests/postgres.sh");
        let mut command = Command::new(&script);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("cannot start tests/postgres.sh")?;
        let mut url = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        if url.is_empty() {
            let status = process.wait()?;
            return match status.code() {
                Some(NONE_HERE) => Ok(None),
                _ => bail!("tests/postgres.sh failed ({status})"),
            };
        }
        Ok(Some(Self { process, url: url.trim_end().to_owned() }))
    }

    /// The URL of its database `postgres`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Makes a database and gives back its URL.
    pub(crate) fn database(&self, name: &str) -> Result<String> {
        self.query(&self.url, &format!("CREATE DATABASE {name}"))?;
        let (server, _) = self.url.rsplit_once('/').unwrap_or((&self.url, ""));
        Ok(format!("{server}/{name}"))
    }

    /// Runs SQL in one transaction, and gives back rows as lines with `|` between the columns.
    #[expect(clippy::unused_self, reason = "only while the server runs")]
    pub(crate) fn query(&self, url: &str, sql: &str) -> Result<String> {
        let psql = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"];
        let mut command = Command::new(psql_program());
        command.args(psql).args(["--dbname", url, "--command", sql]);
        workspace::output(&mut command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// `psql` beside the server, or from PATH.
fn psql_program() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut programs: Vec<PathBuf> =
        folders.map(|folder| folder.path().join("bin/psql")).filter(|program| program.exists()).collect();
    programs.sort();
    programs.pop().unwrap_or_else(|| "psql".into())
}

/// Installs the package of the distribution where that needs no password and no answer.
fn install() -> bool {
    let is_root = workspace::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || workspace::output(Command::new("apt-get").arg("--version")).is_err() {
        return false;
    }
    println!("installing PostgreSQL for the tests");
    let run = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        workspace::run(&mut command)
    };
    let installed = run(&["install", "--yes", "--no-install-recommends", "postgresql"]).or_else(|_| {
        run(&["update"])?;
        run(&["install", "--yes", "--no-install-recommends", "postgresql"])
    });
    if let Err(error) = &installed {
        println!("note: {error:#}");
    }
    installed.is_ok()
}
