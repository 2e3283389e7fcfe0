//! Minimal JSON, symbol YAML, full JSON and JSON with ids: one tolerant reader, because they differ by what they leave
//! out.

use std::collections::HashMap;

use super::ImportError;
use super::foreign::{
    ForeignAttribute, ForeignPort, ForeignPrompt, ForeignSection, ForeignStep, ForeignWorkflow,
};
use super::form::Form;
use super::keys::{Shape, keep_rest};
use super::report::ImportReport;
use super::tree::{Node, Tree};
use crate::limits::{ATTRIBUTES_MAX, SECTIONS_MAX, STEPS_MAX};

/// Reads the workflow of a document.
pub(super) fn workflow(
    tree: &Tree,
    form: Form,
    report: &mut ImportReport,
) -> Result<ForeignWorkflow, ImportError> {
    passed_over(tree, report);
    let root = if form == Form::SymbolYaml { without_symbols(&tree.root) } else { tree.root.clone() };
    let mut reader = Reader { report, ids: HashMap::new() };
    let workflow = reader.workflow(&root);
    let steps: usize = workflow.sections.iter().map(|section| section.steps.len()).sum();
    let counts = [
        (workflow.sections.len(), SECTIONS_MAX, "sections"),
        (steps, STEPS_MAX, "steps"),
        (workflow.attributes.len(), ATTRIBUTES_MAX, "attributes"),
    ];
    for (count, most, what) in counts {
        if count > most {
            return Err(ImportError::TooLarge(format!("it has {count} {what}, at most {most} are read")));
        }
    }
    Ok(workflow)
}

/// Lists what the parser passed over.
pub(super) fn passed_over(tree: &Tree, report: &mut ImportReport) {
    for tag in &tree.tags {
        report.not_understood(
            "workflow",
            format!("the tag `{tag}` has no meaning here; its value is read as it stands"),
        );
    }
    for key in &tree.duplicates {
        report.changed("workflow", format!("the key `{key}` stands twice in one place; the last one counts"));
    }
    if tree.has_carriage_returns {
        report.changed("workflow", "lines that ended with CR LF end with LF");
    }
}

/// The tree with one colon taken from every key, and from names and types that were written as symbols.
fn without_symbols(node: &Node) -> Node {
    match node {
        Node::Map(entries) => Node::Map(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = symbol(key).unwrap_or_else(|| key.clone());
                    let value = match (key.as_str(), value) {
                        ("name" | "type", Node::Text { text, is_quoted: false }) => {
                            Node::text(symbol(text).unwrap_or_else(|| text.clone()))
                        }
                        ("input_attributes" | "output_attributes", Node::List(ports)) => {
                            Node::List(ports.iter().map(port_without_symbol).collect())
                        }
                        _ => without_symbols(value),
                    };
                    (key, value)
                })
                .collect(),
        ),
        Node::List(items) => Node::List(items.iter().map(without_symbols).collect()),
        other => other.clone(),
    }
}

fn port_without_symbol(port: &Node) -> Node {
    match port {
        Node::Text { text, is_quoted: false } => Node::text(symbol(text).unwrap_or_else(|| text.clone())),
        other => without_symbols(other),
    }
}

/// `:name` and `:"long name"` without what makes them symbols.
fn symbol(text: &str) -> Option<String> {
    let name = text.strip_prefix(':')?;
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    Some(quoted.unwrap_or(name).to_owned())
}

struct Reader<'a> {
    report: &'a mut ImportReport,
    /// Attribute ids of the file, each with the name behind it.
    ids: HashMap<String, String>,
}

