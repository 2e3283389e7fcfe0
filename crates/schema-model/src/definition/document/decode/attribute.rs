//! Attributes: a type name, or a map of type, meaning and constraints.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::fields::Fields;
use super::keyword::CONSTRAINTS;
use super::schema::{Expander, no_nested_lists};
use super::{Decoder, escape, place, value};
use crate::definition::document::code;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::{Attribute, TypeExpression};

impl Decoder<'_> {
    /// Declared attributes. One that cannot be understood is kept with its name, so that it is still known.
    pub(super) fn attributes(
        &mut self,
        entry: Option<&Entry>,
        types: Option<&Entry>,
        known: &BTreeMap<String, Json>,
    ) -> BTreeMap<String, Attribute> {
        let Some(entry) = entry else { return BTreeMap::new() };
        self.report.mark("/attributes", entry);
        let NodeValue::Map(entries) = &entry.value.value else {
            let fix = "write `name: type` lines";
            value::wrong_kind(&mut self.report, &entry.value, "attributes", "a map of attributes", fix);
            return BTreeMap::new();
        };
        let mut expander = Expander::new(types, self.is_canonical).with_known(known);
        let mut attributes = BTreeMap::new();
        for entry in entries {
            let pointer = format!("/attributes/{}", escape(&entry.key));
            self.report.mark(&pointer, entry);
            attributes.insert(entry.key.clone(), self.attribute(entry, &pointer, &mut expander));
        }
        attributes
    }

    fn attribute(&mut self, entry: &Entry, pointer: &str, expander: &mut Expander<'_>) -> Attribute {
        let at_type = format!("{pointer}/type");
        match &entry.value.value {
            NodeValue::Null | NodeValue::Broken => return Attribute::default(),
            NodeValue::Text(_) => {
                self.report.mark_value(&at_type, &entry.value);
                let value_type = self.type_name(&entry.value, expander);
                return Attribute { value_type, ..Attribute::default() };
            }
            NodeValue::Map(_) => {}
            _ => {
                let fix = "write a type name, or a map with `type`, `description`, `input`, …";
                value::wrong_kind(&mut self.report, &entry.value, &entry.key, "a type or a map", fix);
                return Attribute::default();
            }
        }
        let Some(mut fields) = Fields::of(&entry.value, "attribute", &mut self.report) else {
            return Attribute::default();
        };
        let at = |key: &str| format!("{pointer}/{key}");
        let attribute = Attribute {
            description: self
                .read(fields.take("description"), &at("description"), value::text)
                .unwrap_or_default(),
            value_type: self.attribute_type(&mut fields, &at_type, expander),
            input: self.read(fields.take("input"), &at("input"), value::boolean).unwrap_or_default(),
            optional: self.read(fields.take("optional"), &at("optional"), value::boolean).unwrap_or_default(),
            default: self.read(fields.take("default"), &at("default"), value::json),
        };
        fields.finish(&mut self.report);
        attribute
    }

    /// `required: false`, as other formats have it; the keyword of JSON Schema is a list of names.
    fn is_required_flag(&mut self, entry: &Entry) -> bool {
        let (NodeValue::Bool(required), "required") = (&entry.value.value, entry.key.as_str()) else {
            return false;
        };
        let fix = if *required {
            "remove it: an input is required unless it is `optional: true` or has a `default`"
        } else {
            "write `optional: true`, or give it a `default`"
        };
        let message = "unknown key `required` in this attribute";
        self.report.error(code::UNKNOWN_KEY, &entry.key_span, message).fix(fix);
        true
    }

    /// `type`, alone or with constraints beside it.
    fn attribute_type(
        &mut self,
        fields: &mut Fields<'_>,
        pointer: &str,
        expander: &mut Expander<'_>,
    ) -> TypeExpression {
        let kind = fields.take("type");
        let mut constraints = fields.take_all(&CONSTRAINTS);
        constraints.retain(|entry| !self.is_required_flag(entry));
        if let Some(entry) = kind.or(constraints.first().copied()) {
            self.report.mark(pointer, entry);
        }
        if let Some(kind) = kind {
            place::mark_type(&mut self.report, &kind.value, pointer, self.is_canonical);
        }
        if !constraints.is_empty() {
            let entries: Vec<&Entry> = kind.into_iter().chain(constraints.iter().copied()).collect();
            place::mark_keywords(&mut self.report, &entries, pointer, self.is_canonical);
        }
        let schema = match (kind, constraints.is_empty()) {
            (None, true) => return TypeExpression::default(),
            (Some(kind), true) if kind.value.as_text().is_some() => {
                return self.type_name(&kind.value, expander);
            }
            (Some(kind), true) => expander.whole(&kind.value, &mut self.report),
            (None, false) if !says_its_type(&constraints) => {
                let first = constraints[0];
                let message = format!("`{}` without a type", first.key);
                self.report.error(code::BAD_TYPE, &first.key_span, message).fix("add `type: …` beside it");
                None
            }
            (Some(kind), false) if kind.value.as_text() == Some("file") => {
                let message = format!("`{}` does not fit the type `file`", constraints[0].key);
                self.report.error(code::BAD_TYPE, &constraints[0].key_span, message).fix("remove it");
                None
            }
            (kind, _) => {
                let entries: Vec<&Entry> = kind.into_iter().chain(constraints).collect();
                expander.whole_schema(&entries, &mut self.report)
            }
        };
        schema.map_or_else(TypeExpression::default, TypeExpression::Schema)
    }

    /// A type name stays a name: the checker knows whether it exists. Lists of lists are refused here.
    fn type_name(&mut self, node: &Node, expander: &Expander<'_>) -> TypeExpression {
        let Some(name) = node.as_text() else { return TypeExpression::default() };
        if let Some(element) = name.strip_suffix("[]")
            && (element.ends_with("[]") || expander.is_list(element))
        {
            no_nested_lists(name, &node.span, &mut self.report);
            // It is a list all the same, so nothing that reads it as one is wrong.
            let element = name.trim_end_matches("[]");
            let list = if expander.is_list(element) { element.to_owned() } else { format!("{element}[]") };
            return TypeExpression::Name(list);
        }
        TypeExpression::Name(name.to_owned())
    }
}

fn says_its_type(constraints: &[&Entry]) -> bool {
    constraints.iter().any(|entry| matches!(entry.key.as_str(), "enum" | "properties" | "const"))
}
