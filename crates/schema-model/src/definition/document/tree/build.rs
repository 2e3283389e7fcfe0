//! From parser events to the tree. What the language leaves out of YAML is refused here.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, StructureStyle};
use serde_json::Value as Json;

use super::syntax;
use super::{Entry, Node, NodeValue};
use crate::definition::document::report::Report;
use crate::definition::document::{code, scalar};
use crate::definition::source::{Span, TextLayout};
use crate::limits::{DEFINITION_DEPTH_MAX, DEFINITION_NODES_MAX};

/// A text to parse: a whole file, or some lines of it.
pub(in crate::definition::document) struct Source<'a> {
    pub(in crate::definition::document) file: &'a Arc<str>,
    pub(in crate::definition::document) text: &'a str,
    /// Lines of the file before the text.
    pub(in crate::definition::document) lines_before: u32,
}

/// Parses one document. `None` when the text has no tree that is worth looking at; the reason is reported.
pub(in crate::definition::document) fn parse(source: &Source<'_>, report: &mut Report) -> Option<Node> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: DEFINITION_DEPTH_MAX + 1,
        block_nesting_limit: DEFINITION_DEPTH_MAX + 1,
    };
    let mut builder = Builder {
        source,
        lines: source.text.lines().collect(),
        report,
        stack: Vec::new(),
        root: None,
        nodes: 0,
    };
    for event in Parser::new_from_str_with_options(source.text, options) {
        match event {
            Ok((event, range)) => builder.take(&event, &range).ok()?,
            Err(error) => {
                syntax::report(&error, source, &builder.lines, builder.report);
                return None;
            }
        }
    }
    builder.root
}

/// The rest of the document is not worth reading; the reason is reported.
struct Stop;

enum Key {
    Expected,
    Given(String, Span),
    /// The entry is dropped: its key is a list or map, `<<`, or given before.
    Dropped,
}

enum Frame {
    List { items: Vec<Node>, span: Span },
    Map { entries: Vec<Entry>, seen: HashMap<String, Span>, key: Key, span: Span, template: bool },
}

