//! From what a person typed to a workflow: one of the project, a file, or a stored version.

use std::path::Path;

use branchline_runtime::engine::Engine;
use branchline_schema_model::check::{CheckContext, Diagnostic, check};
use branchline_schema_model::definition::document::Files as _;
use branchline_schema_model::definition::{Workflow, document};
use branchline_schema_model::import;
use branchline_schema_model::name::nearest;
use branchline_schema_model::plan::{self, Plan};
use branchline_schema_model::store::{StoreError, WorkflowVersion};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::{Folder, WorkflowFile, project_workflows};
use crate::output::counted;
use crate::words::clip;

/// Diagnostics shown of one file; more than this are rarely read, and often follow from the first ones.
pub(crate) const SHOWN_MAX: usize = 20;

/// A workflow that is fit to run.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// The definition.
    pub(crate) workflow: Workflow,
    /// What it compiles to.
    pub(crate) plan: Plan,
    /// Where it came from, for people.
    pub(crate) origin: String,
    /// The stored version, when it came from the database.
    pub(crate) stored: Option<WorkflowVersion>,
}

impl Loaded {
    /// The stored version of it: the one it came from, else it is saved, which makes a new one only for new content.
    pub(crate) async fn save(self, engine: &Engine) -> Result<WorkflowVersion, Failure> {
        match self.stored {
            Some(version) => Ok(version),
            None => Ok(engine.workflow_save(&self.workflow).await?.workflow),
        }
    }
}

/// A file with everything that is wrong in it.
#[derive(Debug, Clone)]
pub(crate) struct CheckedFile {
    /// The file.
    pub(crate) file: WorkflowFile,
    /// The definition, as far as it could be understood.
    pub(crate) workflow: Option<Workflow>,
    /// In file order.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Set when there is no error.
    pub(crate) plan: Option<Plan>,
}

impl CheckedFile {
    /// How many errors.
    pub(crate) fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
    }
}

/// Reads and checks a file.
pub(crate) fn check_file(file: WorkflowFile, context: &CheckContext) -> Result<CheckedFile, Failure> {
    let folder = Folder::open(&file.folder).map_err(|error| {
        Failure::usage(format!("`{}` cannot be read", file.folder.display())).cause(error)
    })?;
    let read = document::read(&folder, &file.name);
    let mut diagnostics = read.diagnostics;
    let mut plan = None;
    if let Some(workflow) = &read.workflow {
        let checked = check(workflow, &read.sources, context);
        diagnostics.extend(checked.diagnostics);
        plan = checked.plan;
    }
    diagnostics.sort_by_key(|diagnostic| {
        let place = diagnostic.places.first();
        place.map(|place| (place.file != file.name, place.file.clone(), place.line, place.column))
    });
    let plan = plan.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    Ok(CheckedFile { file, workflow: read.workflow, diagnostics, plan })
}

/// The workflow meant by a path, the name of one of the project, or `name` or `name@version` of a stored one. What is
/// wrong with it is shown.
pub(crate) async fn load(context: &Context, text: &str) -> Result<Loaded, Failure> {
    match find_file(context, text)? {
        Some(file) => load_file(context, &file),
        // Looking for something is no reason to make a database.
        None if context.settings()?.database.value.is_missing_file() => Err(unknown(context, text)),
        None => load_stored(context, text).await,
    }
}

/// The workflow of that name, of the project or stored. Unlike [`load`] it takes no path: the name was read from a file.
pub(crate) async fn load_named(context: &Context, name: &str) -> Result<Loaded, Failure> {
    let settings = context.settings()?;
    let is_name = |file: &WorkflowFile| file.folder.file_name().is_some_and(|folder| folder == name);
    match project_workflows(&settings.root)?.into_iter().find(is_name) {
        Some(file) => load_file(context, &file),
        None if settings.database.value.is_missing_file() => Err(unknown(context, name)),
        None => {
            let found = context.store().await?.workflow_find(name, None).await;
            stored(context, name, found)
        }
    }
}

/// The only workflow of the project, for verbs that can do without a name.
pub(crate) async fn load_only(context: &Context, text: Option<&str>) -> Result<Loaded, Failure> {
    if let Some(text) = text {
        return load(context, text).await;
    }
    let mut files = project_workflows(&context.settings()?.root)?;
    if files.len() > 1 {
        let names: Vec<_> = files
            .iter()
            .filter_map(|file| file.folder.file_name())
            .map(|name| name.to_string_lossy())
            .collect();
        return Err(Failure::usage(format!("the project has {} workflows; say which", files.len()))
            .fix(format!("name one of `{}`", clip(&names.join("`, `"), 200))));
    }
    match files.pop() {
        Some(file) => load_file(context, &file),
        None => Err(no_workflows()),
    }
}

