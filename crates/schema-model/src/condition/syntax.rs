//! The tree of a condition.

use std::ops::Range;

use crate::limits::CONDITION_DEPTH_MAX;

/// An expression with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expression {
    /// What it is.
    pub(super) kind: Kind,
    /// The bytes it stands in, with the parentheses around it.
    pub(super) at: Range<usize>,
    /// Levels of expressions, itself included; at most [`CONDITION_DEPTH_MAX`].
    depth: usize,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Literal(Literal),
    /// `["a", "b"]`
    List(Vec<Expression>),
    Variable(String),
    /// `verdict.score`
    Field {
        of: Box<Expression>,
        name: String,
    },
    /// `notes[0]`
    Item {
        of: Box<Expression>,
        index: Box<Expression>,
    },
    /// `has(verdict.score)`, of a variable, a field or an item.
    Has(Box<Expression>),
    Not(Box<Expression>),
    Negate(Box<Expression>),
    /// `a && b && c`: one node, so that a long chain is not deep.
    Logical {
        operator: Logical,
        operands: Vec<Expression>,
    },
    Binary {
        operator: Operator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `test ? then : otherwise`
    Choice {
        test: Box<Expression>,
        then: Box<Expression>,
        otherwise: Box<Expression>,
    },
    /// `size(notes)`, `title.contains("x")`.
    Call(Call),
    /// `notes.exists(note, note.kept)`
    Each(Box<Each>),
}

/// A call, of a function there may not be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) name_at: Range<usize>,
    /// What stands before the dot.
    pub(super) target: Option<Box<Expression>>,
    pub(super) arguments: Vec<Expression>,
}

/// A macro that goes through a list with a variable of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Each {
    pub(super) of: EachKind,
    pub(super) list: Expression,
    pub(super) variable: String,
    /// The `p` of `map(x, p, f)`.
    pub(super) filter: Option<Expression>,
    pub(super) body: Expression,
}

/// Which macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EachKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl EachKind {
    /// The macro of that name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "exists" => Self::Exists,
            "exists_one" | "existsOne" => Self::ExistsOne,
            "filter" => Self::Filter,
            "map" => Self::Map,
            _ => return None,
        })
    }

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Exists => "exists",
            Self::ExistsOne => "exists_one",
            Self::Filter => "filter",
            Self::Map => "map",
        }
    }
}

/// A value written in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

/// `&&` or `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logical {
    And,
    Or,
}

impl Logical {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Expression {
    /// Puts a node above its parts; `None` when the tree would be deeper than [`CONDITION_DEPTH_MAX`].
    pub(super) fn new(kind: Kind, at: Range<usize>) -> Option<Self> {
        let mut depth = 0;
        kind.for_each_part(|part| depth = depth.max(part.depth));
        (depth < CONDITION_DEPTH_MAX).then_some(Self { kind, at, depth: depth + 1 })
    }

    /// The way from a variable, when the expression is nothing else: `notes[0].kept`. It names the same value
    /// wherever it is written, as long as the variable is the same.
    pub(super) fn path(&self) -> Option<String> {
        match &self.kind {
            Kind::Variable(name) => Some(name.clone()),
            Kind::Field { of, name } => Some(format!("{}.{name}", of.path()?)),
            Kind::Item { of, index } => match &index.kind {
                Kind::Literal(Literal::Integer(index)) => Some(format!("{}[{index}]", of.path()?)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Kind {
    fn for_each_part(&self, mut look: impl FnMut(&Expression)) {
        match self {
            Self::Literal(_) | Self::Variable(_) => {}
            Self::List(parts) | Self::Logical { operands: parts, .. } => parts.iter().for_each(look),
            Self::Field { of: part, .. } | Self::Has(part) | Self::Not(part) | Self::Negate(part) => {
                look(part);
            }
            Self::Item { of: left, index: right } | Self::Binary { left, right, .. } => {
                look(left);
                look(right);
            }
            Self::Choice { test, then, otherwise } => {
                look(test);
                look(then);
                look(otherwise);
            }
            Self::Call(call) => call.target.as_deref().into_iter().chain(&call.arguments).for_each(look),
            Self::Each(each) => [&each.list, &each.body].into_iter().chain(&each.filter).for_each(look),
        }
    }
}
