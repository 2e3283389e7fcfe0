//! Workflow files on disk: where they are, and a folder of them that nothing can be read out of.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use branchline_schema_model::definition::document::{FileProblem, Files};
use branchline_schema_model::limits::DEFINITION_BYTES_MAX;

use crate::failure::Failure;

/// What the file of a workflow is called in its folder.
pub(crate) const WORKFLOW_FILES: [&str; 3] = ["workflow.yaml", "workflow.yml", "workflow.json"];

/// Workflows of one project: a project is read by people, a thousand is a mistake.
pub(crate) const WORKFLOW_FILES_MAX: usize = 1_000;

/// The file of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorkflowFile {
    /// The workflow folder, as reached from the current directory.
    pub(crate) folder: PathBuf,
    /// The file in it.
    pub(crate) name: String,
}

impl WorkflowFile {
    /// The workflow in a folder, if there is one.
    pub(crate) fn in_folder(folder: &Path) -> Option<Self> {
        let name = WORKFLOW_FILES.into_iter().find(|name| folder.join(name).is_file())?;
        Some(Self { folder: folder.to_owned(), name: name.to_owned() })
    }

    /// The file at a path.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        path.is_file().then(|| Self { folder: folder.to_owned(), name })
    }

    /// Whether its name is one of a workflow file and not of a prompt or of settings.
    pub(crate) fn is_workflow(&self) -> bool {
        let extension = Path::new(&self.name).extension().map(std::ffi::OsStr::to_ascii_lowercase);
        extension.is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
    }

    /// What goes before the names of its files, so that they can be opened from here; empty or with `/` at the end.
    pub(crate) fn prefix(&self) -> String {
        let folder = from_here(&self.folder);
        if folder.as_os_str().is_empty() { String::new() } else { format!("{}/", folder.display()) }
    }

    /// The path to show.
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.prefix(), self.name)
    }
}

/// The workflows of a project: `workflows/*/workflow.yaml`, by name.
pub(crate) fn project_workflows(root: &Path) -> Result<Vec<WorkflowFile>, Failure> {
    let folder = root.join("workflows");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Failure::usage(format!("`{}` cannot be read", folder.display())).cause(error));
        }
    };
    let folders = entries.take(WORKFLOW_FILES_MAX).filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<_> = folders.filter_map(|folder| WorkflowFile::in_folder(&folder)).collect();
    files.sort();
    Ok(files)
}

/// The path seen from the current directory, where it is below it.
pub(crate) fn from_here(path: &Path) -> &Path {
    let relative = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok());
    let path = relative.unwrap_or(path);
    path.strip_prefix(".").unwrap_or(path)
}

/// A folder that is read from, and nothing outside it.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Resolves the folder itself, which may be a symbolic link.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { root: folder.canonicalize()? })
    }

    /// The file behind a path, if it is inside.
    fn resolve(&self, path: &str) -> Result<PathBuf, FileProblem> {
        let path = self.root.join(path).canonicalize().map_err(|error| problem(&error))?;
        if path.starts_with(&self.root) { Ok(path) } else { Err(FileProblem::Refused) }
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        let path = self.resolve(path)?;
        let metadata = fs::metadata(&path).map_err(|error| problem(&error))?;
        if !metadata.is_file() {
            return Err(FileProblem::Refused);
        }
        let too_large = FileProblem::TooLarge { limit: DEFINITION_BYTES_MAX };
        if metadata.len() > DEFINITION_BYTES_MAX as u64 {
            return Err(too_large);
        }
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(|error| problem(&error))?;
        file.take(DEFINITION_BYTES_MAX as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| problem(&error))?;
        if bytes.len() > DEFINITION_BYTES_MAX {
            return Err(too_large);
        }
        String::from_utf8(bytes).map_err(|_| FileProblem::NotText)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(resolved) = self.resolve(if folder.is_empty() { "." } else { folder }) else {
            return Vec::new();
        };
        let entries = fs::read_dir(resolved).into_iter().flatten().filter_map(Result::ok);
        let names = entries
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.file_name().into_string().ok());
        names.map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect()
    }
}

fn problem(error: &io::Error) -> FileProblem {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileProblem::Missing,
        _ => FileProblem::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("inside");
        fs::create_dir_all(inside.join("prompts")).unwrap();
        fs::write(directory.path().join("secret"), "secret").unwrap();
        fs::write(inside.join("prompts/a.md"), "a").unwrap();
        fs::write(inside.join("binary"), [0xff, 0xfe]).unwrap();
        fs::write(inside.join("large"), vec![b'a'; DEFINITION_BYTES_MAX + 1]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret", inside.join("link")).unwrap();
        let folder = Folder::open(&inside).unwrap();
        assert_eq!(folder.read("prompts/a.md"), Ok("a".to_owned()));
        assert_eq!(folder.read("../secret"), Err(FileProblem::Refused));
        #[cfg(unix)]
        assert_eq!(folder.read("link"), Err(FileProblem::Refused));
        assert_eq!(folder.read("/etc/hostname"), Err(FileProblem::Refused));
        assert_eq!(folder.read("prompts"), Err(FileProblem::Refused));
        assert_eq!(folder.read("prompts/b.md"), Err(FileProblem::Missing));
        assert_eq!(folder.read("binary"), Err(FileProblem::NotText));
        assert_eq!(folder.read("large"), Err(FileProblem::TooLarge { limit: DEFINITION_BYTES_MAX }));
        assert_eq!(folder.list("prompts"), ["prompts/a.md"]);
        assert_eq!(folder.list("missing"), Vec::<String>::new());
    }
}
