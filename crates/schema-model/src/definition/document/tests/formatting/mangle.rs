//! The same document in a layout nobody would choose, with comments wherever YAML has room for one.

use crate::definition::document::tree::{Node, NodeValue};

/// Decisions taken from a tape, so that a failure shrinks.
pub(super) struct Mangler<'a> {
    tape: std::slice::Iter<'a, u8>,
    text: String,
    comments: Vec<String>,
    /// Whether an empty line would belong to the text above.
    is_open_end: bool,
}

/// The document, written by the decisions of a tape, and the comments in it.
pub(super) fn mangled(root: &Node, tape: &[u8]) -> (String, Vec<String>) {
    let mut mangler =
        Mangler { tape: tape.iter(), text: String::new(), comments: Vec::new(), is_open_end: false };
    mangler.comments(0);
    mangler.block(root, 0);
    mangler.comments(0);
    (mangler.text, mangler.comments)
}

impl Mangler<'_> {
    /// A number below `bound`; 0 when the tape is over.
    fn pick(&mut self, bound: usize) -> usize {
        self.tape.next().map_or(0, |byte| usize::from(*byte) % bound)
    }

    fn comment(&mut self) -> String {
        let end = ["", "  ", ": x", " # y", " - z"][self.pick(5)];
        let comment = format!("# c{}{end}", self.comments.len());
        self.comments.push(comment.trim_end().to_owned());
        comment
    }

    /// Lines of comments and empty lines, before something at `indent`.
    fn comments(&mut self, indent: usize) {
        let is_open_end = std::mem::take(&mut self.is_open_end);
        for _ in 0..self.pick(3) {
            let line = match self.pick(4) {
                0 | 1 if is_open_end => continue,
                0 => String::new(),
                1 => " ".repeat(self.pick(indent + 1)),
                _ => " ".repeat(self.pick(indent + 1)) + &self.comment(),
            };
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn end_of_line(&mut self) {
        if self.pick(4) == 3 {
            let comment = self.comment();
            let space = " ".repeat(1 + self.pick(3));
            self.text.push_str(&space);
            self.text.push_str(&comment);
        }
        self.text.push('\n');
    }

    fn block(&mut self, node: &Node, indent: usize) {
        match &node.value {
            NodeValue::Map(entries) if !entries.is_empty() => {
                let mut entries: Vec<_> = entries.iter().collect();
                // Only where the order means nothing.
                if entries
                    .iter()
                    .any(|entry| matches!(entry.key.as_str(), "sections" | "steps" | "outputs" | "prompt"))
                {
                    let by = self.pick(entries.len());
                    entries.rotate_left(by);
                }
                for (index, entry) in entries.into_iter().enumerate() {
                    if index > 0 || indent == 0 || self.text.ends_with('\n') {
                        self.comments(indent);
                        self.text.push_str(&" ".repeat(indent));
                    }
                    let key = self.quoted(&entry.key);
                    self.text.push_str(&key);
                    self.text.push(':');
                    self.behind(
                        &entry.value,
                        indent,
                        usize::from(!matches!(entry.value.value, NodeValue::List(_))),
                    );
                }
            }
            NodeValue::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 || self.text.ends_with('\n') {
                        self.comments(indent);
                        self.text.push_str(&" ".repeat(indent));
                    }
                    self.text.push('-');
                    self.behind(item, indent, 1);
                }
            }
            _ => {
                self.text.push_str(&" ".repeat(indent));
                let text = self.flow(node, indent);
                self.text.push_str(&text);
                self.end_of_line();
            }
        }
    }

    /// A value behind a key or `-` at `indent`; a block goes at least `least` deeper.
    fn behind(&mut self, node: &Node, indent: usize, least: usize) {
        let is_collection = matches!(&node.value, NodeValue::Map(entries) if !entries.is_empty())
            || matches!(&node.value, NodeValue::List(items) if !items.is_empty());
        if is_collection && self.pick(3) < 2 {
            if self.text.ends_with('-') && self.pick(2) == 0 {
                self.text.push(' ');
                self.block(node, indent + 2);
                return;
            }
            self.end_of_line();
            let deeper = least + self.pick(4);
            self.block(node, indent + deeper);
            return;
        }
        if let NodeValue::Text(text) = &node.value
            && is_literal(text)
            && self.pick(3) > 0
        {
            self.literal(text, indent);
            return;
        }
        if self.pick(5) == 4 && !matches!(node.value, NodeValue::Null) {
            self.end_of_line();
            self.comments(indent);
            self.text.push_str(&" ".repeat(indent));
        }
        self.text.push(' ');
        let text = self.flow(node, indent);
        self.text.push_str(&text);
        self.end_of_line();
    }

    fn literal(&mut self, text: &str, indent: usize) {
        let chomp = if text.ends_with("\n\n") {
            "+"
        } else if text.ends_with('\n') {
            ""
        } else {
            "-"
        };
        self.text.push_str(" |");
        self.text.push_str(chomp);
        self.end_of_line();
        let deeper = indent + 1 + self.pick(4);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            let indent = if line.is_empty() { 0 } else { deeper };
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.is_open_end = chomp == "+";
    }

    /// White space between two parts of a flow collection.
    fn space(&mut self, indent: usize) -> String {
        match self.pick(6) {
            5 => format!(" {}\n{}", self.comment(), " ".repeat(indent + 1 + self.pick(3))),
            4 => format!("\n{}", " ".repeat(indent + 1 + self.pick(3))),
            3 => "  ".to_owned(),
            _ => " ".to_owned(),
        }
    }

    fn flow(&mut self, node: &Node, indent: usize) -> String {
        let mut text = String::new();
        match &node.value {
            NodeValue::Map(entries) => {
                text.push('{');
                for (index, entry) in entries.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    text += &self.space(indent);
                    text += &self.quoted(&entry.key);
                    text.push_str(": ");
                    text += &self.flow(&entry.value, indent);
                }
                text += &self.space(indent);
                text.push('}');
            }
            NodeValue::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    text += &self.space(indent);
                    text += &self.flow(item, indent);
                }
                text += &self.space(indent);
                text.push(']');
            }
            NodeValue::Text(value) => text += &self.quoted(value),
            _ => text += &node.to_json().to_string(),
        }
        text
    }

    fn quoted(&mut self, text: &str) -> String {
        let is_word = text.chars().all(|character| character.is_ascii_lowercase()) && !text.is_empty();
        match self.pick(3) {
            0 if is_word && !matches!(text, "null" | "true" | "false") => text.to_owned(),
            1 if text.chars().all(|character| matches!(character, ' '..='~')) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            _ => crate::definition::canonical::escape_unprintable(serde_json::Value::from(text).to_string()),
        }
    }
}

/// Whether a text can be a `|` block without a number in its header.
fn is_literal(text: &str) -> bool {
    text.starts_with(|first: char| !first.is_whitespace())
        && text.chars().all(|character| character == '\n' || !character.is_control())
        && !text.contains(['\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'])
        && !text.lines().any(|line| line.trim().is_empty() && !line.is_empty())
}
