//! The functions of conditions.

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// As it is called.
    pub name: &'static str,
    /// How it is written, for messages.
    pub form: &'static str,
    /// Values it takes, the one before the dot included.
    pub arguments: usize,
    /// Whether `f(x)` is a way to call it.
    pub is_global: bool,
    /// Whether `x.f()` is.
    pub is_method: bool,
}

const fn method(name: &'static str, form: &'static str, arguments: usize) -> Function {
    Function { name, form, arguments, is_global: false, is_method: true }
}

const fn conversion(name: &'static str, form: &'static str) -> Function {
    Function { name, form, arguments: 1, is_global: true, is_method: false }
}

/// All functions, macros left out.
pub const FUNCTIONS: [Function; 8] = [
    Function { name: "size", form: "size(x)", arguments: 1, is_global: true, is_method: true },
    method("contains", "text.contains(\"x\")", 2),
    method("startsWith", "text.startsWith(\"x\")", 2),
    method("endsWith", "text.endsWith(\"x\")", 2),
    Function { name: "matches", form: "text.matches(\"x\")", arguments: 2, is_global: true, is_method: true },
    conversion("int", "int(x)"),
    conversion("double", "double(x)"),
    conversion("string", "string(x)"),
];

/// The function of a name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}
