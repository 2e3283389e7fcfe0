//! A tree as text, in the one layout.

use granit_parser::ScalarStyle;

use super::tree::{Collection, Document, Item, Line, Scalar, Value};
use crate::definition::document::quote::{self, is_no_text, is_printable};

/// The longest line that holds a map or a list, in characters.
const LINE_CHARS_MAX: usize = 100;

/// Lines longer than this have their comment right behind them; shorter neighbours share a column for theirs.
const ALIGNED_CHARS_MAX: usize = 60;

/// A key that is longer may not stand before its `:`.
const KEY_CHARS_MAX: usize = 1_000;

/// The text of a document.
pub(super) fn document(document: &Document) -> String {
    let mut writer = Writer { lines: Vec::new(), is_open_end: false };
    writer.above(&document.head, 0);
    match &document.root {
        Value::Collection(root) if opens(&document.root, "") => writer.items(root, 0, None),
        root => writer.value(root, "", 0, None),
    }
    writer.above(&document.tail, 0);
    writer.text()
}

struct Written {
    text: String,
    note: Option<String>,
}

struct Writer {
    lines: Vec<Written>,
    /// Whether a blank line here would belong to the text above.
    is_open_end: bool,
}

impl Writer {
    fn push(&mut self, text: impl Into<String>, note: Option<&str>) {
        self.is_open_end = false;
        self.lines.push(Written { text: text.into(), note: note.map(str::to_owned) });
    }

    fn blank(&mut self) {
        let has_blank = self.lines.last().is_none_or(|line| line.text.is_empty());
        if !has_blank && !self.is_open_end {
            self.push("", None);
        }
    }

