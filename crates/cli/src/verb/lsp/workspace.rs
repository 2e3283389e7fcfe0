//! The texts that are open in the editor, over the files on disk, and the workflows they belong to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use branchline_schema_model::check::CheckContext;
use branchline_schema_model::definition::document::{FileProblem, Files};
use gen_lsp_types::Uri;

use super::analysis::Analysis;
use crate::folder::{Folder, WORKFLOW_FILES, WorkflowFile};
use crate::settings::Settings;

/// Folders looked at above a prompt file for its workflow: deeper ones are not meant.
const FOLDERS_UP_MAX: usize = 8;

/// A text that is open.
#[derive(Debug)]
pub(super) struct OpenDocument {
    /// As the editor spells it.
    pub(super) uri: Uri,
    /// Which state of it.
    pub(super) version: i32,
    /// The whole text.
    pub(super) text: String,
}

/// Everything that is open, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    documents: BTreeMap<PathBuf, OpenDocument>,
    /// By the path of the workflow file.
    analyses: BTreeMap<PathBuf, State>,
    database_flag: Option<String>,
}

#[derive(Debug)]
struct State {
    analysis: Analysis,
    is_stale: bool,
}

impl Workspace {
    pub(super) fn new(database_flag: Option<String>) -> Self {
        Self { database_flag, ..Self::default() }
    }

    /// Opens a document, or gives an open one another text. What belongs to it has to be looked at again.
    pub(super) fn put(&mut self, uri: Uri, version: i32, text: String) -> Vec<PathBuf> {
        let Some(path) = path_of(&uri) else { return Vec::new() };
        self.documents.insert(path.clone(), OpenDocument { uri, version, text });
        self.touch(&path)
    }

    /// Closes a document: what is on disk counts again.
    pub(super) fn close(&mut self, uri: &Uri) -> Vec<PathBuf> {
        let Some(path) = path_of(uri) else { return Vec::new() };
        let touched = self.touch(&path);
        self.documents.remove(&path);
        touched
    }

    /// The workflows that a file belongs to, now out of date.
    pub(super) fn touch(&mut self, path: &Path) -> Vec<PathBuf> {
        let mut touched: Vec<PathBuf> = self.workflow_of(path).into_iter().collect();
        for (workflow, state) in &mut self.analyses {
            if state.analysis.has_file(path) || touched.contains(workflow) {
                state.is_stale = true;
                touched.push(workflow.clone());
            }
        }
        touched
    }

    /// Everything is out of date.
    pub(super) fn touch_all(&mut self) -> Vec<PathBuf> {
        self.analyses.values_mut().for_each(|state| state.is_stale = true);
        self.analyses.keys().cloned().collect()
    }

    pub(super) fn document(&self, path: &Path) -> Option<&OpenDocument> {
        self.documents.get(path)
    }

    /// Whether any open document belongs to a workflow.
    pub(super) fn is_open(&self, workflow: &Path) -> bool {
        self.documents.keys().any(|path| self.workflow_of(path).as_deref() == Some(workflow))
    }

    /// Forgets a workflow.
    pub(super) fn forget(&mut self, workflow: &Path) {
        self.analyses.remove(workflow);
    }

    /// Looks at a workflow again when it is out of date.
    pub(super) fn refresh(&mut self, workflow: &Path) {
        if self.analyses.get(workflow).is_none_or(|state| state.is_stale) {
            let before = self.analyses.remove(workflow).map(|state| state.analysis);
            if let Some(analysis) = self.analyse(workflow, before) {
                self.analyses.insert(workflow.to_owned(), State { analysis, is_stale: false });
            }
        }
    }

    /// What is known of a workflow since the last look.
    pub(super) fn analysis(&self, workflow: &Path) -> Option<&Analysis> {
        self.analyses.get(workflow).map(|state| &state.analysis)
    }

    /// A file of a workflow as the editor spells it.
    pub(super) fn uri(&self, folder: &Path, file: &str) -> Option<Uri> {
        let path = folder.join(file);
        let open = self.documents.get(&path).map(|open| open.uri.clone());
        open.or_else(|| Uri::from_file_path(path).ok())
    }

    fn analyse(&self, workflow: &Path, before: Option<Analysis>) -> Option<Analysis> {
        let folder = workflow.parent()?.to_owned();
        let name = workflow.file_name()?.to_str()?.to_owned();
        let settings = Settings::resolve_in(&folder, self.database_flag.as_deref());
        // Without settings that can be read, models go unchecked; `doctor` says what is wrong with them.
        let context = settings.map_or_else(|_| CheckContext::default(), |settings| settings.check_context());
        let at = (folder.clone(), name);
        let disk = Folder::open(&folder).ok();
        let saved = || disk.as_ref().map(|disk| Analysis::new(at.clone(), disk, &context, || None));
        // What is typed is seldom whole, and then the names are those of what was.
        let before = || before.or_else(saved);
        let files = Overlay { folder: &folder, disk: disk.as_ref(), documents: &self.documents };
        Some(Analysis::new(at.clone(), &files, &context, before))
    }

    /// The workflow file a file belongs to: itself, the one that read it, or the nearest one above it.
    pub(super) fn workflow_of(&self, path: &Path) -> Option<PathBuf> {
        if self.is_workflow(path) {
            return Some(path.to_owned());
        }
        let mut readers = self.analyses.iter().filter(|(_, state)| state.analysis.has_file(path));
        if let Some((workflow, _)) = readers.next() {
            return Some(workflow.clone());
        }
        path.ancestors().skip(1).take(FOLDERS_UP_MAX).find_map(|folder| {
            let open = || WORKFLOW_FILES.iter().map(|name| folder.join(name));
            let open = open().find(|path| self.documents.contains_key(path));
            open.or_else(|| WorkflowFile::in_folder(folder).map(|file| file.folder.join(file.name)))
        })
    }

    /// Whether a file is a workflow: by its name, or by what stands in it.
    fn is_workflow(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        if WORKFLOW_FILES.contains(&name) {
            return true;
        }
        let text = self.documents.get(path).map_or("", |document| document.text.as_str());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => text.lines().any(|line| line.starts_with("sections:")),
            Some("json") => text.contains("\"branchline.workflow/"),
            _ => false,
        }
    }
}

/// The path of a document that is a file. Resolved, because an editor and this program may reach it in two ways.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = (uri.scheme() == "file").then(|| uri.to_file_path().ok()).flatten()?;
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    // A file that is not saved yet, in a folder that exists.
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    Some(folder.and_then(|folder| Some(folder.join(path.file_name()?))).unwrap_or(path))
}

/// A folder on disk under what is open.
struct Overlay<'a> {
    folder: &'a Path,
    disk: Option<&'a Folder>,
    documents: &'a BTreeMap<PathBuf, OpenDocument>,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        match (self.documents.get(&self.folder.join(path)), self.disk) {
            (Some(document), _) => Ok(document.text.clone()),
            (None, Some(disk)) => disk.read(path),
            (None, None) => Err(FileProblem::Missing),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut paths = self.disk.map(|disk| disk.list(folder)).unwrap_or_default();
        for path in self.documents.keys() {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let listed = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if self.folder.join(&listed) == *path && !paths.contains(&listed) {
                paths.push(listed);
            }
        }
        paths
    }
}
