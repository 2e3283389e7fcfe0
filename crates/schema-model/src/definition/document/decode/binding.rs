//! What a step reads: `inputs`, `for_each` and `gather`, each in its short forms.

use super::fields::Fields;
use super::{Decoder, value};
use crate::definition::document::code;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::{ForEach, Gather, Input};

impl Decoder<'_> {
    /// `inputs: [outline, notes?]`, `inputs: { draft: first_draft }`, or a list of `{ attribute, name, optional }`.
    pub(super) fn inputs(&mut self, entry: &Entry, pointer: &str) -> Vec<Input> {
        self.report.mark(pointer, entry);
        let mut inputs = Vec::new();
        match &entry.value.value {
            NodeValue::List(items) => {
                for item in items {
                    let pointer = format!("{pointer}/{}", inputs.len());
                    inputs.extend(self.input(item, None, &pointer));
                }
            }
            NodeValue::Map(entries) => {
                for entry in entries {
                    let pointer = format!("{pointer}/{}", inputs.len());
                    self.report.mark(&pointer, entry);
                    self.report.sources.add_key(format!("{pointer}/name"), entry.key_span.clone());
                    inputs.extend(self.input(&entry.value, Some(&entry.key), &pointer));
                }
            }
            NodeValue::Text(_) => inputs.extend(self.input(&entry.value, None, &format!("{pointer}/0"))),
            _ => {
                let fix = "write `inputs: [outline]`, or `inputs: { name: attribute }`";
                value::wrong_kind(&mut self.report, &entry.value, "inputs", "a list or a map", fix);
            }
        }
        inputs
    }

    fn input(&mut self, node: &Node, name: Option<&str>, pointer: &str) -> Option<Input> {
        self.report.mark_value(pointer, node);
        if let NodeValue::Text(text) = &node.value {
            let (attribute, optional) =
                text.strip_suffix('?').map_or((text.as_str(), false), |text| (text, true));
            self.report.mark_value(&format!("{pointer}/attribute"), node);
            let name = name.unwrap_or(attribute).to_owned();
            return Some(Input { name, attribute: attribute.to_owned(), optional });
        }
        let mut fields = Fields::of(node, "input", &mut self.report)?;
        let attribute = fields.need("attribute", "say which attribute it reads", &mut self.report);
        let attribute = self.read(attribute, &format!("{pointer}/attribute"), value::name);
        let mut alias = name.map(str::to_owned);
        self.fill(&mut alias, fields.take("name"), &format!("{pointer}/name"), value::name);
        let optional = self.read(fields.take("optional"), &format!("{pointer}/optional"), value::boolean);
        fields.finish(&mut self.report);
        let attribute = attribute?;
        Some(Input {
            name: alias.unwrap_or_else(|| attribute.clone()),
            attribute,
            optional: optional == Some(true),
        })
    }

    /// `for_each: item in list`, in the canonical document `{ item, list }`.
    pub(super) fn for_each(&mut self, entry: &Entry, pointer: &str) -> Option<ForEach> {
        const FIX: &str = "write it like `for_each: chapter in chapters`";
        self.report.mark(pointer, entry);
        match &entry.value.value {
            NodeValue::Text(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let &[item, "in", list] = words.as_slice() else {
                    let message = format!("`for_each` needs an item name and a list, found `{text}`");
                    self.report.error(code::BAD_VALUE, &entry.value.span, message).fix(FIX);
                    return None;
                };
                self.mark_word(pointer, "item", text, text.find(item)?, item);
                self.mark_word(pointer, "list", text, text.rfind(list)?, list);
                Some(ForEach { item: item.to_owned(), list: list.to_owned() })
            }
            NodeValue::Map(_) => {
                let mut fields = Fields::of(&entry.value, "`for_each` map", &mut self.report)?;
                let item = fields.need("item", FIX, &mut self.report);
                let item = self.read(item, &format!("{pointer}/item"), value::name);
                let list = fields.need("list", FIX, &mut self.report);
                let list = self.read(list, &format!("{pointer}/list"), value::name);
                fields.finish(&mut self.report);
                Some(ForEach { item: item?, list: list? })
            }
            _ => {
                value::wrong_kind(&mut self.report, &entry.value, "for_each", "a text", FIX);
                None
            }
        }
    }

    /// Marks one word of the text at `pointer` as a part of its own.
    fn mark_word(&mut self, pointer: &str, part: &str, text: &str, at: usize, word: &str) {
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        let length = word.chars().count() as u32;
        if let Some(span) = self.report.sources.span_in_text(pointer, line, column, length) {
            self.report.sources.add_value(format!("{pointer}/{part}"), span);
        }
    }

    /// `gather: [facts]`, `gather: { notes: facts }`, `gather: { rows: [angle, facts] }`, or a list of
    /// `{ name, attributes }`.
    pub(super) fn gather(&mut self, entry: &Entry, pointer: &str) -> Vec<Gather> {
        const FIX: &str =
            "write `gather: [facts]`, `gather: { notes: facts }` or `gather: { rows: [angle, facts] }`";
        self.report.mark(pointer, entry);
        let mut gathers = Vec::new();
        match &entry.value.value {
            NodeValue::Text(_) => gathers.extend(self.gather_item(&entry.value, &format!("{pointer}/0"))),
            NodeValue::List(items) => {
                for item in items {
                    let pointer = format!("{pointer}/{}", gathers.len());
                    gathers.extend(self.gather_item(item, &pointer));
                }
            }
            NodeValue::Map(entries) => {
                for entry in entries {
                    let pointer = format!("{pointer}/{}", gathers.len());
                    self.report.mark(&pointer, entry);
                    self.report.sources.add_key(format!("{pointer}/name"), entry.key_span.clone());
                    let attributes = value::texts(&mut self.report, entry, &format!("{pointer}/attributes"));
                    if attributes.is_empty() {
                        self.empty_gather(&entry.value);
                    } else {
                        gathers.push(Gather { name: entry.key.clone(), attributes });
                    }
                }
            }
            _ => value::wrong_kind(&mut self.report, &entry.value, "gather", "a list or a map", FIX),
        }
        gathers
    }

    fn gather_item(&mut self, node: &Node, pointer: &str) -> Option<Gather> {
        self.report.mark_value(pointer, node);
        if let NodeValue::Text(name) = &node.value {
            self.report.mark_value(&format!("{pointer}/attributes/0"), node);
            return Some(Gather { name: name.clone(), attributes: vec![name.clone()] });
        }
        let mut fields = Fields::of(node, "`gather` entry", &mut self.report)?;
        let name = fields.need("name", "say what the prompt calls it", &mut self.report);
        let name = self.read(name, &format!("{pointer}/name"), value::name);
        let attributes = fields.need("attributes", "say which attributes it gathers", &mut self.report);
        let attributes =
            attributes.map(|entry| value::texts(&mut self.report, entry, &format!("{pointer}/attributes")));
        fields.finish(&mut self.report);
        let (name, attributes) = (name?, attributes?);
        if attributes.is_empty() {
            self.empty_gather(node);
            return None;
        }
        Some(Gather { name, attributes })
    }

    fn empty_gather(&mut self, node: &Node) {
        if !self.report.has_error_on(&node.span) {
            self.report
                .error(code::BAD_VALUE, &node.span, "this `gather` names no attribute")
                .fix("name an attribute");
        }
    }
}