/// There is nothing to work on.
pub(crate) fn no_workflows() -> Failure {
    Failure::usage("there is no workflow here, `workflows/*/workflow.yaml` in the project")
        .fix("make one with `branchline init`, or give the path of a workflow file or folder")
}

/// The file meant by a path or by the name of a workflow of the project.
pub(crate) fn find_file(context: &Context, text: &str) -> Result<Option<WorkflowFile>, Failure> {
    let path = Path::new(text);
    if path.is_dir() {
        if let Some(file) = WorkflowFile::in_folder(path) {
            return Ok(Some(file));
        }
    } else if let Some(file) = WorkflowFile::at(path) {
        return Ok(Some(file));
    }
    let is_name = |file: &WorkflowFile| file.folder.file_name().is_some_and(|name| name == text);
    Ok(project_workflows(&context.settings()?.root)?.into_iter().find(is_name))
}

pub(crate) fn load_file(context: &Context, file: &WorkflowFile) -> Result<Loaded, Failure> {
    let checked = check_file(file.clone(), &context.check_context()?)?;
    let (path, folder, errors) = (checked.file.path(), checked.file.prefix(), checked.errors());
    if let (Some(workflow), Some(plan)) = (checked.workflow, checked.plan) {
        return Ok(Loaded { workflow, plan, origin: path, stored: None });
    }
    let diagnostics = checked.diagnostics.into_iter().filter(Diagnostic::is_error).take(SHOWN_MAX).collect();
    Err(Failure::new(ExitCode::Definition, format!("`{path}` has {}", counted(errors, "error")))
        .fix(match foreign_form(file) {
            Some(form) => {
                let noun = if form.is_workflow() { "workflows" } else { "runs" };
                format!("another program seems to have written it ({form}): branchline {noun} import {path}")
            }
            None => format!("mend it; `branchline check {path}` shows warnings too"),
        })
        .diagnostics(diagnostics, folder))
}

/// What a file is when it is no workflow of ours, to say so beside its errors.
fn foreign_form(file: &WorkflowFile) -> Option<import::Form> {
    import::detect(&Folder::open(&file.folder).ok()?.read(&file.name).ok()?)
}

async fn load_stored(context: &Context, text: &str) -> Result<Loaded, Failure> {
    let (name, version) = split_version(text)?;
    let found = context.store().await?.workflow_find(name, version).await;
    stored(context, text, found)
}

fn stored(
    context: &Context,
    text: &str,
    found: Result<WorkflowVersion, StoreError>,
) -> Result<Loaded, Failure> {
    let stored = found.map_err(|error| match error {
        StoreError::NotFound { .. } => unknown(context, text),
        error => error.into(),
    })?;
    let broken = |cause: String| {
        Failure::new(ExitCode::Definition, format!("the stored workflow `{text}` cannot be run")).cause(cause)
    };
    let workflow =
        Workflow::from_canonical_json(&stored.document).map_err(|error| broken(error.to_string()))?;
    let plan = plan::compile(&workflow, &CheckContext::default()).map_err(broken)?;
    let origin = format!("{}@{} in the database", stored.name, stored.version);
    Ok(Loaded { workflow, plan, origin, stored: Some(stored) })
}

/// `name` and `3` of `name@3`.
pub(crate) fn split_version(text: &str) -> Result<(&str, Option<u32>), Failure> {
    let Some((name, version)) = text.rsplit_once('@') else { return Ok((text, None)) };
    let version = version.parse().map_err(|_| {
        Failure::usage(format!("`{text}` does not end in a version"))
            .fix("write `name@3`, or `name` for the newest")
    })?;
    Ok((name, Some(version)))
}

pub(crate) fn unknown(context: &Context, text: &str) -> Failure {
    let failure =
        Failure::usage(format!("there is no workflow `{text}`, neither in the project nor in the database"));
    let files = context.settings().and_then(|settings| project_workflows(&settings.root)).unwrap_or_default();
    let name = |file: &WorkflowFile| Some(file.folder.file_name()?.to_str()?.to_owned());
    let names: Vec<String> = files.iter().filter_map(name).collect();
    match nearest(text, names.iter().map(String::as_str)) {
        Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
        None if names.is_empty() => failure.fix("make one with `branchline init`, or give the path of one"),
        None => failure.fix(format!("the project has `{}`", names.join("`, `"))),
    }
}
