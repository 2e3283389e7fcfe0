//! The helpers templates may use: one table for the checker, the renderer and the help texts.

/// Where a helper may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelperKind {
    /// Gives a value: `{{join tags ", "}}`, `{{#if (eq a b)}}`, and as a block whose body stands for a true value.
    Value,
    /// Only opens a block: `{{#each items}}`.
    Block,
    /// `{{role "system"}}`: begins a new message; its parameter is a literal.
    Role,
}

/// A helper of the template language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Helper {
    /// Its name.
    pub name: &'static str,
    /// Where it may stand.
    pub kind: HelperKind,
    /// Fewest parameters.
    pub params_min: usize,
    /// Most parameters.
    pub params_max: usize,
}

const fn value(name: &'static str, params_min: usize, params_max: usize) -> Helper {
    Helper { name, kind: HelperKind::Value, params_min, params_max }
}

const fn block(name: &'static str, params: usize) -> Helper {
    Helper { name, kind: HelperKind::Block, params_min: params, params_max: params }
}

/// Every helper. A name standing alone (`{{date}}`) is always a value, never a helper.
pub const HELPERS: &[Helper] = &[
    block("if", 1),
    block("unless", 1),
    block("each", 1),
    block("with", 1),
    block("raw", 0),
    value("join", 1, 2),
    value("json", 1, 1),
    value("default", 2, 2),
    value("truncate", 2, 2),
    value("lines", 1, 1),
    value("lookup", 2, 2),
    value("len", 1, 1),
    value("eq", 2, 2),
    value("ne", 2, 2),
    value("gt", 2, 2),
    value("gte", 2, 2),
    value("lt", 2, 2),
    value("lte", 2, 2),
    value("and", 2, usize::MAX),
    value("or", 2, usize::MAX),
    value("not", 1, 1),
    value("upper", 1, 1),
    value("lower", 1, 1),
    value("date", 1, 2),
    Helper { name: "role", kind: HelperKind::Role, params_min: 1, params_max: 1 },
];

/// The helper of that name.
pub fn helper(name: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|helper| helper.name == name)
}
