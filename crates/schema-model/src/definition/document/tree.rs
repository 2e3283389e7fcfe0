//! A YAML document as a tree whose every node knows where it stands.

mod build;
mod syntax;

use serde_json::{Map, Number, Value as Json};

use crate::definition::source::{Span, TextLayout};

pub(super) use build::{Source, parse};

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: NodeValue,
    pub(super) span: Span,
    /// Set for texts that stand in the file character by character.
    pub(super) layout: Option<TextLayout>,
}

/// A value as YAML 1.2 knows it.
#[derive(Debug, Clone)]
pub(super) enum NodeValue {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Something that was reported already and must not be reported again.
    Broken,
}

/// One entry of a map, in file order; keys are texts, whatever they look like, and unique.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// The kind of value in an author's words, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            NodeValue::Null | NodeValue::Broken => "nothing",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Number(_) => "a number",
            NodeValue::Text(_) => "a text",
            NodeValue::List(_) => "a list",
            NodeValue::Map(_) => "a map of keys",
        }
    }

    /// The value as JSON.
    pub(super) fn to_json(&self) -> Json {
        match &self.value {
            NodeValue::Null | NodeValue::Broken => Json::Null,
            NodeValue::Bool(value) => Json::Bool(*value),
            NodeValue::Number(number) => Json::Number(number.clone()),
            NodeValue::Text(text) => Json::String(text.clone()),
            NodeValue::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            NodeValue::Map(entries) => Json::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value under a key, if this is a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            NodeValue::Map(entries) => {
                entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
            }
            _ => None,
        }
    }
}
