//! A YAML document for writing it again: its collections, scalars and comments, and how each was written.
//!
//! Only for texts that were read without a complaint: there are no anchors, tags or second documents left.

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, StructureStyle};

use super::comment::Comment;
use super::level::Level;
use super::lines::Lines;
use crate::limits::{DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX};

/// A line that stands above a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    /// With its `#`.
    Comment(String),
}

/// A whole document.
#[derive(Debug)]
pub(super) struct Document {
    /// What stands above the first key; it stays there whatever key comes first.
    pub(super) head: Vec<Line>,
    pub(super) root: Value,
    /// What stands below a root that is no collection.
    pub(super) tail: Vec<Line>,
}

/// A map or a list.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) is_map: bool,
    pub(super) is_flow: bool,
    pub(super) items: Vec<Item>,
    /// Comments below the last item.
    pub(super) tail: Vec<Line>,
    pub(super) column: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An entry of a map, or an item of a list.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) lead: Vec<Line>,
    pub(super) blank_before: bool,
    pub(super) key: Option<String>,
    pub(super) start: usize,
    pub(super) value: Value,
    /// The comment at the end of its line.
    pub(super) note: Option<String>,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar(Scalar),
    Collection(Collection),
}

#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) style: ScalarStyle,
    /// The author's lines of a text that is one paragraph or several, for a `>` block.
    pub(super) folded: Option<Vec<String>>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Value {
    pub(super) fn start(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.start,
            Self::Collection(collection) => collection.start,
        }
    }

    pub(super) fn end(&self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.end,
            Self::Collection(collection) => collection.end,
        }
    }
}

/// The comments of a text without the white space behind them, in file order.
pub(super) fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str_with_options(text, options()).map_while(Result::ok);
    let comments = events.filter_map(|(event, _)| match event {
        Event::Comment(text, _) => Some(format!("#{}", text.trim_end())),
        _ => None,
    });
    comments.collect()
}

fn options() -> granit_parser::Options {
    granit_parser::options! {
        emit_comments: true,
        // Bounded by the size of the text.
        max_buffered_comment_events: DEFINITION_BYTES_MAX,
        flow_nesting_limit: DEFINITION_DEPTH_MAX + 1,
        block_nesting_limit: DEFINITION_DEPTH_MAX + 1,
    }
}

/// The document in a text, keys in their order. `None` when it is none of the language.
pub(super) fn parse(text: &str) -> Option<Document> {
    let lines = Lines::new(text);
    let mut builder = Builder { lines: &lines, stack: Vec::new(), root: None };
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, options()) {
        let (event, range) = event.ok()?;
        match event {
            Event::Comment(text, _) => comments.push(Comment::new(&text, &range, &lines)?),
            event => builder.take(&event, &range)?,
        }
    }
    comments.sort_by_key(|comment| comment.start);
    let mut document = Document { head: Vec::new(), root: builder.root?, tail: Vec::new() };
    for comment in comments {
        document.place(comment);
    }
    if let Value::Collection(root) = &mut document.root {
        document.head = root.take_head();
        root.order(Level::Workflow);
    }
    Some(document)
}

enum Key {
    None,
    Expected,
    Given { text: String, start: usize, end: usize },
}

struct Builder<'a> {
    lines: &'a Lines<'a>,
    stack: Vec<(Collection, Key)>,
    root: Option<Value>,
}

