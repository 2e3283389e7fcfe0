//! Prompts: inline, in files with front matter, and the partials they include.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::fields::Fields;
use super::{Decoder, value};
use crate::definition::ModelParameters;
use crate::definition::document::code;
use crate::definition::document::files::{FileProblem, Files, is_inside, normalise};
use crate::definition::document::report::Report;
use crate::definition::document::tree::{self, Entry, Node, NodeValue, Source};
use crate::definition::source::{Span, TextLayout};
use crate::limits::{PROMPT_TEMPLATE_BYTES_MAX, PROMPT_TEXTS_BYTES_MAX};
use crate::name::nearest;

/// Where partials live, and how their files are named: `prompts/_house-style.md` is `{{> house-style}}`.
pub(in crate::definition::document) const PARTIAL_FOLDER: &str = "prompts";

/// The prompt of a step.
#[derive(Default)]
pub(super) struct Prompt {
    pub(super) text: Option<String>,
    pub(super) file: Option<String>,
    pub(super) front: FrontMatter,
}

/// What the top of a prompt file sets for its step.
#[derive(Default)]
pub(super) struct FrontMatter {
    pub(super) about: Option<String>,
    pub(super) model: Option<String>,
    pub(super) parameters: ModelParameters,
    /// Where each of its keys stands, by the pointer within the step.
    places: BTreeMap<String, Span>,
}

/// What can be said both in a prompt file and on its step, by the pointer within the step.
pub(super) fn settings(
    description: Option<&String>,
    model: Option<&String>,
    parameters: &ModelParameters,
) -> BTreeMap<String, Json> {
    let texts = [("description", description), ("model", model)];
    let texts =
        texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Json::from(text?.as_str()))));
    let parameters = match serde_json::to_value(parameters) {
        Ok(Json::Object(parameters)) => parameters,
        _ => serde_json::Map::new(),
    };
    texts.chain(parameters.into_iter().map(|(key, value)| (format!("parameters/{key}"), value))).collect()
}

/// The prompt files read so far.
pub(super) struct PromptFiles<'a> {
    files: &'a dyn Files,
    read: BTreeMap<String, Result<PromptFile, FileProblem>>,
    /// Bytes of all prompt texts so far.
    bytes: usize,
}

/// A prompt file in its two parts.
#[derive(Clone)]
struct PromptFile {
    front: Option<Arc<Node>>,
    text: Arc<str>,
    /// The line of the text's first line.
    first_line: u32,
}

impl<'a> PromptFiles<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, read: BTreeMap::new(), bytes: 0 }
    }

    fn open(&mut self, path: &str, report: &mut Report) -> Result<PromptFile, FileProblem> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let opened = self.files.read(path).and_then(|text| {
            if text.len() > PROMPT_TEMPLATE_BYTES_MAX {
                return Err(FileProblem::TooLarge { limit: PROMPT_TEMPLATE_BYTES_MAX });
            }
            Ok(split(path, &normalise(text), report))
        });
        self.read.insert(path.to_owned(), opened.clone());
        opened
    }

    /// The existing file that was probably meant.
    fn nearest(&self, path: &str) -> Option<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut known = self.files.list(folder);
        if folder != PARTIAL_FOLDER {
            known.extend(self.files.list(PARTIAL_FOLDER));
        }
        nearest(path, known.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// Takes the front matter off a prompt file.
fn split(path: &str, text: &str, report: &mut Report) -> PromptFile {
    let file: Arc<str> = Arc::from(path);
    report.sources.add_file(Arc::clone(&file), Arc::from(text));
    let whole = PromptFile { front: None, text: Arc::from(text), first_line: 1 };
    let Some(rest) = text.strip_prefix("---\n") else { return whole };
    let mut end = 0;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            let source = Source { file: &file, text: &rest[..end], lines_before: 1 };
            let front = tree::parse(&source, report).map(Arc::new);
            return PromptFile {
                front,
                text: Arc::from(&rest[end + line.len()..]),
                first_line: index as u32 + 3,
            };
        }
        end += line.len();
    }
    whole
}