    fn above(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match line {
                Line::Blank => self.blank(),
                Line::Comment(text) => self.push(format!("{}{text}", " ".repeat(indent)), None),
            }
        }
    }

    /// The items of a block, each at `indent`. The first one goes on the line that `first` begins; what stands above it
    /// is written already.
    fn items(&mut self, collection: &Collection, indent: usize, first: Option<String>) {
        let mut first = first;
        for (index, item) in collection.items.iter().enumerate() {
            let start = first.take().unwrap_or_else(|| {
                let start = " ".repeat(indent);
                let mut above = above(item, &before(&start, item));
                while index == 0 && indent > 0 && above.first() == Some(&Line::Blank) {
                    above.remove(0);
                }
                self.above(&above, indent);
                start
            });
            let mut before = before(&start, item);
            let mut note = item.note.as_deref();
            if item.key.is_some() && before.chars().count() - indent > KEY_CHARS_MAX {
                before.pop();
                // A comment behind an empty value would be taken for one below it.
                let key = before.strip_prefix(&start).unwrap_or(&before).trim_start();
                self.push(format!("{start}? {key}"), note.take());
                before = format!("{}:", " ".repeat(indent));
            }
            self.value(&item.value, &before, indent, note);
        }
        self.above(&collection.tail, indent);
    }

    /// A value behind its key or `-`, which stands at `indent` and is the end of `before`.
    fn value(&mut self, value: &Value, before: &str, indent: usize, note: Option<&str>) {
        match value {
            Value::Scalar(scalar) => self.scalar(scalar, before, indent, note),
            Value::Collection(collection) if !opens(value, before) => {
                self.push(joined(before, &flow(collection).unwrap_or_default()), note);
            }
            Value::Collection(collection) if before.ends_with('-') => {
                self.items(collection, indent + 2, Some(format!("{before} ")));
            }
            Value::Collection(collection) => {
                self.push(before, note);
                self.items(collection, indent + 2, None);
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar, before: &str, indent: usize, note: Option<&str>) {
        let Some((header, lines)) = scalar.block() else {
            self.push(joined(before, &scalar.on_one_line(false)), note);
            return;
        };
        // Behind a `-` the comment stands above.
        self.push(joined(before, &header), note.filter(|_| !before.ends_with('-')));
        for line in lines {
            let indent = if line.is_empty() { 0 } else { indent + 2 };
            self.push(format!("{}{line}", " ".repeat(indent)), None);
        }
        self.is_open_end = header.ends_with('+');
    }

    fn text(self) -> String {
        let mut text = String::new();
        let mut lines = self.lines.as_slice();
        while !lines.is_empty() {
            let is_aligned = |line: &&Written| line.note.is_some() && width(line) <= ALIGNED_CHARS_MAX;
            let run = lines.iter().take_while(is_aligned).count().max(1);
            let (now, rest) = lines.split_at(run);
            let column = now.iter().map(width).max().unwrap_or_default() + 2;
            for line in now {
                text.push_str(&line.text);
                if let Some(note) = &line.note {
                    text.push_str(&" ".repeat(column - width(line)));
                    text.push_str(note);
                }
                text.push('\n');
            }
            lines = rest;
        }
        text
    }
}

fn width(line: &Written) -> usize {
    line.text.chars().count()
}

fn joined(before: &str, value: &str) -> String {
    if before.is_empty() || value.is_empty() {
        format!("{before}{value}")
    } else {
        format!("{before} {value}")
    }
}

/// The key of an entry with its `:`, or the `-` of an item, behind what its line begins with.
fn before(start: &str, item: &Item) -> String {
    match &item.key {
        Some(key) => format!("{start}{}:", quote::text(key, true)),
        None => format!("{start}-"),
    }
}

/// Whether a value takes more lines than the one of its key or `-`.
fn opens(value: &Value, before: &str) -> bool {
    match value {
        Value::Scalar(scalar) => scalar.is_block(),
        Value::Collection(collection) => {
            let fits = |text: String| joined(before, &text).chars().count() <= LINE_CHARS_MAX;
            !collection.items.is_empty() && !flow(collection).is_some_and(fits)
        }
    }
}

/// What is written above an item: its own comments, and those of the parts that begin on its line.
fn above(item: &Item, before_value: &str) -> Vec<Line> {
    let mut lines = item.lead.clone();
    if item.blank_before {
        lines.push(Line::Blank);
    }
    if item.key.is_none() && opens(&item.value, before_value) {
        lines.extend(item.note.clone().map(Line::Comment));
        if let Value::Collection(Collection { items, .. }) = &item.value
            && let Some(first) = items.first()
        {
            let first = above(first, &before(&format!("{before_value} "), first));
            lines.extend(first.into_iter().filter(|line| *line != Line::Blank));
        }
    }
    lines
}

/// A collection on one line. `None` for one that needs lines of its own.
fn flow(collection: &Collection) -> Option<String> {
    if collection.items.is_empty() {
        return Some(if collection.is_map { "{}" } else { "[]" }.to_owned());
    }
    if !collection.is_flow || !collection.tail.is_empty() {
        return None;
    }
    let items: Option<Vec<String>> = collection.items.iter().map(flow_item).collect();
    let items = items?.join(", ");
    Some(if collection.is_map { format!("{{ {items} }}") } else { format!("[{items}]") })
}

fn flow_item(item: &Item) -> Option<String> {
    if !item.lead.is_empty() || item.note.is_some() {
        return None;
    }
    let value = match &item.value {
        Value::Collection(collection) => flow(collection)?,
        Value::Scalar(scalar) if scalar.is_block() => return None,
        Value::Scalar(scalar) => scalar.on_one_line(true),
    };
    Some(match &item.key {
        Some(key) => format!("{}: {value}", quote::text(key, true)),
        None => value,
    })
}

impl Scalar {
    fn is_block(&self) -> bool {
        self.block().is_some()
    }

    /// The header and the lines of a `|` or `>` block, for a text that is better on lines of its own.
    fn block(&self) -> Option<(String, Vec<String>)> {
        if let Some(lines) = &self.folded {
            return Some((if self.text.ends_with('\n') { ">" } else { ">-" }.to_owned(), lines.clone()));
        }
        let is_long = self.style == ScalarStyle::Literal || self.text.trim_end_matches('\n').contains('\n');
        // White space at the end of a block looks like nothing and is lost to many editors.
        let last_line = self.text.trim_end_matches('\n').lines().last().unwrap_or_default();
        let can_be = !last_line.trim().is_empty()
            && self.text.chars().all(|character| character == '\n' || is_printable(character));
        (is_long && can_be).then(|| literal(&self.text))
    }

    fn on_one_line(&self, in_flow: bool) -> String {
        if self.style != ScalarStyle::Plain || !is_no_text(&self.text) {
            return quote::text(&self.text, in_flow);
        }
        match self.text.as_str() {
            "" if in_flow => "null".to_owned(),
            "~" | "Null" | "NULL" => "null".to_owned(),
            "True" | "TRUE" => "true".to_owned(),
            "False" | "FALSE" => "false".to_owned(),
            // A number as its author spelled it.
            other => other.to_owned(),
        }
    }
}

/// A text as a `|` block: its header, and its lines.
fn literal(text: &str) -> (String, Vec<String>) {
    let mut header = "|".to_owned();
    // Without a number, the first line that is not empty says how deep the block is.
    let mut first_lines = text.split_inclusive(|character: char| !matches!(character, ' ' | '\t' | '\n'));
    if first_lines.next().is_some_and(|start| start.contains([' ', '\t'])) {
        header.push('2');
    }
    if !text.ends_with('\n') {
        header.push('-');
    } else if text.ends_with("\n\n") {
        header.push('+');
    }
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').map(str::to_owned).collect();
    (header, lines)
}
