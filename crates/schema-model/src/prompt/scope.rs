//! Blocks of a template and what names mean inside them, by the rules of the renderer.

use serde_json::Value as Json;

use super::mention::PathPart;
use super::path::RawPath;

/// What a path or a subexpression stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A path from the root of the data; empty for the root itself.
    Path(Vec<PathPart>),
    /// The result of a helper, a literal or a local.
    Computed(Computed),
    /// A field of something that has none.
    NoField,
}

/// What is known of a value that stands in no attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Computed {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A list of anything.
    List,
    /// Nothing.
    Unknown,
}

impl Computed {
    /// What a helper gives.
    pub(super) fn by(helper: &str) -> Self {
        match helper {
            "join" | "json" | "truncate" | "upper" | "lower" | "date" => Self::Text,
            "len" => Self::Number,
            "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "and" | "or" | "not" => Self::Truth,
            "lines" => Self::List,
            _ => Self::Unknown,
        }
    }

    /// What a literal is.
    pub(super) fn literal(value: &Json) -> Self {
        match value {
            Json::String(_) => Self::Text,
            Json::Number(_) => Self::Number,
            Json::Bool(_) => Self::Truth,
            Json::Array(_) => Self::List,
            Json::Null | Json::Object(_) => Self::Unknown,
        }
    }

    /// What `@index` and its like are; nothing for other names.
    pub(super) fn local(name: &str) -> Option<Self> {
        match name {
            "index" => Some(Self::Number),
            "first" | "last" => Some(Self::Truth),
            "key" => Some(Self::Text),
            _ => None,
        }
    }

    /// Whether `each` cannot go through it.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Text | Self::Number | Self::Truth)
    }

    fn fields(self, names: &[String]) -> Target {
        match (self, names.first()) {
            (_, None) => Target::Computed(self),
            (Self::Unknown, _) => Target::UNKNOWN,
            (Self::List, Some(name)) if name.bytes().all(|byte| byte.is_ascii_digit()) => Target::UNKNOWN,
            (Self::List | Self::Text | Self::Number | Self::Truth, Some(_)) => Target::NoField,
        }
    }
}

impl Target {
    pub(super) const ROOT: Self = Self::Path(Vec::new());
    pub(super) const UNKNOWN: Self = Self::Computed(Computed::Unknown);

    /// One of its items.
    pub(super) fn item(&self) -> Self {
        match self {
            Self::Path(parts) => Self::Path(parts.iter().cloned().chain([PathPart::Item]).collect()),
            // What is wrong about a single value has been told where it stands.
            Self::Computed(_) | Self::NoField => Self::UNKNOWN,
        }
    }

    /// A field, named by a literal.
    pub(super) fn field(&self, name: &str) -> Self {
        self.fields(&[name.to_owned()])
    }

    fn fields(&self, names: &[String]) -> Self {
        match self {
            Self::Path(parts) => {
                let fields = names.iter().cloned().map(PathPart::Field);
                Self::Path(parts.iter().cloned().chain(fields).collect())
            }
            Self::Computed(computed) => computed.fields(names),
            Self::NoField => Self::NoField,
        }
    }
}

/// A block that changes what names mean: `each`, `with`, an included partial.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// What `this` is.
    pub(super) base: Target,
    /// Names given by `as |item index|` or by the arguments of a partial.
    pub(super) names: Vec<(String, Target)>,
    /// Whether `@index` and its like are known here.
    pub(super) has_locals: bool,
}

/// Open blocks, innermost last.
#[derive(Debug)]
pub(super) struct Blocks(pub(super) Vec<Block>);

impl Blocks {
    pub(super) fn new() -> Self {
        Self(vec![Block { base: Target::ROOT, names: Vec::new(), has_locals: false }])
    }

    pub(super) fn has_locals(&self) -> bool {
        self.0.last().is_some_and(|block| block.has_locals)
    }

    pub(super) fn this(&self) -> Target {
        self.0.last().map_or(Target::ROOT, |block| block.base.clone())
    }

    /// What a path stands for. A name given by any open block wins, also after `../`; too many `../` stay where they
    /// are. Both are what the renderer does.
    pub(super) fn resolve(&self, path: &RawPath) -> Target {
        if path.from_root {
            return Target::ROOT.fields(&path.names);
        }
        if let Some((target, rest)) = self.given(path) {
            return target.fields(rest);
        }
        let base =
            self.0.len().checked_sub(1 + path.up).and_then(|index| self.0.get(index)).or(self.0.last());
        base.map_or(Target::ROOT, |block| block.base.clone()).fields(&path.names)
    }

    /// How many names of a path, counted from its end, are parts of what it stands for; the others are names that a
    /// block gives.
    pub(super) fn written(&self, path: &RawPath) -> usize {
        let given = if path.from_root { None } else { self.given(path) };
        given.map_or(path.names.len(), |(_, rest)| rest.len())
    }

    /// What the first name of a path is, if an open block gives it, and the names after it.
    fn given<'p>(&self, path: &'p RawPath) -> Option<(&Target, &'p [String])> {
        let (first, rest) = path.names.split_first()?;
        let named = |block: &'_ Block| block.names.iter().position(|(name, _)| name == first);
        let (block, at) = self.0.iter().rev().find_map(|block| Some((block, named(block)?)))?;
        Some((&block.names[at].1, rest))
    }
}
