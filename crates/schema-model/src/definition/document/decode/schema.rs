//! Types as authors write them, expanded to JSON Schema: names, `T[]`, maps of fields, and schemas themselves.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::keyword::{self, is_schema};
use super::{Decoder, escape, place, value};
use crate::definition::TypeKind;
use crate::definition::document::code;
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::source::Span;
use crate::limits::{DEFINITION_NODES_MAX, TYPE_DEPTH_MAX};
use crate::name::{is_attribute_name, nearest};

impl Decoder<'_> {
    /// The named types, each written out: a type that uses another one holds a copy of it.
    pub(super) fn types(&mut self, entry: Option<&Entry>) -> BTreeMap<String, Json> {
        let Some(entry) = entry else { return BTreeMap::new() };
        self.report.mark("/types", entry);
        let NodeValue::Map(entries) = &entry.value.value else {
            value::wrong_kind(
                &mut self.report,
                &entry.value,
                "types",
                "a map of types",
                "write `Name: { … }` lines",
            );
            return BTreeMap::new();
        };
        let mut expander = Expander::new(Some(entry), self.is_canonical);
        for entry in entries {
            self.report.mark(&format!("/types/{}", escape(&entry.key)), entry);
            if TypeKind::from_name(&entry.key).is_some() || !is_attribute_name(&entry.key) {
                let message = format!("`{}` cannot be the name of a type", entry.key);
                let fix = "use letters, digits and `_`, and none of the built-in names";
                self.report.error(code::BAD_TYPE, &entry.key_span, message).fix(fix);
            }
            let pointer = format!("/types/{}", escape(&entry.key));
            place::mark_type(&mut self.report, &entry.value, &pointer, self.is_canonical);
            expander.named(&entry.key, &entry.key_span, &mut self.report);
        }
        // What could not be understood stays as "anything", so that its name is still known to the checker.
        entries.iter().map(|entry| (entry.key.clone(), expander.done_or_anything(&entry.key))).collect()
    }
}

/// What a type name stands for.
enum Named {
    /// Being written out right now; meeting it again is a cycle.
    Open,
    Done(Json),
    Broken,
}

/// Writes types out.
pub(super) struct Expander<'n> {
    named: BTreeMap<&'n str, &'n Node>,
    known: BTreeMap<String, Named>,
    /// The names being written out, outermost first.
    path: Vec<String>,
    /// Expressions being written out, one inside another, also those of the names.
    depth: usize,
    /// Values written so far: copies of copies could grow without end.
    written: usize,
    is_too_large: bool,
    is_canonical: bool,
}

