//! A workflow as the files an author would have written: `workflow.yaml` in the short forms, prompts beside it.

mod emit;
mod flow;
mod step;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::decode::PARTIAL_FOLDER;
use super::files::is_inside;
use super::format::layout;
use crate::definition::{Attribute, ModelParameters, Step, TypeExpression, Workflow};
use emit::Out;

/// The name of the workflow file in a folder.
pub const WORKFLOW_FILE: &str = "workflow.yaml";

/// Characters of each half of a made prompt file name: file systems stop at 255 bytes.
const FILE_NAME_CHARS_MAX: usize = 50;

impl Workflow {
    /// The folder form: texts by path, to be written below one folder. Reading them gives the same content hash.
    ///
    /// Prompts go to the file they came from; one of several lines without such a file goes to
    /// `prompts/<section>-<step>.md`, and the others stand in `workflow.yaml`.
    pub fn to_files(&self) -> BTreeMap<String, String> {
        let mut writer = Writer::default();
        let inline_partials = writer.partials(&self.partials);
        let mut entries = vec![("name".to_owned(), Out::text(&self.name))];
        push_text(&mut entries, "description", &self.description);
        push_text(&mut entries, "model", self.model.as_deref().unwrap_or_default());
        push_parameters(&mut entries, &self.parameters);
        if !self.types.is_empty() {
            let types =
                self.types.iter().map(|(name, schema)| (name.clone(), types::short(schema))).collect();
            entries.push(("types".to_owned(), Out::Map(types)));
        }
        if !self.attributes.is_empty() {
            let attributes =
                self.attributes.iter().map(|(name, declared)| (name.clone(), attribute(declared)));
            entries.push(("attributes".to_owned(), Out::Map(attributes.collect())));
        }
        if let Some(outputs) = &self.outputs {
            entries.push(("outputs".to_owned(), Out::names(outputs)));
        }
        if !inline_partials.is_empty() {
            entries.push(("partials".to_owned(), Out::Map(inline_partials)));
        }
        let sections = self.sections.iter().map(|section| {
            let mut entries = vec![("name".to_owned(), Out::text(&section.name))];
            push_text(&mut entries, "description", &section.description);
            if !section.enabled {
                entries.push(("enabled".to_owned(), Out::Raw("false".to_owned())));
            }
            flow::push_section(&mut entries, section);
            let steps = section.steps.iter().map(|step| writer.step(step, &section.slug())).collect();
            entries.push(("steps".to_owned(), Out::List(steps)));
            Out::Map(entries)
        });
        entries.push(("sections".to_owned(), Out::List(sections.collect())));
        let mut files = writer.files;
        let text = emit::document(&entries);
        // What is not the same in the one layout stays as it is.
        files.insert(WORKFLOW_FILE.to_owned(), layout(WORKFLOW_FILE, &text).unwrap_or(text));
        files
    }
}

/// The prompt files written so far.
#[derive(Default)]
struct Writer {
    files: BTreeMap<String, String>,
    /// Paths in lower case, because some file systems do not tell `A.md` from `a.md`.
    taken: BTreeSet<String>,
}

impl Writer {
    /// Writes the partials that can be files; gives back the others.
    fn partials(&mut self, partials: &BTreeMap<String, String>) -> Vec<(String, Out)> {
        let mut inline = Vec::new();
        for (name, text) in partials {
            let is_simple =
                |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
            let path = format!("{PARTIAL_FOLDER}/_{name}.md");
            let fits =
                !name.is_empty() && name.len() <= 2 * FILE_NAME_CHARS_MAX && name.chars().all(is_simple);
            if fits && stays_itself(text) && self.taken.insert(path.to_lowercase()) {
                self.files.insert(path, text.clone());
            } else {
                inline.push((name.clone(), Out::Text(text.clone())));
            }
        }
        inline
    }

