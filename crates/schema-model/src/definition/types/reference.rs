//! References inside a schema (`$ref: "#/$defs/Part"`), written out.
//!
//! A schema becomes part of others: of a list, of the answer a step asks a model for, of what a gather gives. There
//! `#` is another document, so references are replaced by what they mean. A schema that refers to itself has no end
//! and stays as it is, and so does one whose references lead elsewhere, or too deep.

use serde_json::{Map, Value as Json};

use crate::limits::{DEFINITION_DEPTH_MAX, DEFINITION_NODES_MAX};

/// The schema without references, if that can be done.
pub(super) fn written_out(schema: &Json) -> Json {
    if !holds_reference(schema) {
        return schema.clone();
    }
    let mut writer = Writer { root: schema, open: Vec::new(), nodes: 0, depth: 0 };
    // A field may be called `enum` or `default`: what was taken for a value there still holds its references.
    writer.node(schema).filter(|written| !holds_reference(written)).unwrap_or_else(|| schema.clone())
}

fn holds_reference(node: &Json) -> bool {
    match node {
        Json::Object(members) => {
            members.get("$ref").is_some_and(Json::is_string) || members.values().any(holds_reference)
        }
        Json::Array(items) => items.iter().any(holds_reference),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

struct Writer<'a> {
    root: &'a Json,
    /// References being written out, outermost first.
    open: Vec<&'a str>,
    nodes: usize,
    /// Levels around the node, those of references counted: a reference may lead to another one, and so on.
    depth: usize,
}

impl<'a> Writer<'a> {
    /// `None` when a reference cannot be written out, or the whole becomes too large.
    fn node(&mut self, node: &'a Json) -> Option<Json> {
        self.nodes += 1;
        if self.nodes > DEFINITION_NODES_MAX || self.depth > DEFINITION_DEPTH_MAX {
            return None;
        }
        self.depth += 1;
        let written = self.parts(node);
        self.depth -= 1;
        written
    }

    fn parts(&mut self, node: &'a Json) -> Option<Json> {
        match node {
            Json::Object(members) => match members.get("$ref") {
                Some(Json::String(target)) => self.reference(target, members),
                _ => self.members(members).map(Json::Object),
            },
            Json::Array(items) => {
                items.iter().map(|item| self.node(item)).collect::<Option<Vec<_>>>().map(Json::Array)
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Some(node.clone()),
        }
    }

    fn members(&mut self, members: &'a Map<String, Json>) -> Option<Map<String, Json>> {
        let mut written = Map::new();
        for (key, member) in members {
            let member = match key.as_str() {
                // Values, not schemas.
                "const" | "enum" | "default" | "examples" => member.clone(),
                // Written out where they are referred to.
                "$defs" | "definitions" if self.is_root(members) => continue,
                _ => self.node(member)?,
            };
            written.insert(key.clone(), member);
        }
        Some(written)
    }

    /// Only the root holds definitions; anywhere else the word may be the name of a field.
    fn is_root(&self, members: &Map<String, Json>) -> bool {
        self.root.as_object().is_some_and(|root| std::ptr::eq(root, members))
    }

    fn reference(&mut self, target: &'a str, beside: &'a Map<String, Json>) -> Option<Json> {
        let found = self.root.pointer(target.strip_prefix('#')?)?;
        if self.open.contains(&target) {
            return None;
        }
        self.open.push(target);
        let written = self.node(found);
        self.open.pop();
        let beside =
            beside.iter().filter(|(key, _)| !matches!(key.as_str(), "$ref" | "$defs" | "definitions"));
        let beside: Map<String, Json> = beside.map(|(key, member)| (key.clone(), member.clone())).collect();
        match (written?, beside.is_empty()) {
            (written, true) => Some(written),
            (Json::Object(mut written), false) if beside.keys().all(|key| is_remark(key)) => {
                written.extend(beside);
                Some(Json::Object(written))
            }
            // Further demands beside a reference.
            (_, false) => None,
        }
    }
}

fn is_remark(key: &str) -> bool {
    matches!(key, "description" | "title" | "default" | "examples" | "$comment")
}
