//! Files of a project: what a step writes as a `file`, and whether a `file` that is given is there.
//!
//! A `prompt` or `template` step that writes a `file` gives a text; it is kept as
//! `.branchline/artifacts/RUN/ADDRESS/NAME.txt` below the project folder, and the value is that path. A file that is
//! there is never changed: the same text is the same file, another one is `NAME-2.txt`. So an attempt that is repeated
//! after a crash does no harm, and neither does one that comes too late.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use branchline_schema_model::definition::{Action, TypeKind};
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::plan::{Plan, PlanStep};
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

use crate::action::{StepFailure, StepOutput};
use crate::clock::new_uuid;

/// Where artifacts are kept, below the project folder.
const FOLDER: &str = ".branchline/artifacts";

/// Bytes of one part of a path: file systems take 255, and a number and an ending are added.
const PART_BYTES_MAX: usize = 200;

/// Different texts for one output of one step run: one per attempt that got that far.
const VERSIONS_MAX: u32 = 1_000;

/// The files of one project. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProjectFiles {
    root: Option<Arc<Path>>,
}

impl ProjectFiles {
    pub(crate) fn new(root: Option<&Path>) -> Self {
        Self { root: root.map(Arc::from) }
    }

    /// What keeps values of the type `file` from being used, one sentence each: every path has to lead to a file.
    pub(crate) fn problems(&self, plan: &Plan, values: &BTreeMap<String, Json>) -> Vec<String> {
        let is_file = |name: &str| {
            plan.attribute_named(name)
                .is_some_and(|index| plan.attribute(index).value_type.kind == TypeKind::File)
        };
        let values = values.iter().filter(|(name, _)| is_file(name));
        let paths = values.flat_map(|(name, value)| paths(value).into_iter().map(move |path| (name, path)));
        let missing = paths.filter(|(_, path)| !self.resolve(path).is_file());
        missing.map(|(name, path)| format!("`{name}` names the file `{path}`, which is not there")).collect()
    }

    fn resolve(&self, path: &str) -> PathBuf {
        self.root.as_ref().map_or_else(|| PathBuf::from(path), |root| root.join(path))
    }

    /// Writes the texts that a step gave for its outputs of the type `file`, and puts the paths in their place.
    pub(crate) async fn keep(
        &self,
        run: WorkflowRunId,
        address: &str,
        plan: &Plan,
        step: &PlanStep,
        mut output: StepOutput,
    ) -> Result<StepOutput, StepFailure> {
        if !matches!(step.action, Action::Prompt | Action::Template) {
            return Ok(output);
        }
        let written = step.writes.iter().map(|index| plan.attribute(*index));
        for attribute in written.filter(|attribute| attribute.value_type.kind == TypeKind::File) {
            let Some(value) = output.values.remove(&attribute.name) else { continue };
            match self.write(run, address, &attribute.name, value).await {
                Ok(path) => drop(output.values.insert(attribute.name.clone(), path)),
                Err(error) => {
                    let message = format!("the file of `{}` cannot be written: {error}", attribute.name);
                    let failure = Failure::new(ErrorClass::Action, message);
                    return Err(StepFailure { failure, record: Box::new(output.record) });
                }
            }
        }
        Ok(output)
    }

    /// One file, or one for each text of a list.
    async fn write(&self, run: WorkflowRunId, address: &str, name: &str, value: Json) -> io::Result<Json> {
        let root = self.root.clone();
        let root = root.ok_or_else(|| io::Error::other("the engine was started without a project folder"))?;
        let parts = address.split('/').map(part).collect::<Vec<_>>().join("/");
        let (folder, stem) = (format!("{FOLDER}/{run}/{parts}"), part(name));
        let work = move || match value {
            Json::Array(texts) => {
                let paths = texts
                    .iter()
                    .map(|text| write_new(&root, &folder, &stem, text.as_str().unwrap_or_default()));
                paths.map(|path| path.map(Json::from)).collect::<io::Result<Vec<_>>>().map(Json::Array)
            }
            text => write_new(&root, &folder, &stem, text.as_str().unwrap_or_default()).map(Json::from),
        };
        tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
    }
}

fn paths(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// A part of an address as a part of a path: nothing in it leads elsewhere or means something to a shell.
fn part(text: &str) -> String {
    let mut safe: String = text
        .chars()
        .map(|character| {
            let is_safe = character.is_alphanumeric() || "._-+@~".contains(character);
            if is_safe { character } else { '-' }
        })
        .collect();
    let mut end = safe.len().min(PART_BYTES_MAX);
    while !safe.is_char_boundary(end) {
        end -= 1;
    }
    safe.truncate(end);
    if safe.chars().all(|character| character == '.') { "-".to_owned() } else { safe }
}

/// Keeps a text in a folder below the root; the path is relative to the root.
fn write_new(root: &Path, folder: &str, stem: &str, text: &str) -> io::Result<String> {
    let inside = root.join(folder);
    fs::create_dir_all(&inside)?;
    if !inside.canonicalize()?.starts_with(root.canonicalize()?) {
        return Err(io::Error::other(format!("`{folder}` leads out of the project folder")));
    }
    let whole = inside.join(format!(".{}.part", new_uuid()));
    let linked = write_whole(&whole, text).and_then(|()| link_new(&whole, &inside, stem, text));
    // What went wrong before is the better thing to say; a part that stays is in nobody's way.
    let _ = fs::remove_file(&whole);
    Ok(format!("{folder}/{}", linked?))
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives a whole file its name, in one step that fails when the name is taken; a file with the same text is that file.
fn link_new(whole: &Path, folder: &Path, stem: &str, text: &str) -> io::Result<String> {
    for version in 1..=VERSIONS_MAX {
        let name = if version == 1 { format!("{stem}.txt") } else { format!("{stem}-{version}.txt") };
        let path = folder.join(&name);
        match fs::hard_link(whole, &path) {
            Ok(()) => {
                // The name is durable with its folder; systems where a folder cannot be opened keep it by themselves.
                if let Ok(folder) = fs::File::open(folder) {
                    folder.sync_all()?;
                }
                return Ok(name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let is_same = fs::read(&path).is_ok_and(|kept| kept == text.as_bytes());
                if is_same {
                    return Ok(name);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!("there are {VERSIONS_MAX} versions of it already")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_same_text_is_the_same_file_and_another_one_never_replaces_it() {
        let root = tempfile::tempdir().unwrap();
        let write = |text: &str| write_new(root.path(), "a/run/step", "report", text).unwrap();
        assert_eq!(write("one"), "a/run/step/report.txt");
        assert_eq!(write("one"), "a/run/step/report.txt");
        assert_eq!(write("two"), "a/run/step/report-2.txt");
        assert_eq!(write("two"), "a/run/step/report-2.txt");
        assert_eq!(fs::read_to_string(root.path().join("a/run/step/report.txt")).unwrap(), "one");
        assert_eq!(names(&root.path().join("a/run/step")), ["report-2.txt", "report.txt"]);
    }

    #[test]
    fn no_name_leads_elsewhere() {
        assert_eq!(part(".."), "-");
        assert_eq!(part("a b/c\\d:e\0"), "a-b-c-d-e-");
        assert_eq!(part("judge@bold.2~2"), "judge@bold.2~2");
        assert_eq!(part(&"é".repeat(300)).len(), PART_BYTES_MAX);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_leads_out_of_the_project_is_refused() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), root.path().join("a")).unwrap();
        let error = write_new(root.path(), "a/run", "report", "x").unwrap_err();
        assert_eq!(error.to_string(), "`a/run` leads out of the project folder");
        assert!(!outside.path().join("run/report.txt").exists());
    }
}
