//! What could stand where the cursor is.

use branchline_schema_model::check::AttributeInfo;
use branchline_schema_model::definition::Step;
use branchline_schema_model::prompt::{HELPERS, HelperKind};
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, Position, Range, TextEdit,
};

use super::analysis::Analysis;
use super::cursor::{self, Cursor, Wanted};
use super::position;

/// Where the cursor is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'a> {
    /// The file as the definition names it.
    pub(super) file: &'a str,
    /// The whole text of it.
    pub(super) text: &'a str,
    pub(super) position: Position,
}

/// The items at a place of an open file.
pub(super) fn items(here: Here<'_>, analysis: &Analysis) -> Vec<CompletionItem> {
    let line = position::line_of(here.text, here.position.line);
    let column = position::column(line, here.position.character);
    let before = before(here.text, here.position.line, column);
    let Some(cursor) = cursor::at_end_of(before, here.file == analysis.name) else { return Vec::new() };
    let mut found = Vec::new();
    match &cursor.wanted {
        Wanted::Variable { helpers } => {
            found.extend(step_names(here, analysis));
            found.extend(analysis.attributes.iter().map(attribute));
            if *helpers {
                found.extend(self::helpers(|kind| kind != HelperKind::Block));
            }
        }
        Wanted::Block => found.extend(self::helpers(|kind| kind != HelperKind::Role)),
        Wanted::Field { path } => found.extend(fields(path, here, analysis)),
        Wanted::Partial => {
            let partials = analysis.workflow.partials.keys();
            found.extend(partials.map(|name| item(name, CompletionItemKind::Snippet, "partial")));
        }
        Wanted::Attribute => found.extend(analysis.attributes.iter().map(attribute)),
        Wanted::PromptFile => found.extend(prompt_files(analysis)),
        Wanted::Step => {
            let steps = analysis.workflow.sections.iter().flat_map(|section| {
                section.steps.iter().map(move |step| (&step.name, format!("step of {}", section.name)))
            });
            found.extend(steps.map(|(name, detail)| item(name, CompletionItemKind::Event, &detail)));
        }
    }
    found.sort_by(|one, other| one.label.cmp(&other.label));
    found.dedup_by(|one, other| one.label == other.label);
    found.into_iter().map(|one| placed(one, &cursor, line, column, here.position.line)).collect()
}

/// The text up to a place.
fn before(text: &str, line: u32, column: u32) -> &str {
    let start = text.split_inclusive('\n').take(line as usize).map(str::len).sum::<usize>();
    let inside = text[start..].char_indices().nth(column.saturating_sub(1) as usize);
    &text[..inside.map_or(text.len(), |(at, _)| start + at)]
}

/// An item that takes the place of the word before the cursor.
fn placed(item: CompletionItem, cursor: &Cursor, line: &str, column: u32, number: u32) -> CompletionItem {
    let at = |column| Position { line: number, character: position::units(line, column) };
    let range = Range { start: at(column.saturating_sub(cursor.typed)), end: at(column) };
    let edit = TextEdit { range, new_text: item.label.clone() };
    CompletionItem { text_edit: Some(CompletionItemTextEdit::TextEdit(edit)), ..item }
}

fn item(label: &str, kind: CompletionItemKind, detail: &str) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        detail: Some(detail.to_owned()),
        ..CompletionItem::default()
    }
}

fn attribute(info: &AttributeInfo) -> CompletionItem {
    let documentation = Some(info.description.clone()).filter(|text| !text.is_empty());
    CompletionItem {
        documentation: documentation.map(Documentation::String),
        ..item(&info.name, CompletionItemKind::Variable, &info.type_name)
    }
}

fn helpers(is_meant: impl Fn(HelperKind) -> bool) -> impl Iterator<Item = CompletionItem> {
    let meant = HELPERS.iter().filter(move |helper| is_meant(helper.kind));
    meant.map(|helper| item(helper.name, CompletionItemKind::Function, "helper"))
}

/// The names that the step of a prompt gives to what it reads.
fn step_names(here: Here<'_>, analysis: &Analysis) -> Vec<CompletionItem> {
    let mut items = Vec::new();
    for step in steps_of(here, analysis) {
        let inputs =
            step.inputs.iter().map(|input| (&input.name, format!("the input `{}`", input.attribute)));
        let gathers = step
            .gather
            .iter()
            .map(|gather| (&gather.name, format!("the list of `{}`", gather.attributes.join("`, `"))));
        items.extend(
            inputs.chain(gathers).map(|(name, detail)| item(name, CompletionItemKind::Variable, &detail)),
        );
    }
    items
}

/// The steps whose prompt is at a place: those with this prompt file, or the one the place is in.
fn steps_of<'a>(here: Here<'_>, analysis: &'a Analysis) -> Vec<&'a Step> {
    let steps = analysis.steps.iter();
    if here.file != analysis.name {
        let steps = steps.filter_map(|(place, _)| analysis.step(*place));
        return steps.filter(|step| step.prompt_file.as_deref() == Some(here.file)).collect();
    }
    let above = steps.take_while(|(_, line)| *line <= here.position.line + 1);
    above.last().and_then(|(place, _)| analysis.step(*place)).into_iter().collect()
}

fn fields(path: &[String], here: Here<'_>, analysis: &Analysis) -> Vec<CompletionItem> {
    let Some((name, rest)) = path.split_first() else { return Vec::new() };
    if name == "branch" {
        return ["number", "count"].map(|name| item(name, CompletionItemKind::Field, "integer")).to_vec();
    }
    let inputs = steps_of(here, analysis);
    let input = inputs.iter().flat_map(|step| &step.inputs).find(|input| input.name == *name);
    let attribute = input.map_or(name, |input| &input.attribute);
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let fields = analysis.attribute(attribute).map(|info| info.fields(&rest)).unwrap_or_default();
    fields.iter().map(|(name, kind)| item(name, CompletionItemKind::Field, kind)).collect()
}

fn prompt_files(analysis: &Analysis) -> Vec<CompletionItem> {
    let files = analysis.files.iter().map(String::as_str);
    files.map(|file| item(file, CompletionItemKind::File, "prompt file")).collect()
}