    /// The key and value that stand for a prompt: `prompt`, or `prompt_file` with the text in that file.
    fn prompt(&mut self, step: &Step, section_slug: &str) -> Option<(String, Out)> {
        let text = step.prompt.as_ref()?;
        let inline = || Some(("prompt".to_owned(), Out::Text(text.clone())));
        let is_long = text.trim_end_matches('\n').contains('\n');
        if !stays_itself(text) || (step.prompt_file.is_none() && !is_long) {
            return inline();
        }
        // A text that begins like front matter gets an empty one, so that it stays text.
        let content = if text.starts_with("---\n") { format!("---\n---\n{text}") } else { text.clone() };
        let own =
            step.prompt_file.as_ref().filter(|path| is_usable(path) && self.takes(path, &content)).cloned();
        let path = own.or_else(|| self.made_path(section_slug, &step.slug(), &content));
        let Some(path) = path else { return inline() };
        self.taken.insert(path.to_lowercase());
        self.files.insert(path.clone(), content);
        Some(("prompt_file".to_owned(), Out::Text(path)))
    }

    /// Whether a file is free, or holds this content already.
    fn takes(&self, path: &str, content: &str) -> bool {
        self.files
            .get(path)
            .map_or_else(|| !self.taken.contains(&path.to_lowercase()), |known| known == content)
    }

    fn made_path(&self, section: &str, step: &str, content: &str) -> Option<String> {
        let short = |slug: &str| slug.chars().take(FILE_NAME_CHARS_MAX).collect::<String>();
        let base = format!("{PARTIAL_FOLDER}/{}-{}", short(section), short(step));
        let numbered = (2..=self.files.len() + 2).map(|number| format!("{base}-{number}.md"));
        std::iter::once(format!("{base}.md")).chain(numbered).find(|path| self.takes(path, content))
    }
}

/// Whether a file with this text is read as this text: line ends and byte order marks are normalised there.
fn stays_itself(text: &str) -> bool {
    !text.contains('\r') && !text.starts_with('\u{feff}')
}

/// Whether a prompt may be written there: below the folder, and no partial and no workflow file.
fn is_usable(path: &str) -> bool {
    let has_folder = path.contains('/');
    is_inside(path)
        && path.len() <= 200
        && !path.starts_with(&format!("{PARTIAL_FOLDER}/_"))
        && path.chars().all(|character| !character.is_control())
        && (has_folder || path.to_lowercase().ends_with(".md"))
}

fn push_text(entries: &mut Vec<(String, Out)>, key: &str, text: &str) {
    if !text.is_empty() {
        entries.push((key.to_owned(), Out::text(text)));
    }
}

fn push_number<T: Into<Json>>(entries: &mut Vec<(String, Out)>, key: &str, number: Option<T>) {
    if let Some(number) = number {
        entries.push((key.to_owned(), Out::json(&number.into())));
    }
}

fn push_parameters(entries: &mut Vec<(String, Out)>, parameters: &ModelParameters) {
    push_number(entries, "temperature", parameters.temperature);
    push_number(entries, "top_p", parameters.top_p);
    push_number(entries, "max_tokens", parameters.max_tokens);
    push_number(entries, "seed", parameters.seed);
    if !parameters.stop.is_empty() {
        entries.push(("stop".to_owned(), Out::names(&parameters.stop)));
    }
}

fn attribute(attribute: &Attribute) -> Out {
    let mut entries = match &attribute.value_type {
        TypeExpression::Name(name) => vec![("type".to_owned(), Out::text(name))],
        TypeExpression::Schema(schema) => types::beside_attribute(schema),
    };
    let is_bare = attribute.description.is_empty()
        && !attribute.input
        && !attribute.optional
        && attribute.default.is_none();
    if let ([(_, Out::Text(name))], true, TypeExpression::Name(_)) =
        (entries.as_slice(), is_bare, &attribute.value_type)
    {
        return Out::text(name);
    }
    if attribute.value_type == TypeExpression::default() {
        entries.clear();
    }
    push_text(&mut entries, "description", &attribute.description);
    for (key, is_set) in [("input", attribute.input), ("optional", attribute.optional)] {
        if is_set {
            entries.push((key.to_owned(), Out::Raw("true".to_owned())));
        }
    }
    if let Some(default) = &attribute.default {
        entries.push(("default".to_owned(), Out::json(default)));
    }
    Out::map_on_one_line(entries)
}