struct Builder<'a> {
    source: &'a Source<'a>,
    lines: Vec<&'a str>,
    report: &'a mut Report,
    stack: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: &Event<'_>, range: &Range) -> Result<(), Stop> {
        if event.is_node() {
            self.count(range)?;
        }
        if let Some(tag) = event.tag() {
            self.refuse_tag(&tag.original(), range);
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                let span = self.span(range);
                self.report
                    .error(code::SEVERAL_DOCUMENTS, &span, "a second document begins here")
                    .fix("keep one document per file and remove this `---`");
                return Err(Stop);
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.refuse_anchor(range, true),
            Event::Anchor(..) => self.refuse_anchor(range, false),
            Event::Scalar(text, style, ..) => self.scalar(text, *style, range),
            Event::SequenceStart(..) => {
                let span = self.span(range);
                self.stack.push(Frame::List { items: Vec::new(), span });
            }
            Event::MappingStart(style, ..) => self.open_map(*style, range),
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, range: &Range) -> Result<(), Stop> {
        self.nodes += 1;
        let problem = if self.stack.len() > DEFINITION_DEPTH_MAX {
            format!("the document is nested more than {DEFINITION_DEPTH_MAX} levels deep")
        } else if self.nodes > DEFINITION_NODES_MAX {
            format!("the document has more than {DEFINITION_NODES_MAX} values")
        } else {
            return Ok(());
        };
        let span = self.span(range);
        self.report.error(code::TOO_LARGE, &span, problem);
        Err(Stop)
    }

    fn refuse_tag(&mut self, tag: &str, range: &Range) {
        let span = self.span(&range.tag_span().unwrap_or(*range));
        self.report
            .error(code::TAG, &span, format!("the tag `{tag}` has no meaning here"))
            .fix(format!("remove `{tag}`; the key decides what kind of value stands here"));
    }

    fn refuse_anchor(&mut self, range: &Range, is_alias: bool) {
        let span = self.span(range);
        let name = range.slice(self.source.text).unwrap_or_default();
        if is_alias {
            self.report
                .error(code::ANCHOR, &span, format!("the alias `{name}` is not allowed here"))
                .fix("write the value out at this place too");
            self.attach(Node { value: NodeValue::Broken, span, layout: None });
        } else {
            self.report
                .error(code::ANCHOR, &span, format!("the anchor `{name}` is not allowed here"))
                .fix(format!("remove `{name}`"));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, range: &Range) {
        let span = self.span(range);
        if self.takes_key() {
            self.take_key(text, style, span);
            return;
        }
        let json =
            if style == ScalarStyle::Plain { scalar::plain(text) } else { Json::String(text.to_owned()) };
        let value = match json {
            Json::Bool(value) => NodeValue::Bool(value),
            Json::Number(number) => NodeValue::Number(number),
            Json::String(text) => NodeValue::Text(text),
            _ => NodeValue::Null,
        };
        if text.contains('\0') {
            self.report
                .error(
                    code::NOT_STORABLE,
                    &span,
                    "this text holds a NUL character, which no database can keep",
                )
                .fix("remove the `\\0`");
        }
        let layout = self.layout(text, style, range, &span);
        self.attach(Node { value, span, layout });
    }

    fn takes_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Map { key: Key::Expected, .. }))
    }

    fn take_key(&mut self, text: &str, style: ScalarStyle, span: Span) {
        let Some(Frame::Map { seen, key, .. }) = self.stack.last_mut() else { return };
        if text == "<<" && style == ScalarStyle::Plain {
            *key = Key::Dropped;
            self.report
                .error(code::MERGE_KEY, &span, "the merge key `<<` is not allowed here")
                .fix("write the keys out, or set them once for the whole workflow");
        } else if let Some(first) = seen.get(text) {
            let first = first.clone();
            *key = Key::Dropped;
            self.report
                .error(code::DUPLICATE_KEY, &span, format!("the key `{text}` is given twice in this map"))
                .place(&first, "first given here")
                .fix("keep one of the two");
        } else {
            seen.insert(text.to_owned(), span.clone());
            *key = Key::Given(text.to_owned(), span);
        }
    }

    fn open_map(&mut self, style: StructureStyle, range: &Range) {
        let span = self.span(range);
        let rest =
            range.start.byte_offset().and_then(|start| self.source.text.get(start..)).unwrap_or_default();
        let template = style == StructureStyle::Flow && !self.takes_key() && rest.starts_with("{{");
        if template {
            syntax::report_unquoted_template(&span, self.report);
        }
        let (entries, seen) = (Vec::new(), HashMap::new());
        self.stack.push(Frame::Map { entries, seen, key: Key::Expected, span, template });
    }

    fn close(&mut self, range: &Range) {
        let node = match self.stack.pop() {
            Some(Frame::List { items, span }) => Node { value: NodeValue::List(items), span, layout: None },
            Some(Frame::Map { span, template: true, .. }) => {
                // What the author meant is clear, so the rest is checked as if the quotes were there.
                let text = self.text_between(&span, range);
                Node { value: NodeValue::Text(text), span, layout: None }
            }
            Some(Frame::Map { entries, span, .. }) => {
                Node { value: NodeValue::Map(entries), span, layout: None }
            }
            None => return,
        };
        self.attach(node);
    }

    fn text_between(&self, start: &Span, end: &Range) -> String {
        let line = self.lines.get((start.line - self.source.lines_before).saturating_sub(1) as usize);
        let until = if end.end.line() as u32 + self.source.lines_before == start.line {
            end.end.col()
        } else {
            usize::MAX
        };
        line.map(|line| line.chars().take(until).skip(start.column as usize - 1).collect())
            .unwrap_or_default()
    }

    /// Puts a finished node where it belongs.
    fn attach(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, template, .. }) => match std::mem::replace(key, Key::Expected) {
                Key::Given(key, key_span) => entries.push(Entry { key, key_span, value: node }),
                Key::Dropped => {}
                Key::Expected => {
                    *key = Key::Dropped;
                    if !*template {
                        self.report
                            .error(
                                code::SYNTAX,
                                &node.span,
                                format!("a key is a text, found {}", node.kind()),
                            )
                            .fix("put the text in quotes");
                    }
                }
            },
        }
    }

    fn layout(&self, text: &str, style: ScalarStyle, range: &Range, span: &Span) -> Option<TextLayout> {
        let one_line = range.start.line() == range.end.line();
        match style {
            ScalarStyle::Literal => self.block_layout(text, range),
            ScalarStyle::Plain if one_line => Some(TextLayout::Lines {
                file: Arc::clone(&span.file),
                first_line: span.line,
                column: span.column,
            }),
            ScalarStyle::Plain | ScalarStyle::Folded => Some(TextLayout::Folded {
                file: Arc::clone(&span.file),
                first_line: span.line,
                column: span.column,
                text: Arc::from(text),
            }),
            ScalarStyle::SingleQuoted if one_line => Some(TextLayout::SingleQuoted(span.clone())),
            ScalarStyle::DoubleQuoted if one_line => Some(TextLayout::DoubleQuoted(span.clone())),
            _ => None,
        }
    }

    /// The lines of a `|` block; the range begins at its first line that is not empty.
    fn block_layout(&self, text: &str, range: &Range) -> Option<TextLayout> {
        let empty_lines = text.split('\n').take_while(|line| line.is_empty()).count() as u32;
        Some(TextLayout::Lines {
            file: Arc::clone(self.source.file),
            first_line: (range.start.line() as u32 + self.source.lines_before).checked_sub(empty_lines)?,
            column: range.start.col() as u32 + 1,
        })
    }

    fn span(&self, range: &Range) -> Span {
        span_of(range, self.source, &self.lines)
    }
}

/// A parser range as a span on its first line.
pub(super) fn span_of(range: &Range, source: &Source<'_>, lines: &[&str]) -> Span {
    let (start, end) = (range.start, range.end);
    let length = if start.line() == end.line() {
        end.col().saturating_sub(start.col())
    } else {
        let line = lines.get(start.line().saturating_sub(1)).map_or("", |line| line.trim_end());
        line.chars().count().saturating_sub(start.col())
    };
    Span {
        file: Arc::clone(source.file),
        line: (start.line() as u32).max(1) + source.lines_before,
        column: start.col() as u32 + 1,
        length: (length as u32).max(1),
    }
}