impl<'n> Expander<'n> {
    /// With the `types` of the document.
    pub(super) fn new(types: Option<&'n Entry>, is_canonical: bool) -> Self {
        let entries = match types.map(|entry| &entry.value.value) {
            Some(NodeValue::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let named = entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
        Self {
            named,
            known: BTreeMap::new(),
            path: Vec::new(),
            depth: 0,
            written: 0,
            is_too_large: false,
            is_canonical,
        }
    }

    /// With types that are written out already.
    pub(super) fn with_known(mut self, types: &BTreeMap<String, Json>) -> Self {
        self.known = types.iter().map(|(name, schema)| (name.clone(), Named::Done(schema.clone()))).collect();
        self
    }

    fn done_or_anything(&self, name: &str) -> Json {
        match self.known.get(name) {
            Some(Named::Done(schema)) => schema.clone(),
            _ => json!({}),
        }
    }

    /// Whether a named type is a list.
    pub(super) fn is_list(&self, name: &str) -> bool {
        matches!(self.known.get(name), Some(Named::Done(schema)) if schema.get("type").is_some_and(|kind| kind == "array"))
    }

    /// The schema of a type expression that stands by itself.
    pub(super) fn whole(&mut self, node: &Node, report: &mut Report) -> Option<Json> {
        let schema = self.expand(node, report)?;
        self.within_depth(schema, &node.span, report)
    }

    /// The schema that some keywords are by themselves.
    pub(super) fn whole_schema(&mut self, entries: &[&Entry], report: &mut Report) -> Option<Json> {
        let first = entries.first()?;
        let schema = self.schema(entries, report)?;
        self.within_depth(schema, &first.value.span, report)
    }

    /// The schema of a type expression. Deep types may hold names of deep types, so levels are counted on the way and
    /// not only in what comes of it.
    fn expand(&mut self, node: &Node, report: &mut Report) -> Option<Json> {
        if self.depth == TYPE_DEPTH_MAX {
            self.report_too_large(&node.span, report);
            return None;
        }
        self.depth += 1;
        let schema = self.expression(node, report);
        self.depth -= 1;
        schema
    }

    fn expression(&mut self, node: &Node, report: &mut Report) -> Option<Json> {
        match &node.value {
            NodeValue::Text(name) => self.name(name, &node.span, report),
            NodeValue::Map(entries) if self.is_canonical || is_schema(node) => {
                self.schema(&entries.iter().collect::<Vec<_>>(), report)
            }
            NodeValue::Map(entries) => self.fields(entries, report),
            NodeValue::Bool(value) if self.is_canonical => Some(Json::Bool(*value)),
            _ => {
                let fix = "write a name like `string`, a list like `string[]`, or a map of fields";
                value::wrong_kind(report, node, "type", "a type", fix);
                None
            }
        }
    }

    /// `Name`, `string` or `Name[]`.
    fn name(&mut self, text: &str, span: &Span, report: &mut Report) -> Option<Json> {
        let Some(element) = text.strip_suffix("[]") else { return self.single(text, span, report) };
        // All that follow the first at once: there may be thousands.
        let name = element.trim_end_matches("[]");
        let items = self.single(name, span, report)?;
        let is_list_itself = items.get("type").is_some_and(|kind| kind == "array");
        if is_list_itself || name != element {
            let brackets = if is_list_itself { "[]" } else { "[][]" };
            no_nested_lists(&format!("{name}{brackets}"), span, report);
            return None;
        }
        Some(json!({ "type": "array", "items": items }))
    }

    /// `Name` or `string`.
    fn single(&mut self, name: &str, span: &Span, report: &mut Report) -> Option<Json> {
        match TypeKind::from_name(name) {
            Some(TypeKind::File) => Some(json!({ "type": "string" })),
            Some(kind) => Some(json!({ "type": kind.name() })),
            None => self.named(name, span, report),
        }
    }

    /// A named type, written out once and copied from then on.
    fn named(&mut self, name: &str, span: &Span, report: &mut Report) -> Option<Json> {
        match self.known.get(name) {
            Some(Named::Done(schema)) => {
                let schema = schema.clone();
                return self.counted(schema, span, report);
            }
            Some(Named::Broken) => return None,
            Some(Named::Open) => {
                self.report_cycle(name, span, report);
                return None;
            }
            None => {}
        }
        let Some(node) = self.named.get(name).copied() else {
            self.report_unknown(name, span, report);
            return None;
        };
        self.known.insert(name.to_owned(), Named::Open);
        self.path.push(name.to_owned());
        let expanded = self.expand(node, report).and_then(|schema| self.counted(schema, span, report));
        self.path.pop();
        self.known.insert(name.to_owned(), expanded.clone().map_or(Named::Broken, Named::Done));
        expanded
    }

    fn counted(&mut self, schema: Json, span: &Span, report: &mut Report) -> Option<Json> {
        self.written = self.written.saturating_add(size(&schema).0);
        if self.written > DEFINITION_NODES_MAX {
            self.report_too_large(span, report);
            return None;
        }
        self.within_depth(schema, span, report)
    }

    fn within_depth(&mut self, schema: Json, span: &Span, report: &mut Report) -> Option<Json> {
        if size(&schema).1 > TYPE_DEPTH_MAX {
            self.report_too_large(span, report);
            return None;
        }
        Some(schema)
    }

    /// Once: what follows is too large for the same reason.
    fn report_too_large(&mut self, span: &Span, report: &mut Report) {
        if !std::mem::replace(&mut self.is_too_large, true) {
            report
                .error(code::TOO_LARGE, span, "this type is too large or too deep when it is written out")
                .fix("use `object` for its inner parts");
        }
    }

    fn report_cycle(&self, name: &str, span: &Span, report: &mut Report) {
        let start = self.path.iter().position(|open| open == name).unwrap_or_default();
        let mut path: Vec<String> = self.path[start..].iter().map(|name| format!("`{name}`")).collect();
        path.push(format!("`{name}`"));
        let message = format!("the type `{name}` contains itself: {}", path.join(" → "));
        report.error(code::TYPE_CYCLE, span, message).fix("use `object` at one of these places");
    }

    fn report_unknown(&self, name: &str, span: &Span, report: &mut Report) {
        let known = TypeKind::NAMES.into_iter().chain(self.named.keys().copied());
        let fix = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}, or declare it under `types`", TypeKind::NAMES.join(", ")),
        };
        report.error(code::BAD_TYPE, span, format!("`{name}` is not a type")).fix(fix);
    }

