//! POEM workflows: camelCase names, prompts and schemas in files, no attribute table.

use std::collections::BTreeMap;

use super::foreign::{ForeignAttribute, ForeignPort, ForeignSection, ForeignStep, ForeignWorkflow};
use super::form::is_template_file;
use super::keys::{Shape, keep_rest};
use super::read::passed_over;
use super::report::ImportReport;
use super::tree::{Node, Tree};
use crate::definition::document::{Files, is_inside};

/// Reads a POEM workflow. Prompt files that are there are read, those that are not are listed.
pub(super) fn workflow(tree: &Tree, files: &dyn Files, report: &mut ImportReport) -> ForeignWorkflow {
    passed_over(tree, report);
    let root = &tree.root;
    let mut reader = Reader { files, report };
    let mut workflow = ForeignWorkflow {
        name: root.text_at("name").trim().to_owned(),
        description: root.text_at("description").trim().to_owned(),
        ..ForeignWorkflow::default()
    };
    let version = root.text_at("version");
    if !version.is_empty() {
        workflow.notes.push(format!("version: {version}"));
    }
    reader.rest(root, WORKFLOW_KEYS, "workflow", &mut workflow.notes);
    for section in list(root, "sections") {
        let section = reader.section(section);
        workflow.sections.push(section);
    }
    let flat = list(root, "steps");
    if !flat.is_empty() {
        let name = "Steps".to_owned();
        let steps = flat.iter().map(|step| reader.step(step, &name)).collect();
        workflow.sections.push(ForeignSection { name, steps, ..ForeignSection::default() });
    }
    workflow.attributes = attributes(&workflow);
    workflow
}

/// There is no table of attributes: they are what steps read and write.
fn attributes(workflow: &ForeignWorkflow) -> Vec<ForeignAttribute> {
    let mut attributes: BTreeMap<&str, &ForeignAttribute> = BTreeMap::new();
    for step in workflow.sections.iter().flat_map(|section| &section.steps) {
        for port in step.inputs.iter().chain(&step.outputs) {
            attributes.entry(&port.attribute.name).or_insert(&port.attribute);
        }
    }
    attributes.into_values().cloned().collect()
}

fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

struct Reader<'a> {
    files: &'a dyn Files,
    report: &'a mut ImportReport,
}