impl Builder<'_> {
    fn take(&mut self, event: &Event<'_>, range: &Range) -> Option<()> {
        match event {
            Event::Scalar(text, style, ..) => self.scalar(text, *style, range),
            Event::SequenceStart(style, ..) => self.open(false, *style, range),
            Event::MappingStart(style, ..) => self.open(true, *style, range),
            Event::SequenceEnd | Event::MappingEnd => {
                let (mut collection, _) = self.stack.pop()?;
                let last = collection.items.last().map(|item| item.value.end());
                let own = if collection.is_flow { range.end.byte_offset() } else { last };
                collection.end = own?;
                self.attach(Value::Collection(collection))
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => None,
            _ => Some(()),
        }
    }

    fn open(&mut self, is_map: bool, style: StructureStyle, range: &Range) -> Option<()> {
        let start = range.start.byte_offset()?;
        let collection = Collection {
            is_map,
            is_flow: style == StructureStyle::Flow,
            items: Vec::new(),
            tail: Vec::new(),
            column: range.start.col(),
            start,
            end: start,
        };
        self.stack.push((collection, if is_map { Key::Expected } else { Key::None }));
        Some(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, range: &Range) -> Option<()> {
        let (start, end) = (range.start.byte_offset()?, range.end.byte_offset()?);
        if let Some((_, key @ Key::Expected)) = self.stack.last_mut() {
            *key = Key::Given { text: text.to_owned(), start, end };
            return Some(());
        }
        let source = self.lines.text().get(start..end)?;
        // A parser gives the text `~` to a value that is not there.
        let text = if source.is_empty() && style == ScalarStyle::Plain { "" } else { text };
        let end = start + source.trim_end().len();
        let folded = match style {
            ScalarStyle::Folded => folded_lines(text, source, range.start.col()),
            ScalarStyle::Plain if source.contains('\n') => {
                Some(source.lines().map(|line| line.trim().to_owned()).collect())
            }
            _ => None,
        };
        self.attach(Value::Scalar(Scalar { text: text.to_owned(), style, folded, start, end }))
    }

    fn attach(&mut self, value: Value) -> Option<()> {
        let Some((collection, key)) = self.stack.last_mut() else {
            self.root = Some(value);
            return Some(());
        };
        let (key, start) = match std::mem::replace(key, Key::Expected) {
            Key::None => {
                *key = Key::None;
                (None, item_start(&value, self.lines.text()))
            }
            Key::Given { text, start, end } => {
                let is_empty = matches!(&value, Value::Scalar(scalar) if scalar.text.is_empty() && scalar.style == ScalarStyle::Plain);
                if is_empty {
                    let scalar = Scalar {
                        text: String::new(),
                        style: ScalarStyle::Plain,
                        folded: None,
                        start: end,
                        end,
                    };
                    collection.push(Some(text), start, Value::Scalar(scalar), self.lines);
                    return Some(());
                }
                (Some(text), start)
            }
            // A key that is a collection was refused when the text was read.
            Key::Expected => return None,
        };
        collection.push(key, start, value, self.lines);
        Some(())
    }
}

impl Collection {
    fn push(&mut self, key: Option<String>, start: usize, value: Value, lines: &Lines<'_>) {
        let begins_line = lines.before(start).chars().all(|character| matches!(character, ' ' | '-'));
        let blank_before = begins_line && lines.has_blank_above(start);
        self.items.push(Item { lead: Vec::new(), blank_before, key, start, value, note: None });
    }

    /// Where its last value begins.
    pub(super) fn last_start(&self) -> usize {
        match self.items.last().map(|item| &item.value) {
            Some(Value::Collection(inner)) => inner.last_start(),
            Some(Value::Scalar(scalar)) => scalar.start,
            None => self.start,
        }
    }

    /// The lines above the first item, with the blank line that parts them from it.
    fn take_head(&mut self) -> Vec<Line> {
        let Some(first) = self.items.first_mut() else { return Vec::new() };
        let mut head = std::mem::take(&mut first.lead);
        if std::mem::take(&mut first.blank_before) && !head.is_empty() {
            head.push(Line::Blank);
        }
        head
    }

    /// Puts the keys in order, and on lines of their own what always stands there.
    fn order(&mut self, level: Level) {
        if level.is_always_open() {
            self.is_flow = false;
        }
        if let Some(keys) = level.keys() {
            let place = |item: &Item| keys.iter().position(|key| Some(*key) == item.key.as_deref());
            self.items.sort_by_key(|item| place(item).unwrap_or(keys.len()));
        }
        for item in &mut self.items {
            if let Value::Collection(inner) = &mut item.value {
                inner.order(level.below(item.key.as_deref()));
            }
        }
    }
}

/// Where an item of a list begins. That of a block is its header, which has no place of its own.
fn item_start(value: &Value, text: &str) -> usize {
    let Value::Scalar(Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, start, .. }) = value else {
        return value.start();
    };
    let above = text.get(..*start).unwrap_or_default().trim_end();
    let line = above.rfind('\n').map_or(0, |end| end + 1);
    above.get(line..).and_then(|header| header.find(['|', '>'])).map_or(*start, |at| line + at)
}

/// The lines of a `>` block whose content begins in `column`. `None` for those with spaces or empty lines at an end,
/// which are written otherwise.
fn folded_lines(text: &str, source: &str, column: usize) -> Option<Vec<String>> {
    if text.starts_with([' ', '\t', '\n']) || text.ends_with("\n\n") || text.trim().is_empty() {
        return None;
    }
    let mut lines = source.trim_end_matches(['\n', ' ']).lines();
    let first = lines.next()?.to_owned();
    // All of the indentation is spaces, and an empty line may have fewer.
    let rest = lines.map(|line| line.get(column..).unwrap_or_default().to_owned());
    Some(std::iter::once(first).chain(rest).collect())
}
