//! A YAML or JSON text of another program as a tree.
//!
//! Unlike the reader of our own documents this one takes anchors, aliases, tags and duplicate keys, because Ruby
//! writes them, and it keeps whether a text was quoted, because Ruby writes symbols without quotes. What an alias
//! stands for is copied; the copies count against the same bounds, so that aliases of aliases cannot grow.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use super::ImportError;
use crate::limits::{
    DEFINITION_BYTES_MAX, DEFINITION_DEPTH_MAX, DEFINITION_NODES_MAX, PROMPT_TEXTS_BYTES_MAX,
};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    /// Anything without quotes that is not empty, and any text. What a scalar means is up to the reader of its key.
    Text {
        text: String,
        is_quoted: bool,
    },
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// A tree, and what was passed over on the way to it.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Node,
    /// Tags such as `!ruby/object:Thing`, which mean nothing here.
    pub(super) tags: Vec<String>,
    /// Keys that stood twice in one map.
    pub(super) duplicates: Vec<String>,
    /// Whether lines ended with CR LF inside texts.
    pub(super) has_carriage_returns: bool,
}

/// Parses one document.
pub(super) fn parse(text: &str) -> Result<Tree, ImportError> {
    if text.len() > DEFINITION_BYTES_MAX {
        return Err(ImportError::TooLarge(format!(
            "it has {} bytes, at most {DEFINITION_BYTES_MAX} are read",
            text.len()
        )));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Characters that JSON allows and YAML does not.
    let text = if text.trim_start().starts_with('{') {
        crate::definition::escape_unprintable(text.to_owned())
    } else {
        text.to_owned()
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: DEFINITION_DEPTH_MAX + 1,
        block_nesting_limit: DEFINITION_DEPTH_MAX + 1,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(&text, options) {
        let (event, range) = event.map_err(|error| ImportError::Syntax {
            line: error.marker().line().max(1),
            reason: error.kind().to_string(),
        })?;
        builder.take(&event, range.start.line())?;
    }
    let root = builder.root.unwrap_or(Node::Null);
    Ok(Tree {
        root,
        tags: builder.tags,
        duplicates: builder.duplicates,
        has_carriage_returns: builder.has_carriage_returns,
    })
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), is_quoted: true }
    }

    /// The text of a scalar.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key; the last one, as in Ruby.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text under a key; a missing one and nothing are empty.
    pub(super) fn text_at(&self, key: &str) -> &str {
        self.get(key).and_then(Self::as_text).unwrap_or_default()
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text { text, .. } => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }

    /// The value in one line, for keeping what is not understood.
    pub(super) fn to_line(&self) -> String {
        match self {
            Self::Text { text, .. } => text.clone(),
            other => other.to_json().to_string(),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text { text, .. } => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
        }
    }

    /// How much a copy of it adds: values, and bytes of text.
    fn weight(&self) -> (usize, usize) {
        let sum =
            |(nodes, bytes): (usize, usize), (more, further): (usize, usize)| (nodes + more, bytes + further);
        match self {
            Self::Null => (1, 0),
            Self::Text { text, .. } => (1, text.len()),
            Self::List(items) => items.iter().map(Self::weight).fold((1, 0), sum),
            Self::Map(entries) => {
                entries.iter().map(|(key, value)| sum((0, key.len()), value.weight())).fold((1, 0), sum)
            }
        }
    }
}

enum Frame {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, seen: HashMap<String, usize>, key: Option<String> },
}

#[derive(Default)]
struct Builder {
    /// Open lists and maps, each with its anchor; 0 is none.
    stack: Vec<(Frame, usize)>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    bytes: usize,
    tags: Vec<String>,
    duplicates: Vec<String>,
    has_carriage_returns: bool,
}

impl Builder {
    fn take(&mut self, event: &Event<'_>, line: usize) -> Result<(), ImportError> {
        if let Some(tag) = event.tag() {
            let tag = tag.original().clone();
            if !self.tags.contains(&tag) && self.tags.len() < TAGS_MAX {
                self.tags.push(tag);
            }
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                return Err(ImportError::Syntax { line, reason: "a second document begins here".to_owned() });
            }
            Event::Scalar(text, style, anchor, ..) => {
                let node = self.scalar(text, *style);
                self.count((1, text.len()))?;
                self.remember(*anchor, &node)?;
                self.attach(node, line)?;
            }
            Event::SequenceStart(_, anchor, ..) => {
                self.count((1, 0))?;
                self.stack.push((Frame::List(Vec::new()), *anchor));
            }
            Event::MappingStart(_, anchor, ..) => {
                self.count((1, 0))?;
                let frame = Frame::Map { entries: Vec::new(), seen: HashMap::new(), key: None };
                self.stack.push((frame, *anchor));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(line)?,
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(anchor).cloned() else {
                    let reason = "an alias inside of what it stands for".to_owned();
                    return Err(ImportError::Syntax { line, reason });
                };
                self.count(node.weight())?;
                self.attach(node, line)?;
            }
            Event::UnresolvedAlias(name) => {
                return Err(ImportError::Syntax {
                    line,
                    reason: format!("the alias `{name}` stands for nothing"),
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, (nodes, bytes): (usize, usize)) -> Result<(), ImportError> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > DEFINITION_NODES_MAX {
            return Err(ImportError::TooLarge(format!("it has more than {DEFINITION_NODES_MAX} values")));
        }
        if self.bytes > PROMPT_TEXTS_BYTES_MAX {
            return Err(ImportError::TooLarge(format!(
                "its texts have more than {PROMPT_TEXTS_BYTES_MAX} bytes"
            )));
        }
        if self.stack.len() > DEFINITION_DEPTH_MAX {
            return Err(ImportError::TooLarge(format!(
                "it is nested more than {DEFINITION_DEPTH_MAX} levels deep"
            )));
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle) -> Node {
        let is_quoted = style != ScalarStyle::Plain;
        if !is_quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Node::Null;
        }
        self.has_carriage_returns |= text.contains('\r');
        // Carriage returns mean nothing to a model, and a NUL can be kept by no database.
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        Node::Text { text, is_quoted }
    }

    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), ImportError> {
        if anchor > 0 {
            // The copy that is kept for aliases counts too, else anchors inside anchors would multiply.
            self.count(node.weight())?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(())
    }

    fn close(&mut self, line: usize) -> Result<(), ImportError> {
        let Some((frame, anchor)) = self.stack.pop() else { return Ok(()) };
        let node = match frame {
            Frame::List(items) => Node::List(items),
            Frame::Map { entries, .. } => Node::Map(entries),
        };
        self.remember(anchor, &node)?;
        self.attach(node, line)
    }

    fn attach(&mut self, node: Node, line: usize) -> Result<(), ImportError> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some((Frame::List(items), _)) => items.push(node),
            Some((Frame::Map { entries, seen, key }, _)) => match key.take() {
                None => {
                    let Node::Text { text, .. } = node else {
                        return Err(ImportError::Syntax { line, reason: "a key that is no text".to_owned() });
                    };
                    *key = Some(text);
                }
                Some(name) => {
                    if let Some(at) = seen.insert(name.clone(), entries.len()) {
                        // The last one counts, as in Ruby.
                        entries[at].1 = node;
                        seen.insert(name.clone(), at);
                        self.duplicates.push(name);
                    } else {
                        entries.push((name, node));
                    }
                }
            },
        }
        Ok(())
    }
}

/// Kinds of tags listed: a file has a few, a hostile one could have one per value.
const TAGS_MAX: usize = 20;