    /// `{ score: integer, reason: string }`: an object with exactly these fields.
    fn fields(&mut self, entries: &[Entry], report: &mut Report) -> Option<Json> {
        let mut properties = Map::new();
        let mut is_whole = true;
        for entry in entries {
            match self.expand(&entry.value, report) {
                Some(schema) => drop(properties.insert(entry.key.clone(), schema)),
                None => is_whole = false,
            }
        }
        // The order of `required` means nothing; sorted, it does not depend on the layout of the file.
        let required: Vec<String> = properties.keys().cloned().collect();
        let schema = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        is_whole.then_some(schema)
    }

    /// A JSON Schema, in which types may still be names.
    fn schema(&mut self, entries: &[&Entry], report: &mut Report) -> Option<Json> {
        let kind = entries.iter().find(|entry| entry.key == "type");
        let mut base = match kind {
            Some(entry) => self.schema_kind(entry, report)?,
            None => Map::new(),
        };
        let mut is_whole = true;
        for entry in entries.iter().filter(|entry| entry.key != "type") {
            if !keyword::check(entry, &base, report) {
                is_whole = false;
                continue;
            }
            let Some(value) = self.keyword(entry, report) else {
                is_whole = false;
                continue;
            };
            keyword::put(&mut base, &entry.key, value, kind.is_some_and(|kind| is_list_name(kind)));
        }
        if !self.is_canonical {
            keyword::infer_kind(&mut base);
        }
        is_whole.then_some(Json::Object(base))
    }

    /// What `type:` of a schema says.
    fn schema_kind(&mut self, entry: &Entry, report: &mut Report) -> Option<Map<String, Json>> {
        let named = match &entry.value.value {
            NodeValue::Text(name) if matches!(name.as_str(), "array" | "null") => json!({ "type": name }),
            NodeValue::List(_) => json!({ "type": entry.value.to_json() }),
            _ => self.expand(&entry.value, report)?,
        };
        match named {
            Json::Object(schema) => Some(schema),
            _ => None,
        }
    }

    /// The value of one keyword of a schema.
    fn keyword(&mut self, entry: &Entry, report: &mut Report) -> Option<Json> {
        let node = &entry.value;
        match (keyword::holds(&entry.key), &node.value) {
            (keyword::Holds::Schemas, NodeValue::Map(entries)) => {
                let mut schemas = Map::new();
                for entry in entries {
                    schemas.insert(entry.key.clone(), self.subschema(&entry.value, report)?);
                }
                Some(Json::Object(schemas))
            }
            (keyword::Holds::Schema, NodeValue::Map(_) | NodeValue::Text(_)) => self.subschema(node, report),
            (keyword::Holds::SchemaList, NodeValue::List(items)) => items
                .iter()
                .map(|item| self.subschema(item, report))
                .collect::<Option<Vec<_>>>()
                .map(Json::Array),
            _ => Some(node.to_json()),
        }
    }

    fn subschema(&mut self, node: &Node, report: &mut Report) -> Option<Json> {
        match &node.value {
            NodeValue::Bool(value) => Some(Json::Bool(*value)),
            _ => self.expand(node, report),
        }
    }
}

fn is_list_name(kind: &Entry) -> bool {
    kind.value.as_text().is_some_and(|name| name.ends_with("[]"))
}

/// Reports a list of lists.
pub(super) fn no_nested_lists(text: &str, span: &Span, report: &mut Report) {
    report
        .error(
            code::BAD_TYPE,
            span,
            format!("`{text}` is a list of lists, which this language does not have"),
        )
        .fix("use a list of objects that hold a list each");
}

/// Values and levels of a schema.
fn size(schema: &Json) -> (usize, usize) {
    let parts: Vec<(usize, usize)> = match schema {
        Json::Array(items) => items.iter().map(size).collect(),
        Json::Object(fields) => fields.values().map(size).collect(),
        _ => Vec::new(),
    };
    let nodes = parts.iter().map(|(nodes, _)| nodes).sum::<usize>();
    (nodes + 1, parts.iter().map(|(_, depth)| *depth).max().unwrap_or_default() + 1)
}