impl Reader<'_> {
    fn workflow(&mut self, root: &Node) -> ForeignWorkflow {
        let attributes = self.attributes(root.get("attributes"));
        let mut workflow = ForeignWorkflow {
            name: root.text_at("name").trim().to_owned(),
            description: root.text_at("description").trim().to_owned(),
            attributes,
            prompts: self.prompts(root.get("prompts")),
            has_templates: root.text_at("format").starts_with("branchline.workflow-ids/"),
            ..ForeignWorkflow::default()
        };
        workflow.notes.extend(own_title(root, &workflow.name));
        self.settings(root.get("settings"), &mut workflow);
        self.rest(root, WORKFLOW_KEYS, "workflow", &mut workflow.notes);
        for (at, section) in
            root.get("sections").and_then(Node::as_list).unwrap_or_default().iter().enumerate()
        {
            let section = self.section(section, at, &workflow.default_model);
            workflow.sections.push(section);
        }
        if root.get("id").is_some() {
            self.report.info("workflow", "the ids of the file are not kept; parts are known by their names");
        }
        workflow
    }

    fn settings(&mut self, settings: Option<&Node>, workflow: &mut ForeignWorkflow) {
        for (name, setting) in settings.and_then(Node::as_map).unwrap_or_default() {
            let value = setting.get("value").map_or_else(|| setting.to_line(), Node::to_line);
            let about = setting.text_at("description");
            let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
            workflow.notes.push(format!("{name}: {value}{about}"));
            let place = format!("setting {name}");
            if setting.as_map().is_some() {
                self.rest(setting, SETTING_KEYS, &place, &mut workflow.notes);
            }
            if name == "default_llm" {
                let sentence = format!(
                    "`{value}` is kept in the description; `model:` of the workflow names a model of yours"
                );
                self.report.info(place, sentence);
                workflow.default_model = value;
            } else {
                self.report.info(place, format!("`{value}` is kept in the description and never used"));
            }
        }
    }

    fn section(&mut self, node: &Node, at: usize, default_model: &str) -> ForeignSection {
        let mut section = ForeignSection {
            id: node.text_at("id").to_owned(),
            name: node.text_at("name").trim().to_owned(),
            description: node.text_at("description").trim().to_owned(),
            order: order(node),
            ..ForeignSection::default()
        };
        let place =
            if section.name.is_empty() { format!("section {}", at + 1) } else { section.name.clone() };
        section.notes.extend(own_title(node, &section.name));
        self.rest(node, SECTION_KEYS, &place, &mut section.notes);
        for (at, step) in node.get("steps").and_then(Node::as_list).unwrap_or_default().iter().enumerate() {
            let name = step.text_at("name").trim();
            let step_place = if name.is_empty() {
                format!("{place} / step {}", at + 1)
            } else {
                format!("{place} / {name}")
            };
            section.steps.push(self.step(step, &step_place, default_model));
        }
        section
    }

    fn step(&mut self, node: &Node, place: &str, default_model: &str) -> ForeignStep {
        let mut step = ForeignStep {
            id: node.text_at("id").to_owned(),
            name: node.text_at("name").trim().to_owned(),
            description: node.text_at("description").trim().to_owned(),
            order: order(node),
            prompt: node.text_at("prompt").to_owned(),
            ..ForeignStep::default()
        };
        step.inputs = self.ports(node.get("input_attributes"), "input", place, &mut step.notes);
        step.outputs = self.ports(node.get("output_attributes"), "output", place, &mut step.notes);
        step.notes.extend(own_title(node, &step.name));
        let models = node.get("language_models").and_then(Node::as_list).unwrap_or_default();
        for other in models.iter().filter(|model| model.as_text().is_none() && !model.is_empty()) {
            step.notes.push(format!("model: {}", other.to_line()));
            self.report.not_understood(place, "a model that is no name is kept in the description");
        }
        for model in models.iter().filter_map(Node::as_text).chain(node.get("llm").and_then(Node::as_text)) {
            // Nearly always a copy of the setting.
            if model != default_model && !model.is_empty() {
                step.notes.push(format!("model: {model}"));
                self.report.info(place, format!("the model `{model}` is kept in the description"));
            }
        }
        let action = node.text_at("action");
        if !matches!(action, "" | "gpt") {
            step.notes.push(format!("action: {action}"));
            self.report.not_understood(place, format!("the action `{action}` is unknown here"));
        }
        self.rest(node, STEP_KEYS, place, &mut step.notes);
        step
    }

    /// Names, or copies of attributes; with ids the name counts first, the id only when there is none.
    fn ports(
        &mut self,
        node: Option<&Node>,
        what: &str,
        place: &str,
        step_notes: &mut Vec<String>,
    ) -> Vec<ForeignPort> {
        let mut ports = Vec::new();
        for port in node.and_then(Node::as_list).unwrap_or_default() {
            let mut attribute = match port {
                Node::Text { text, .. } => {
                    ForeignAttribute { name: text.trim().to_owned(), ..Default::default() }
                }
                other => self.attribute(other, "", false),
            };
            if attribute.name.is_empty() {
                let id = port.text_at("id");
                let Some(name) = self.ids.get(id) else {
                    let sentence = format!("`{}` names no attribute, and is left out", port.to_line());
                    self.report.not_understood(place, sentence);
                    continue;
                };
                attribute.name.clone_from(name);
            }
            if port.as_map().is_some() {
                let mut notes = Vec::new();
                self.rest(port, PORT_KEYS, place, &mut notes);
                step_notes.extend(notes.iter().map(|note| format!("{what} {}: {note}", attribute.name)));
            }
            let is_optional = port.text_at("required") == "false";
            let alias = self.alias(port, &attribute.name, place, step_notes);
            ports.push(ForeignPort { attribute, alias, is_optional });
        }
        ports
    }

    /// What the prompt calls an input: only our own files say it.
    fn alias(
        &mut self,
        port: &Node,
        attribute: &str,
        place: &str,
        notes: &mut Vec<String>,
    ) -> Option<String> {
        let alias = port.text_at("alias").trim();
        if alias.is_empty() || alias == attribute {
            return None;
        }
        if crate::name::is_attribute_name(alias) {
            return Some(alias.to_owned());
        }
        notes.push(format!("{attribute} is called {alias}"));
        self.report.not_understood(place, format!("`{alias}` cannot be the name of an input in a template"));
        None
    }

    fn attributes(&mut self, node: Option<&Node>) -> Vec<ForeignAttribute> {
        let mut attributes = Vec::new();
        match node {
            Some(Node::Map(entries)) => {
                for (key, node) in entries {
                    attributes.push(self.attribute(node, key, true));
                }
            }
            Some(Node::List(items)) => {
                for (at, node) in items.iter().enumerate() {
                    let attribute = self.attribute(node, "", true);
                    if attribute.name.is_empty() {
                        let place = format!("attribute {}", at + 1);
                        self.report.not_understood(
                            place,
                            format!("`{}` has no name, and is left out", node.to_line()),
                        );
                        continue;
                    }
                    self.ids.insert(node.text_at("id").to_owned(), attribute.name.clone());
                    attributes.push(attribute);
                }
            }
            _ => {}
        }
        attributes
    }

    fn attribute(&mut self, node: &Node, key: &str, is_declaration: bool) -> ForeignAttribute {
        let name = match node.text_at("name").trim() {
            "" => key,
            name => name,
        };
        let mut attribute = ForeignAttribute {
            id: node.text_at("id").to_owned(),
            name: name.to_owned(),
            // A text in the place of an attribute is its type.
            type_name: node.as_text().unwrap_or_else(|| node.text_at("type")).trim().to_lowercase(),
            is_array: node.text_at("is_array") == "true",
            description: node.text_at("description").trim().to_owned(),
            notes: Vec::new(),
        };
        if is_declaration {
            attribute.notes.extend(own_title(node, name));
            let place = format!("attribute {name}");
            if node.as_text().is_none() {
                self.rest(node, ATTRIBUTE_KEYS, &place, &mut attribute.notes);
            }
            if !key.is_empty() && key != name {
                self.report.changed(place, format!("it stands under `{key}`; its name counts"));
            }
        }
        attribute
    }

    fn prompts(&mut self, node: Option<&Node>) -> Vec<ForeignPrompt> {
        let named: Vec<(&str, &Node)> = match node {
            Some(Node::Map(entries)) => entries.iter().map(|(key, node)| (key.as_str(), node)).collect(),
            Some(Node::List(items)) => items.iter().map(|node| ("", node)).collect(),
            _ => Vec::new(),
        };
        let mut prompts = Vec::with_capacity(named.len());
        for (at, (key, node)) in named.into_iter().enumerate() {
            let nameless = format!("prompt_{}", at + 1);
            let name = match if key.is_empty() { node.text_at("name") } else { key } {
                "" => nameless.as_str(),
                name => name,
            };
            let content = node.as_text().unwrap_or_else(|| node.text_at("content"));
            let mut notes = Vec::from_iter(own_title(node, name));
            notes.extend(Some(node.text_at("description").to_owned()).filter(|text| !text.is_empty()));
            let place = format!("prompt {name}");
            if node.as_text().is_none() {
                self.rest(node, PROMPT_KEYS, &place, &mut notes);
            }
            prompts.push(ForeignPrompt { name: name.to_owned(), content: content.to_owned(), notes });
        }
        prompts
    }

    fn rest(&mut self, node: &Node, known: &[(&str, Shape)], place: &str, notes: &mut Vec<String>) {
        keep_rest(node, known, "is unknown here", place, notes, self.report);
    }
}

