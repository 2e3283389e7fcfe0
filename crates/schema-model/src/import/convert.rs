//! From what a file says to a definition.
//!
//! First everything gets a name that can be used here (`names`), then prompts become templates (`prompts`), then the
//! meaning that names only hint at is found (`branches`), and at last inputs are declared as they are read (`inputs`)
//! and doubts are listed (`doubts`).

mod apply;
mod branches;
mod doubts;
mod inputs;
mod kind;
mod names;
mod placeholder;
mod prompts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ImportOptions;
use super::foreign::{ForeignAttribute, ForeignWorkflow};
use super::form::Form;
use super::report::ImportReport;
use super::run::RunNames;
use crate::check::{CheckContext, Diagnostic, check};
use crate::definition::{Attribute, SourceMap, Step, Workflow};

pub(super) use names::attribute_name;

/// A step on its way to a definition.
#[derive(Debug, Clone, Default)]
struct Draft {
    place: String,
    /// Name, description, prompt and outputs are set; the rest follows.
    step: Step,
    /// Declared inputs.
    ports: Vec<Port>,
    /// Attributes the prompt mentions.
    mentions: BTreeSet<String>,
    /// Why there is no prompt, in words; empty when there is one.
    missing: String,
}

/// A declared input.
#[derive(Debug, Clone)]
struct Port {
    attribute: String,
    /// What the prompt calls it.
    alias: Option<String>,
    is_optional: bool,
}

/// A section on its way to a definition.
#[derive(Debug, Clone, Default)]
struct SectionDraft {
    name: String,
    description: String,
    steps: Vec<Draft>,
}

/// Everything on its way to a definition.
#[derive(Debug, Clone, Default)]
struct Drafts {
    sections: Vec<SectionDraft>,
    attributes: BTreeMap<String, Attribute>,
    /// Names of the file, each with the name here.
    renamed: BTreeMap<String, String>,
    /// Prompts that no step uses.
    partials: BTreeMap<String, String>,
    /// What belongs to no part of the definition, a line each.
    notes: Vec<String>,
}

impl Draft {
    fn has_prompt(&self) -> bool {
        self.missing.is_empty()
    }

    /// What it cannot do without: what its prompt mentions, else what it declares.
    fn needs(&self) -> Vec<&str> {
        if self.has_prompt() {
            self.mentions.iter().map(String::as_str).collect()
        } else {
            self.ports.iter().map(|port| port.attribute.as_str()).collect()
        }
    }
}

impl Drafts {
    fn steps(&self) -> impl Iterator<Item = &Draft> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    fn is_list(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).is_some_and(|declared| names::is_list(&declared.value_type))
    }

    /// The kind of one element of an attribute.
    fn element(&self, attribute: &str) -> String {
        self.attributes
            .get(attribute)
            .map(|declared| names::element(&declared.value_type))
            .unwrap_or_default()
    }
}

/// Makes a definition. When what was recognised does not hold together, it is left out.
pub(super) fn convert(
    foreign: &ForeignWorkflow,
    form: Form,
    options: ImportOptions,
    report: &mut ImportReport,
) -> Workflow {
    let before = report.clone();
    let workflow = once(foreign, form, options.literal, report);
    if options.literal || errors(&workflow).is_empty() {
        return workflow;
    }
    let mut literal_report = before;
    let literal = once(foreign, form, true, &mut literal_report);
    if !errors(&literal).is_empty() {
        return workflow;
    }
    let reason = errors(&workflow).first().map(|error| error.message.clone()).unwrap_or_default();
    literal_report.not_understood(
        "workflow",
        format!("its fan-outs, gathers and choices do not fit together ({reason}), so they are left out"),
    );
    *report = literal_report;
    literal
}

fn once(foreign: &ForeignWorkflow, form: Form, literal: bool, report: &mut ImportReport) -> Workflow {
    let mut drafts = names::drafts(foreign, report);
    prompts::convert(foreign, form, &mut drafts, report);
    let decisions = branches::decide(&drafts, literal, report);
    let items = decisions.items.clone();
    apply::apply(&mut drafts, decisions, report);
    inputs::declare(&mut drafts, &items, report);
    doubts::list(&drafts, &items, report);
    names::workflow(foreign, drafts, report)
}

/// The names of sections, steps and attributes after an import, by the ids of the file.
pub(super) fn imported_names(foreign: &ForeignWorkflow) -> RunNames {
    let drafts = names::drafts(foreign, &mut ImportReport::default());
    let mut sections = HashMap::new();
    let mut steps = HashMap::new();
    for (section, draft) in prompts::sections_in_order(foreign).into_iter().zip(&drafts.sections) {
        sections.insert(section.id.clone(), draft.name.clone());
        let in_order = prompts::steps_in_order(section).into_iter().zip(&draft.steps);
        steps.extend(in_order.map(|(step, draft)| (step.id.clone(), draft.step.name.clone())));
    }
    let name_of =
        |attribute: &ForeignAttribute| drafts.renamed.get(&attribute.name).cloned().unwrap_or_default();
    let attributes = foreign.attributes.iter().map(|attribute| (attribute.id.clone(), name_of(attribute)));
    let renamed = drafts.renamed.clone().into_iter().collect();
    RunNames::new(foreign.name.clone(), sections, steps, attributes.collect(), renamed)
}

fn errors(workflow: &Workflow) -> Vec<Diagnostic> {
    let checked = check(workflow, &SourceMap::default(), &CheckContext::default());
    checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect()
}
