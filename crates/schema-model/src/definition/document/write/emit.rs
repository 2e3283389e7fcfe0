//! YAML text for the few shapes a workflow file is made of. What could be misread is quoted.

use serde_json::Value as Json;

use crate::definition::document::quote;

/// The longest map or list that is written on one line, in characters.
const LINE_CHARS_MAX: usize = 90;

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Out {
    Text(String),
    /// A number, `true`, `false`, `null` or a duration, as it is.
    Raw(String),
    /// A list on one line.
    Flow(Vec<Out>),
    /// A map on one line.
    FlowMap(Vec<(String, Out)>),
    List(Vec<Out>),
    Map(Vec<(String, Out)>),
}

impl Out {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn names(names: &[String]) -> Self {
        Self::Flow(names.iter().map(|name| Self::text(name)).collect())
    }

    pub(super) fn json(value: &Json) -> Self {
        match value {
            Json::String(text) => Self::text(text),
            Json::Array(items) if items.iter().any(Json::is_object) => {
                Self::List(items.iter().map(Self::json).collect())
            }
            Json::Array(items) => Self::Flow(items.iter().map(Self::json).collect()),
            Json::Object(fields) => Self::map_on_one_line(
                fields.iter().map(|(key, field)| (key.clone(), Self::json(field))).collect(),
            ),
            other => Self::Raw(other.to_string()),
        }
    }

    /// A map, on one line if it is short and holds only short things.
    pub(super) fn map_on_one_line(entries: Vec<(String, Self)>) -> Self {
        let mut line = String::new();
        let flow = Self::FlowMap(entries);
        if flow.is_flat() {
            flow.write_flow(&mut line);
        }
        match flow {
            Self::FlowMap(entries) if line.is_empty() || line.chars().count() > LINE_CHARS_MAX => {
                Self::Map(entries)
            }
            flow => flow,
        }
    }

    fn is_flat(&self) -> bool {
        match self {
            Self::Text(_) | Self::Raw(_) => true,
            Self::Flow(items) => items.iter().all(Self::is_flat),
            Self::FlowMap(entries) => entries.iter().all(|(_, value)| value.is_flat()),
            Self::List(_) | Self::Map(_) => false,
        }
    }

    fn write_flow(&self, text: &mut String) {
        match self {
            Self::Text(value) => text.push_str(&quote::text(value, true)),
            Self::Raw(value) => text.push_str(value),
            Self::Flow(items) | Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    item.write_flow(text);
                }
                text.push(']');
            }
            Self::FlowMap(entries) | Self::Map(entries) => {
                text.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    text.push_str(if index == 0 { " " } else { ", " });
                    text.push_str(&quote::text(key, true));
                    text.push_str(": ");
                    value.write_flow(text);
                }
                text.push_str(if entries.is_empty() { "}" } else { " }" });
            }
        }
    }

    /// Writes the value behind a `key:` or `-` that stands at `indent`.
    fn write_after(&self, text: &mut String, indent: usize) {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                text.push('\n');
                write_map(entries, text, indent + 2, true);
            }
            Self::List(items) if !items.is_empty() => {
                text.push('\n');
                for item in items {
                    write_item(item, text, indent + 2);
                }
            }
            Self::Text(value) if is_block(value) => write_block(value, text, indent + 2),
            Self::Text(value) => {
                text.push(' ');
                text.push_str(&quote::text(value, false));
                text.push('\n');
            }
            flow => {
                text.push(' ');
                flow.write_flow(text);
                text.push('\n');
            }
        }
    }
}

/// The text of a whole document.
pub(super) fn document(entries: &[(String, Out)]) -> String {
    let mut text = String::new();
    for (index, (key, value)) in entries.iter().enumerate() {
        // A line apart for what is more than one line.
        let is_long = matches!(value, Out::Map(_) | Out::List(_));
        text.push_str(if index > 0 && is_long { "\n" } else { "" });
        write_map(&[(key.clone(), value.clone())], &mut text, 0, true);
    }
    text
}

fn write_map(entries: &[(String, Out)], text: &mut String, indent: usize, indent_first: bool) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 || indent_first {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&quote::text(key, true));
        text.push(':');
        value.write_after(text, indent);
    }
}

fn write_item(item: &Out, text: &mut String, indent: usize) {
    text.push_str(&" ".repeat(indent));
    text.push('-');
    match item {
        Out::Map(entries) if !entries.is_empty() => {
            text.push(' ');
            write_map(entries, text, indent + 2, false);
        }
        item => item.write_after(text, indent),
    }
}

/// Whether a text of several lines can stand as a `|` block, with or without one line end after it.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(|character| character == '\n' || quote::is_printable(character))
}

fn write_block(value: &str, text: &mut String, indent: usize) {
    text.push_str(if value.ends_with('\n') { " |\n" } else { " |-\n" });
    for line in value.lines() {
        if !line.is_empty() {
            text.push_str(&" ".repeat(indent));
            text.push_str(line);
        }
        text.push('\n');
    }
}