impl Decoder<'_> {
    /// The prompt of the step at `pointer`, from `prompt` or `prompt_file`.
    pub(super) fn prompt(&mut self, fields: &mut Fields<'_>, pointer: &str) -> Prompt {
        let at = format!("{pointer}/prompt");
        let inline = fields.take("prompt");
        let file = fields.take("prompt_file");
        let path = file.and_then(|entry| self.prompt_path(entry, &format!("{pointer}/prompt_file")));
        let mut prompt = match (inline, file, path) {
            (Some(inline), Some(file), _) if !self.is_canonical => {
                self.report
                    .error(
                        code::CONFLICT,
                        &file.key_span,
                        "this step has both a `prompt` and a `prompt_file`",
                    )
                    .place(&inline.key_span, "the other prompt")
                    .fix("keep one of the two");
                Prompt { text: self.inline_prompt(inline, &at), ..Prompt::default() }
            }
            (Some(inline), _, file) => {
                Prompt { text: self.inline_prompt(inline, &at), file, ..Prompt::default() }
            }
            (None, Some(file), Some(path)) => self.prompt_from_file(file, path, pointer),
            _ => Prompt::default(),
        };
        self.count_text(&mut prompt.text, &at);
        prompt
    }

    fn inline_prompt(&mut self, entry: &Entry, pointer: &str) -> Option<String> {
        self.report.mark(pointer, entry);
        // `prompt:` with nothing behind it is an empty prompt, which the checker has words for.
        if matches!(entry.value.value, NodeValue::Null) {
            return Some(String::new());
        }
        value::text(&mut self.report, &entry.value, "prompt")
    }

    fn prompt_path(&mut self, entry: &Entry, pointer: &str) -> Option<String> {
        let path = self.read(Some(entry), pointer, value::name)?;
        if is_inside(&path) {
            return Some(path);
        }
        let message = format!("`{path}` is not a path below the workflow folder");
        self.report
            .error(code::PROMPT_FILE_PATH, &entry.value.span, message)
            .fix("write a path like `prompts/outline.md`: relative, with `/`, without `..`");
        None
    }

    fn prompt_from_file(&mut self, entry: &Entry, path: String, pointer: &str) -> Prompt {
        let file = match self.files.open(&path, &mut self.report) {
            Ok(file) => file,
            Err(problem) => {
                let fix = match self.files.nearest(&path) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "create the file, or write the text under `prompt`".to_owned(),
                };
                let code = match problem {
                    FileProblem::TooLarge { .. } => code::TOO_LARGE,
                    _ => code::PROMPT_FILE_MISSING,
                };
                let message = format!("cannot read the prompt file `{path}`: {problem}");
                self.report.error(code, &entry.value.span, message).fix(fix);
                return Prompt { file: Some(path), ..Prompt::default() };
            }
        };
        let front = file.front.as_ref().map(|node| self.front_matter(node, pointer)).unwrap_or_default();
        let at = format!("{pointer}/prompt");
        self.report.sources.add_key(&at, entry.key_span.clone());
        self.mark_file(&at, &path, file.first_line, &file.text);
        Prompt { text: Some(file.text.to_string()), file: Some(path), front }
    }

    /// Says that the text at `pointer` is a file from `first_line` on.
    fn mark_file(&mut self, pointer: &str, path: &str, first_line: u32, text: &str) {
        let file: Arc<str> = Arc::from(path);
        let length = text.lines().next().map_or(0, |line| line.chars().count()) as u32;
        let span = Span { file: Arc::clone(&file), line: first_line, column: 1, length: length.max(1) };
        self.report.sources.add_value(pointer, span);
        self.report.sources.add_layout(pointer, TextLayout::Lines { file, first_line, column: 1 });
        if text.contains('\0') {
            let span = self.report.sources.value(pointer).cloned();
            if let Some(span) = span {
                self.report.error(
                    code::NOT_STORABLE,
                    &span,
                    "this text holds a NUL character, which no database can keep",
                );
            }
        }
    }

    fn front_matter(&mut self, node: &Node, pointer: &str) -> FrontMatter {
        if matches!(node.value, NodeValue::Null) {
            return FrontMatter::default();
        }
        let Some(fields) = Fields::of(node, "front matter", &mut self.report) else {
            return FrontMatter::default();
        };
        let mut fields = fields.with_unknown(code::FRONT_MATTER);
        let mut front = FrontMatter {
            about: self.read(fields.take("about"), &format!("{pointer}/description"), value::text),
            model: self.read(fields.take("model"), &format!("{pointer}/model"), value::name),
            parameters: self.parameters(&mut fields, &format!("{pointer}/parameters")),
            places: BTreeMap::new(),
        };
        fields.finish(&mut self.report);
        let keys = settings(front.about.as_ref(), front.model.as_ref(), &front.parameters).into_keys();
        let place =
            |key: String| Some((key.clone(), self.report.sources.key(&format!("{pointer}/{key}"))?.clone()));
        front.places = keys.filter_map(place).collect();
        front
    }

    /// Warns where the step, which has the last word, sets something else than the top of its prompt file.
    pub(super) fn overruled(&mut self, front: &FrontMatter, own: &BTreeMap<String, Json>, pointer: &str) {
        for (key, value) in settings(front.about.as_ref(), front.model.as_ref(), &front.parameters) {
            let Some(own) = own.get(&key).filter(|own| **own != value) else { continue };
            let place = self.report.sources.key(&format!("{pointer}/{key}")).cloned();
            let (Some(place), Some(other)) = (place, front.places.get(&key)) else { continue };
            let name = key.rsplit('/').next().unwrap_or(&key);
            let message =
                format!("`{name}` is {own} here and {value} in the prompt file, and the step counts");
            self.report
                .warning(code::OVERRULED, &place, message)
                .place(other, "set here too")
                .fix("keep one of the two");
        }
    }

    /// Reads the partials of the folder; the document may hold the same texts under the same names.
    pub(super) fn partial_files(&mut self, partials: &mut BTreeMap<String, String>) {
        let mut paths = self.files.files.list(PARTIAL_FOLDER);
        paths.sort_unstable();
        for path in paths {
            let name = path.strip_prefix("prompts/_").and_then(|name| name.strip_suffix(".md"));
            let Some(name) = name.filter(|name| !name.is_empty()) else { continue };
            self.partial_file(partials, name, &path);
        }
    }

    fn partial_file(&mut self, partials: &mut BTreeMap<String, String>, name: &str, path: &str) {
        let read = self.files.files.read(path).map(normalise);
        let text = match read {
            Ok(text) if text.len() <= PROMPT_TEMPLATE_BYTES_MAX => text,
            Ok(_) => {
                let problem = FileProblem::TooLarge { limit: PROMPT_TEMPLATE_BYTES_MAX };
                self.report.error_without_place(
                    code::PARTIAL,
                    format!("cannot read the partial `{path}`: {problem}"),
                );
                return;
            }
            Err(problem) => {
                self.report.error_without_place(
                    code::PARTIAL,
                    format!("cannot read the partial `{path}`: {problem}"),
                );
                return;
            }
        };
        let pointer = format!("/partials/{}", super::escape(name));
        if let Some(inline) = partials.get(name) {
            if *inline != text {
                let message = format!("the partial `{name}` has another text in `{path}`");
                let span = self.report.sources.key(&pointer).cloned();
                if let Some(span) = span {
                    self.report.error(code::PARTIAL, &span, message).fix("keep one of the two");
                }
            }
            return;
        }
        self.report.sources.add_file(Arc::from(path), Arc::from(text.as_str()));
        self.mark_file(&pointer, path, 1, &text);
        let mut text = Some(text);
        self.count_text(&mut text, &pointer);
        partials.extend(text.map(|text| (name.to_owned(), text)));
    }

    /// Keeps the sum of all prompt texts within its limit.
    fn count_text(&mut self, text: &mut Option<String>, pointer: &str) {
        let Some(length) = text.as_ref().map(String::len) else { return };
        self.files.bytes = self.files.bytes.saturating_add(length);
        if self.files.bytes <= PROMPT_TEXTS_BYTES_MAX {
            return;
        }
        *text = None;
        let message =
            format!("the prompts of this workflow have more than {PROMPT_TEXTS_BYTES_MAX} bytes together");
        let problem = match self.report.sources.key(pointer).cloned() {
            Some(span) => self.report.error(code::TOO_LARGE, &span, message),
            None => self.report.error_without_place(code::TOO_LARGE, message),
        };
        problem.fix("shorten or split the workflow");
    }
}
