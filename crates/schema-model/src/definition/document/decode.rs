//! From a tree to a [`Workflow`]: every key by name, every problem reported, places kept by canonical pointer.
//!
//! The authored short forms and the canonical document go through the same code: where they differ, both are taken.

mod attribute;
mod binding;
mod fields;
mod flow;
pub(super) mod keyword;
mod options;
mod place;
mod prompt;
mod schema;
mod step;
mod value;

use std::collections::BTreeMap;

use super::code;
use super::files::Files;
use super::report::Report;
use super::tree::{Entry, Node, NodeValue};
use crate::definition::{ModelParameters, Section, WORKFLOW_FORMAT, Workflow};
use fields::Fields;
use prompt::PromptFiles;

pub(super) use prompt::PARTIAL_FOLDER;

/// Reads one document.
pub(super) struct Decoder<'a> {
    pub(super) report: Report,
    files: PromptFiles<'a>,
    /// Whether the document is the canonical JSON: then types are JSON Schemas already, and a prompt may stand beside
    /// the name of its file.
    is_canonical: bool,
    /// Whether partials are also read from the folder.
    has_folder: bool,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(files: &'a dyn Files, report: Report, is_json: bool, root: &Node) -> Self {
        let is_canonical = is_json && root.get("format").is_some();
        Self { report, files: PromptFiles::new(files), is_canonical, has_folder: !is_json }
    }

    /// The workflow, as far as it can be understood. `None` when the document is none at all.
    pub(super) fn workflow(&mut self, root: &Node) -> Option<Workflow> {
        let mut fields = Fields::of(root, "workflow", &mut self.report)?;
        if let Some(entry) = fields.take("format") {
            self.check_format(&entry.value)?;
        }
        let mut workflow = Workflow::default();
        self.report.mark_value("", root);
        let name = fields.need("name", "add `name: my-workflow` at the top", &mut self.report);
        workflow.name = self.read(name, "/name", value::name).unwrap_or_default();
        workflow.description =
            self.read(fields.take("description"), "/description", value::text).unwrap_or_default();
        workflow.model = self.read(fields.take("model"), "/model", value::name);
        workflow.parameters = self.parameters(&mut fields, "/parameters");
        let types = fields.take("types");
        let attributes = fields.take("attributes");
        workflow.types = self.types(types);
        workflow.attributes = self.attributes(attributes, types, &workflow.types);
        let outputs = fields.take("outputs");
        workflow.outputs = outputs.map(|entry| value::texts(&mut self.report, entry, "/outputs"));
        workflow.partials = self.partials(fields.take("partials"));
        let fix = "add `sections:`, each with a `name` and `steps`";
        let sections = fields.need("sections", fix, &mut self.report);
        workflow.sections = sections.map(|entry| self.sections(entry)).unwrap_or_default();
        fields.finish(&mut self.report);
        Some(workflow)
    }

    fn check_format(&mut self, node: &Node) -> Option<()> {
        let format = value::text(&mut self.report, node, "format")?;
        if format == WORKFLOW_FORMAT {
            return Some(());
        }
        let message = format!("this version reads `{WORKFLOW_FORMAT}`, not `{format}`");
        let problem = self.report.error(code::FORMAT, &node.span, message);
        if format.starts_with("branchline.workflow/") {
            problem.fix("update the program, or export the workflow from the older version");
        } else {
            problem.fix(format!("write `format: {WORKFLOW_FORMAT}`, or remove the key"));
        }
        None
    }

    fn sections(&mut self, entry: &Entry) -> Vec<Section> {
        self.report.mark("/sections", entry);
        let mut sections = Vec::new();
        for node in self.items(entry, "add a `-` before each section's `name`") {
            let pointer = format!("/sections/{}", sections.len());
            sections.extend(self.section(node, &pointer));
        }
        sections
    }

    fn section(&mut self, node: &Node, pointer: &str) -> Option<Section> {
        let mut fields = Fields::of(node, "section", &mut self.report)?;
        self.report.mark_value(pointer, node);
        let name = fields.need("name", "add `name: …`", &mut self.report);
        let name = self.read(name, &format!("{pointer}/name"), value::name).unwrap_or_default();
        let description =
            self.read(fields.take("description"), &format!("{pointer}/description"), value::text);
        let enabled = self.read(fields.take("enabled"), &format!("{pointer}/enabled"), value::boolean);
        let when = self.read(fields.take("when"), &format!("{pointer}/when"), value::name);
        let spread = self.spread(&mut fields, pointer);
        let repeat = fields.take("repeat").and_then(|entry| self.repeat(entry, &format!("{pointer}/repeat")));
        let fix = "add `steps:` with at least one step";
        let mut steps = Vec::new();
        if let Some(entry) = fields.need("steps", fix, &mut self.report) {
            self.report.mark(&format!("{pointer}/steps"), entry);
            for node in self.items(entry, "add a `-` before each step's `name`") {
                let pointer = format!("{pointer}/steps/{}", steps.len());
                steps.extend(self.step(node, &pointer));
            }
        }
        fields.finish(&mut self.report);
        Some(Section {
            name,
            description: description.unwrap_or_default(),
            enabled: enabled.unwrap_or(true),
            when,
            spread,
            repeat,
            steps,
        })
    }

    /// The entries of a list; anything else is reported.
    fn items<'n>(&mut self, entry: &'n Entry, fix: &str) -> &'n [Node] {
        if let NodeValue::List(items) = &entry.value.value {
            return items;
        }
        value::wrong_kind(&mut self.report, &entry.value, &entry.key, "a list", fix);
        &[]
    }

    /// Reads an entry that may be absent, and marks where it stands.
    fn read<T>(
        &mut self,
        entry: Option<&Entry>,
        pointer: &str,
        read: impl FnOnce(&mut Report, &Node, &str) -> Option<T>,
    ) -> Option<T> {
        let entry = entry?;
        self.report.mark(pointer, entry);
        read(&mut self.report, &entry.value, &entry.key)
    }

    /// Reads an entry into a place that another spelling of it may have filled already.
    fn fill<T>(
        &mut self,
        slot: &mut Option<T>,
        entry: Option<&Entry>,
        pointer: &str,
        read: impl FnOnce(&mut Report, &Node, &str) -> Option<T>,
    ) {
        let Some(entry) = entry else { return };
        if slot.is_none() {
            *slot = self.read(Some(entry), pointer, read);
            return;
        }
        let first = self.report.sources.key(pointer).cloned();
        let message = format!("`{}` is given twice", entry.key);
        let mut problem = self.report.error(code::CONFLICT, &entry.key_span, message);
        if let Some(first) = first {
            problem = problem.place(&first, "first given here");
        }
        problem.fix("keep one of the two");
    }

    /// Model parameters, under `parameters` or directly beside the other keys.
    fn parameters(&mut self, fields: &mut Fields<'_>, pointer: &str) -> ModelParameters {
        let mut parameters = ModelParameters::default();
        if let Some(entry) = fields.take("parameters") {
            self.report.mark(pointer, entry);
            if let Some(mut inner) = Fields::of(&entry.value, "map of parameters", &mut self.report) {
                self.parameters_into(&mut parameters, &mut inner, pointer);
                inner.finish(&mut self.report);
            }
        }
        self.parameters_into(&mut parameters, fields, pointer);
        parameters
    }

    fn partials(&mut self, entry: Option<&Entry>) -> BTreeMap<String, String> {
        let mut partials = BTreeMap::new();
        if let Some(entry) = entry {
            self.report.mark("/partials", entry);
            if let Some(mut fields) = Fields::of(&entry.value, "map of partials", &mut self.report) {
                for entry in fields.take_rest() {
                    let pointer = format!("/partials/{}", escape(&entry.key));
                    if let Some(text) = self.read(Some(entry), &pointer, value::text) {
                        partials.insert(entry.key.clone(), text);
                    }
                }
            }
        }
        if self.has_folder {
            self.partial_files(&mut partials);
        }
        partials
    }
}

/// A key as a part of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
