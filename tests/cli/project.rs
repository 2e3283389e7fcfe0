//! A directory to run the program in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A directory of its own, without any of the settings of whoever runs the tests.
pub(crate) struct Project {
    directory: TempDir,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// What `branchline init` makes.
    pub(crate) fn initialised() -> Self {
        let project = Self::empty();
        assert_eq!(project.run(&["init"]).code, 0);
        project
    }

    /// A project with this workflow, called `w`, with every `|` file of it.
    pub(crate) fn with_workflow(yaml: &str) -> Self {
        let project = Self::empty();
        project.write("branchline.toml", "[models]\nfast = \"mock/fast\"\n");
        project.write("workflows/w/workflow.yaml", yaml);
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// What is in a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program, ready to be given arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_branchline"));
        command
            .env_clear()
            .env("HOME", self.directory.path().join("home"))
            .current_dir(self.directory.path());
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.finish(self.command().args(args))
    }

    /// Runs a prepared command. The directory is shown as `[dir]`.
    pub(crate) fn finish(&self, command: &mut Command) -> Ran {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| self.without_directory(&String::from_utf8(bytes).unwrap());
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    fn without_directory(&self, text: &str) -> String {
        let directory: &Path = self.directory.path();
        let resolved = directory.canonicalize().unwrap();
        text.replace(resolved.to_str().unwrap(), "[dir]").replace(directory.to_str().unwrap(), "[dir]")
    }
}

impl Ran {
    /// Both streams and the exit code, with times left out.
    pub(crate) fn shown(&self) -> String {
        let mut shown = without_times(&self.stdout);
        if !self.stderr.is_empty() {
            shown.push_str("--- stderr\n");
            shown.push_str(&without_times(&self.stderr));
        }
        format!("{shown}--- exit {}", self.code)
    }

    /// The result as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `(12 ms)` becomes `([n] ms)`.
fn without_times(text: &str) -> String {
    let mut parts = text.split(" ms)");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.truncate(shown.trim_end_matches(|character: char| character.is_ascii_digit()).len());
        shown.push_str("[n] ms)");
        shown.push_str(part);
    }
    shown
}