const WORKFLOW_KEYS: &[(&str, Shape)] = &[
    ("format", Shape::Text),
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("title", Shape::Text),
    ("description", Shape::Text),
    ("settings", Shape::Map),
    ("sections", Shape::List),
    ("attributes", Shape::Entries),
    ("prompts", Shape::Entries),
];

const SETTING_KEYS: &[(&str, Shape)] =
    &[("value", Shape::Any), ("description", Shape::Text), ("title", Shape::Text)];

const SECTION_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("title", Shape::Text),
    ("order", Shape::Whole),
    ("description", Shape::Text),
    ("steps", Shape::List),
];

const STEP_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("title", Shape::Text),
    ("order", Shape::Whole),
    ("description", Shape::Text),
    ("prompt", Shape::Text),
    ("input_attributes", Shape::List),
    ("output_attributes", Shape::List),
    ("language_models", Shape::List),
    ("llm", Shape::Text),
    ("action", Shape::Text),
];

const PORT_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("type", Shape::Text),
    ("is_array", Shape::Flag),
    ("description", Shape::Text),
    ("title", Shape::Text),
    ("required", Shape::Flag),
    ("alias", Shape::Text),
];

const ATTRIBUTE_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("type", Shape::Text),
    ("is_array", Shape::Flag),
    ("description", Shape::Text),
    ("title", Shape::Text),
];

const PROMPT_KEYS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("name", Shape::Text),
    ("content", Shape::Text),
    ("description", Shape::Text),
    ("title", Shape::Text),
];

fn order(node: &Node) -> Option<i64> {
    node.get("order")?.as_text()?.trim().parse().ok()
}

/// A title that was not derived from the name.
fn own_title(node: &Node, name: &str) -> Option<String> {
    let title = node.text_at("title").trim();
    let bare = |text: &str| {
        text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase()
    };
    (!title.is_empty() && bare(title) != bare(name)).then(|| format!("title: {title}"))
}
