//! Workflow files of another program: reading them, and the report about it.

use std::path::Path;

use branchline_schema_model::check::{Diagnostic, check};
use branchline_schema_model::definition::document::Files as _;
use branchline_schema_model::definition::{SourceMap, Workflow};
use branchline_schema_model::import::{self, Form, ImportOptions, ImportReport};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::{Folder, WorkflowFile};
use crate::foreign::show_report;
use crate::output::{Text, Tone, counted};
use crate::workflow::SHOWN_MAX;

/// What was read of a file of another program.
pub(super) struct Foreign {
    pub(super) path: String,
    pub(super) form: Form,
    pub(super) workflow: Workflow,
    pub(super) report: ImportReport,
}

/// Reads a file of another program; `None` when it is one of ours.
pub(super) fn read(file: &WorkflowFile, literal: bool) -> Result<Option<Foreign>, Failure> {
    let path = file.path();
    let unreadable = |cause: String| {
        Failure::new(ExitCode::Definition, format!("`{path}` cannot be imported")).cause(cause)
    };
    if Path::new(&file.name).extension().is_some_and(|extension| extension == "rbx") {
        return Err(unreadable("it is a Ruby program, which is never run here".to_owned())
            .fix("export it as JSON with the Ruby program, and import that"));
    }
    let Ok(folder) = Folder::open(&file.folder) else { return Ok(None) };
    let Ok(text) = folder.read(&file.name) else { return Ok(None) };
    match import::detect(&text) {
        None => return Ok(None),
        Some(form) if !form.is_workflow() => {
            return Err(unreadable(format!("it is a {form}, no workflow"))
                .fix(format!("import it with `branchline runs import {path}`")));
        }
        Some(_) => {}
    }
    let imported = import::workflow(&text, &folder, ImportOptions { literal });
    let imported = imported.map_err(|error| unreadable(error.to_string()))?;
    let import::Imported { form, workflow, report } = imported;
    Ok(Some(Foreign { path, form, workflow, report }))
}

impl Foreign {
    /// Says what was made of the file.
    pub(super) fn show(&self, context: &Context, all: bool) {
        let output = &context.output;
        if output.is_json() {
            return;
        }
        let head = format!("  {}, {}", self.form, counted(self.report.findings.len(), "finding"));
        output.note(Text::new().push(Tone::Strong, &self.path).push(Tone::Dim, head));
        show_report(context, &self.report, all);
    }

    /// Fails when the workflow is not fit to run.
    pub(super) fn check(&self, context: &Context) -> Result<(), Failure> {
        let checked = check(&self.workflow, &SourceMap::default(), &context.check_context()?);
        let errors: Vec<_> = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        if errors.is_empty() {
            return Ok(());
        }
        let message = format!("`{}` imports with {}", self.path, counted(errors.len(), "error"));
        let shown = errors.into_iter().take(SHOWN_MAX).collect();
        Err(Failure::new(ExitCode::Definition, message)
            .fix("write it as files with `-o FOLDER` and mend them there")
            .diagnostics(shown, String::new()))
    }
}
