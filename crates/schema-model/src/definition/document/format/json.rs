//! JSON workflow files: two spaces a level; the canonical document with sorted keys, another one with keys in the
//! order people read them.

use serde_json::Value as Json;

use super::level::Level;
use crate::definition::canonical::escape_unprintable;
use crate::definition::document::tree::{Entry, Node, NodeValue};

/// The text of a JSON document.
pub(super) fn pretty(root: &Node) -> String {
    let mut text = String::new();
    if root.get("format").is_some() {
        // Sorted: that is how maps of this program are written.
        text = format!("{:#}", root.to_json());
    } else {
        write(root, Level::Workflow, 0, &mut text);
    }
    text.push('\n');
    escape_unprintable(text)
}

fn write(node: &Node, level: Level, indent: usize, text: &mut String) {
    match &node.value {
        NodeValue::List(items) if !items.is_empty() => {
            let items = items.iter().map(|item| (None, item));
            write_all(items, ['[', ']'], level, indent, text);
        }
        NodeValue::Map(entries) if !entries.is_empty() => {
            let mut entries: Vec<&Entry> = entries.iter().collect();
            if let Some(keys) = level.keys() {
                let place = |entry: &&Entry| keys.iter().position(|key| *key == entry.key);
                entries.sort_by_key(|entry| place(entry).unwrap_or(keys.len()));
            }
            let items = entries.iter().map(|entry| (Some(entry.key.as_str()), &entry.value));
            write_all(items, ['{', '}'], level, indent, text);
        }
        _ => text.push_str(&node.to_json().to_string()),
    }
}

fn write_all<'n>(
    items: impl Iterator<Item = (Option<&'n str>, &'n Node)>,
    [open, close]: [char; 2],
    level: Level,
    indent: usize,
    text: &mut String,
) {
    text.push(open);
    for (index, (key, item)) in items.enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(indent + 1));
        if let Some(key) = key {
            text.push_str(&Json::from(key).to_string());
            text.push_str(": ");
        }
        write(item, level.below(key), indent + 1, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(indent));
    text.push(close);
}
