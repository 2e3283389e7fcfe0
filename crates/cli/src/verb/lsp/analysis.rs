//! What is known of one workflow at one moment.

use std::path::{Path, PathBuf};

use branchline_schema_model::check::{AttributeInfo, CheckContext, Diagnostic, attributes, check};
use branchline_schema_model::definition::document::{self, Files, ReadDocument};
use branchline_schema_model::definition::{SourceMap, Step, Workflow};
use branchline_schema_model::occurrence::{Form, Occurrence, Occurrences, StepPlace};

/// A workflow as its files are in the editor.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The workflow folder.
    pub(super) folder: PathBuf,
    /// The workflow file in it.
    pub(super) name: String,
    /// What reading gave.
    pub(super) read: ReadDocument,
    /// Everything that is wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What is named where; empty while the workflow file cannot be read.
    pub(super) occurrences: Occurrences,
    /// The attributes, of the last time the workflow file could be read.
    pub(super) attributes: Vec<AttributeInfo>,
    /// The definition of that time.
    pub(super) workflow: Workflow,
    /// Its steps in order, with the line each begins on.
    pub(super) steps: Vec<(StepPlace, u32)>,
    /// The files in the folder of prompts that are no partials.
    pub(super) files: Vec<String>,
}

impl Analysis {
    /// Reads and checks. What cannot be read just now is as it was `before`.
    pub(super) fn new(
        (folder, name): (PathBuf, String),
        files: &dyn Files,
        context: &CheckContext,
        before: impl FnOnce() -> Option<Self>,
    ) -> Self {
        let read = document::read(files, &name);
        let mut prompts = files.list("prompts");
        prompts.retain(|path| !path.starts_with("prompts/_"));
        let mut diagnostics = read.diagnostics.clone();
        let Some(workflow) = read.workflow.clone() else {
            let (attributes, workflow, steps) =
                before().map(|before| (before.attributes, before.workflow, before.steps)).unwrap_or_default();
            let occurrences = Occurrences::default();
            return Self {
                folder,
                name,
                read,
                diagnostics,
                occurrences,
                attributes,
                workflow,
                steps,
                files: prompts,
            };
        };
        diagnostics.extend(check(&workflow, &read.sources, context).diagnostics);
        Self {
            folder,
            name,
            diagnostics,
            occurrences: Occurrences::of(&workflow, &read.sources),
            attributes: attributes(&workflow),
            steps: steps(&workflow, &read.sources),
            workflow,
            files: prompts,
            read,
        }
    }

    /// The name of a file as the definition has it, if it is below the workflow folder.
    pub(super) fn file_name(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.folder).ok()?;
        let parts: Option<Vec<_>> = inside.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    /// Whether a file was read for it.
    pub(super) fn has_file(&self, path: &Path) -> bool {
        self.file_name(path).is_some_and(|name| name == self.name || self.read.sources.text(&name).is_some())
    }

    /// A line of one of its files, counted from 1.
    pub(super) fn line(&self, file: &str, line: u32) -> &str {
        self.read.sources.line(file, line).unwrap_or_default()
    }

    /// What is named at a place, line and column from 1.
    pub(super) fn named_at(&self, file: &str, line: u32, column: u32) -> Option<&Occurrence> {
        self.occurrences.at(file, line, column).filter(|one| one.form != Form::Hidden)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&AttributeInfo> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn step(&self, place: StepPlace) -> Option<&Step> {
        self.workflow.sections.get(place.section)?.steps.get(place.step)
    }
}

fn steps(workflow: &Workflow, sources: &SourceMap) -> Vec<(StepPlace, u32)> {
    let sections = workflow.sections.iter().enumerate();
    let places = sections
        .flat_map(|(section, content)| (0..content.steps.len()).map(move |step| StepPlace { section, step }));
    let begins = |place: StepPlace| sources.value(&place.pointer()).map_or(0, |span| span.line);
    places.map(|place| (place, begins(place))).collect()
}
