//! What kind of file a text is.

use std::fmt;

use serde::Serialize;

use super::tree::Node;

/// The forms that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `name`, `sections`, `attributes`, `prompts`; ports are names.
    MinimalJson,
    /// The same with Ruby symbols as keys.
    SymbolYaml,
    /// With titles, settings and named prompts; ports are copies of attributes.
    FullJson,
    /// A definition whose parts have ids; attributes are a list.
    IdJson,
    /// A run whose parts have ids.
    IdRun,
    /// What the player page saves: the attributes with the values filled in so far.
    Snapshot,
    /// A workflow of POEM: camelCase names, prompts in `.hbs` files.
    Poem,
}

impl Form {
    /// Whether it holds a definition.
    pub const fn is_workflow(self) -> bool {
        !matches!(self, Self::IdRun | Self::Snapshot)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinimalJson => "minimal JSON",
            Self::SymbolYaml => "YAML with Ruby symbols",
            Self::FullJson => "full JSON export",
            Self::IdJson => "JSON with ids",
            Self::IdRun => "run as JSON with ids",
            Self::Snapshot => "run snapshot",
            Self::Poem => "POEM workflow",
        })
    }
}

/// Keys of a POEM step that our own language does not have.
const POEM_STEP_KEYS: [&str; 6] = ["id", "schema", "checkpoint", "mapper", "mapping", "condition"];

/// Keys of our own language that POEM does not have: a file with one of them is ours, with a mistake in it.
const OWN_KEYS: [&str; 12] = [
    "types",
    "partials",
    "action",
    "for_each",
    "gather",
    "prompt_file",
    "from",
    "show",
    "when",
    "variants",
    "repeat",
    "enabled",
];

/// The form of a document; `None` for our own language and for anything else.
pub(super) fn detect(root: &Node) -> Option<Form> {
    let entries = root.as_map()?;
    let has = |key: &str| root.get(key).is_some();
    if entries.iter().any(|(key, _)| matches!(key.as_str(), ":name" | ":sections" | ":attributes")) {
        return Some(Form::SymbolYaml);
    }
    if has("section_runs") {
        return Some(Form::IdRun);
    }
    if has("workflow") && has("attributes") && !has("sections") && !has("steps") {
        return Some(Form::Snapshot);
    }
    if root.text_at("format").starts_with("branchline.workflow/") {
        return None;
    }
    of_definition(root)
}

fn of_definition(root: &Node) -> Option<Form> {
    let steps = || {
        let sections = root.get("sections").and_then(Node::as_list).unwrap_or_default();
        let nested = sections.iter().filter_map(|section| section.get("steps")?.as_list()).flatten();
        nested.chain(root.get("steps").and_then(Node::as_list).unwrap_or_default())
    };
    let attributes = root.get("attributes");
    let ports = || {
        let lists = steps().flat_map(|step| [step.get("input_attributes"), step.get("output_attributes")]);
        lists.flatten().filter_map(Node::as_list).flatten()
    };
    let has_ports =
        steps().any(|step| step.get("input_attributes").or(step.get("output_attributes")).is_some());
    let is_table = attributes.and_then(Node::as_map).is_some_and(|entries| {
        !entries.is_empty() && entries.iter().all(|(_, attribute)| attribute.get("is_array").is_some())
    });
    if attributes.is_some_and(|attributes| attributes.as_list().is_some()) && root.get("sections").is_some() {
        return Some(Form::IdJson);
    }
    if has_ports || is_table || root.get("settings").is_some() && root.get("sections").is_some() {
        let is_full = root.get("settings").is_some()
            || root.get("title").is_some()
            || ports().any(|port| port.as_map().is_some());
        return Some(if is_full { Form::FullJson } else { Form::MinimalJson });
    }
    let is_ours =
        OWN_KEYS.iter().any(|key| root.get(key).is_some() || steps().any(|step| step.get(key).is_some()));
    let is_poem = !is_ours
        && (root.get("steps").and_then(Node::as_list).is_some()
            || steps().any(|step| {
                POEM_STEP_KEYS.iter().any(|key| step.get(key).is_some())
                    || is_template_file(step.text_at("prompt"))
            }));
    (is_poem && root.get("name").is_some()).then_some(Form::Poem)
}

/// Whether a prompt is the path of a file of Handlebars.
pub(super) fn is_template_file(prompt: &str) -> bool {
    let extension = std::path::Path::new(prompt.trim()).extension();
    !prompt.trim().contains(char::is_whitespace)
        && extension.is_some_and(|extension| extension == "hbs" || extension == "md")
}
