//! Which part of a document a comment belongs to.
//!
//! A comment behind something belongs to what ends there. A comment on a line of its own belongs to what comes next;
//! one that is indented deeper than what comes next closes the block it stands in.

use granit_parser::Span as Range;

use super::lines::Lines;
use super::tree::{Collection, Document, Item, Line, Value};

/// A comment and where it stands.
#[derive(Debug)]
pub(super) struct Comment {
    text: String,
    pub(super) start: usize,
    column: usize,
    /// Whether something stands before it on its line.
    is_behind: bool,
    has_blank_above: bool,
    /// Where its line begins.
    line_start: usize,
}

impl Comment {
    pub(super) fn new(text: &str, range: &Range, lines: &Lines<'_>) -> Option<Self> {
        let start = range.start.byte_offset()?;
        let before = lines.before(start);
        Some(Self {
            text: format!("#{}", text.trim_end()),
            start,
            column: range.start.col(),
            is_behind: before.split_whitespace().any(|word| !matches!(word, "-" | "?" | ":" | ",")),
            has_blank_above: lines.has_blank_above(start),
            line_start: start - before.len(),
        })
    }

    /// Whether a part that ends at `end` ends on the line of the comment.
    fn is_on_line_of(&self, end: usize) -> bool {
        self.is_behind && end >= self.line_start && end <= self.start
    }

    fn push_to(self, lines: &mut Vec<Line>) {
        if self.has_blank_above {
            lines.push(Line::Blank);
        }
        lines.push(Line::Comment(self.text));
    }
}

impl Document {
    /// Puts a comment where it belongs.
    pub(super) fn place(&mut self, comment: Comment) {
        let rest = match &mut self.root {
            Value::Collection(root) => root.place(comment),
            Value::Scalar(_) => Some(comment),
        };
        let Some(comment) = rest else { return };
        match &mut self.root {
            Value::Collection(root) if !root.items.is_empty() => root.items[0].add_above(comment),
            root if comment.start < root.start() => comment.push_to(&mut self.head),
            _ => comment.push_to(&mut self.tail),
        }
    }
}

impl Collection {
    /// Puts a comment to the part it belongs to. Gives it back when it belongs to whatever holds this collection.
    fn place(&mut self, comment: Comment) -> Option<Comment> {
        let next = self.items.partition_point(|item| item.start < comment.start);
        let Some(at) = next.checked_sub(1) else {
            if comment.is_behind || self.items.is_empty() {
                return Some(comment);
            }
            self.items[0].add_above(comment);
            return None;
        };
        let item = &mut self.items[at];
        if let Value::Collection(inner) = &mut item.value
            && inner.holds(&comment, self.column)
        {
            if let Some(comment) = inner.place(comment) {
                item.add_note(comment);
            }
            return None;
        }
        let is_before_value = comment.start < item.value.start();
        if is_before_value && !comment.is_behind {
            item.add_above(comment);
        } else if is_before_value || comment.is_on_line_of(item.value.end()) {
            item.add_note(comment);
        } else if let Some(next) = self.items.get_mut(next) {
            next.add_above(comment);
        } else {
            comment.push_to(&mut self.tail);
        }
        None
    }

    /// Whether a comment that begins after this collection's key or `-`, in a block at `column`, belongs inside.
    fn holds(&self, comment: &Comment, column: usize) -> bool {
        if self.is_flow {
            return comment.start > self.start && comment.start < self.end;
        }
        comment.is_behind || comment.start < self.last_start() || comment.column > column
    }
}

impl Item {
    /// Adds a comment above, as the nearest.
    fn add_above(&mut self, comment: Comment) {
        if comment.start > self.start && std::mem::take(&mut self.blank_before) {
            self.lead.push(Line::Blank);
        }
        comment.push_to(&mut self.lead);
    }

    /// Adds a comment behind; there is room for one.
    fn add_note(&mut self, comment: Comment) {
        if self.note.is_none() {
            self.note = Some(comment.text);
        } else {
            self.add_above(Comment { has_blank_above: false, ..comment });
        }
    }
}