impl Reader<'_> {
    fn section(&mut self, node: &Node) -> ForeignSection {
        let name = node.text_at("name").trim().to_owned();
        let mut notes = Vec::new();
        self.rest(node, SECTION_KEYS, &name, &mut notes);
        let steps = list(node, "steps").iter().map(|step| self.step(step, &name)).collect();
        let description = node.text_at("description").trim().to_owned();
        ForeignSection { name, description, steps, notes, ..ForeignSection::default() }
    }

    fn step(&mut self, node: &Node, section: &str) -> ForeignStep {
        let id = node.text_at("id").trim();
        let name = match node.text_at("name").trim() {
            "" => id,
            name => name,
        };
        let place = format!("{section} / {name}");
        let mut step = ForeignStep {
            name: name.to_owned(),
            description: node.text_at("description").trim().to_owned(),
            ..ForeignStep::default()
        };
        step.inputs = self.ports(list(node, "inputs"), "input", &place, &mut step.notes);
        step.outputs = self.ports(list(node, "outputs"), "output", &place, &mut step.notes);
        if crate::name::slug(id) != crate::name::slug(name) {
            step.notes.push(format!("id: {id}"));
        }
        self.mapping(node, &mut step, &place);
        self.prompt(node.text_at("prompt"), &mut step, &place);
        if node.text_at("checkpoint") == "true" && !step.prompt.is_empty() {
            step.notes.push("checkpoint: true".to_owned());
            let sentence = "a checkpoint behind a prompt is kept in the description; nobody is asked";
            self.report.not_understood(place.clone(), sentence);
        }
        self.rest(node, STEP_KEYS, &place, &mut step.notes);
        if let Some(mapping) = node.get("mapping").filter(|mapping| mapping.as_map().is_some()) {
            self.rest(mapping, MAPPING_KEYS, &place, &mut step.notes);
        }
        step
    }

    fn ports(
        &mut self,
        nodes: &[Node],
        what: &str,
        place: &str,
        step_notes: &mut Vec<String>,
    ) -> Vec<ForeignPort> {
        let mut ports = Vec::new();
        for node in nodes {
            let name = node.as_text().unwrap_or_else(|| node.text_at("name")).trim();
            if name.is_empty() {
                let sentence = format!("`{}` names no attribute, and is left out", node.to_line());
                self.report.not_understood(place, sentence);
                continue;
            }
            let attribute = ForeignAttribute {
                name: name.to_owned(),
                type_name: node.text_at("type").to_lowercase(),
                description: node.text_at("description").trim().to_owned(),
                ..ForeignAttribute::default()
            };
            if node.as_map().is_some() {
                let mut kept = Vec::new();
                self.rest(node, PORT_KEYS, place, &mut kept);
                step_notes.extend(kept.iter().map(|note| format!("{what} {name}: {note}")));
            }
            let is_optional = node.text_at("required") == "false";
            ports.push(ForeignPort { attribute, alias: None, is_optional });
        }
        ports
    }

    /// `mapper: { attribute: name }`, or the same under `mapping.inputs`: what the prompt calls an attribute.
    fn mapping(&mut self, node: &Node, step: &mut ForeignStep, place: &str) {
        let mapper = node.get("mapper").and_then(Node::as_map).unwrap_or_default();
        let inputs =
            node.get("mapping").and_then(|mapping| mapping.get("inputs")?.as_map()).unwrap_or_default();
        for (attribute, name) in mapper.iter().chain(inputs) {
            let line = name.to_line();
            let name = line.as_str();
            match step.inputs.iter_mut().find(|port| port.attribute.name == *attribute) {
                Some(port) if crate::name::is_attribute_name(name) => port.alias = Some(name.to_owned()),
                _ => {
                    step.notes.push(format!("mapping: {attribute} to {name}"));
                    let sentence = format!("`{attribute}` is mapped to `{name}` and is no input of the step");
                    self.report.not_understood(place, sentence);
                }
            }
        }
        let outputs =
            node.get("mapping").and_then(|mapping| mapping.get("outputs")?.as_map()).unwrap_or_default();
        for (name, attribute) in outputs.iter().filter(|(name, node)| node.as_text() != Some(name)) {
            let attribute = attribute.to_line();
            step.notes.push(format!("output mapping: {name} to {attribute}"));
            let sentence =
                format!("the output `{name}` is mapped to `{attribute}`, which is kept in the description");
            self.report.not_understood(place, sentence);
        }
    }

    /// A path is read, any other text is the prompt itself.
    fn prompt(&mut self, prompt: &str, step: &mut ForeignStep, place: &str) {
        let path = prompt.trim().trim_start_matches("./");
        if !is_template_file(prompt) {
            prompt.clone_into(&mut step.prompt);
            return;
        }
        let text = if is_inside(path) { self.files.read(path).ok() } else { None };
        if let Some(text) = text {
            let text = text.replace("\r\n", "\n");
            text.strip_prefix('\u{feff}').unwrap_or(&text).clone_into(&mut step.prompt);
            step.prompt_file = Some(path.to_owned());
        } else {
            step.notes.push(format!("prompt: {path}"));
            self.report.not_understood(
                place,
                format!("there is no prompt file `{path}` in the folder of the workflow"),
            );
        }
    }

    fn rest(&mut self, node: &Node, known: &[(&str, Shape)], place: &str, notes: &mut Vec<String>) {
        keep_rest(node, known, "has no meaning here", place, notes, self.report);
    }
}

const WORKFLOW_KEYS: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("description", Shape::Text),
    ("version", Shape::Text),
    ("sections", Shape::List),
    ("steps", Shape::List),
];

const SECTION_KEYS: &[(&str, Shape)] =
    &[("name", Shape::Text), ("description", Shape::Text), ("steps", Shape::List)];

const STEP_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("description", Shape::Text),
    ("prompt", Shape::Text),
    ("inputs", Shape::List),
    ("outputs", Shape::List),
    ("checkpoint", Shape::Flag),
    ("mapper", Shape::Map),
    ("mapping", Shape::Map),
];

const MAPPING_KEYS: &[(&str, Shape)] = &[("inputs", Shape::Map), ("outputs", Shape::Map)];

const PORT_KEYS: &[(&str, Shape)] =
    &[("name", Shape::Text), ("type", Shape::Text), ("description", Shape::Text), ("required", Shape::Flag)];
