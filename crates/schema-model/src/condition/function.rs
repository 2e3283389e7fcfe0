//! The functions of conditions.

use regex::{Regex, RegexBuilder};

use crate::limits::{CONDITION_PATTERN_BYTES_MAX, CONDITION_PATTERN_COMPILED_BYTES_MAX};

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

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    /// The least of [`PATTERN_SIZES`] it fits in.
    pub(super) kilobytes: usize,
}

/// What a compiled pattern may take, in kilobytes. Its size is how long one byte of a text can take it at worst:
/// `(a|b)*a(a|b){200}` keeps 200 places in mind.
const PATTERN_SIZES: [usize; 4] = [8, 32, 128, CONDITION_PATTERN_COMPILED_BYTES_MAX / 1024];

/// Compiles the pattern of `matches`. It matches in time linear in the text, whatever it is.
pub(super) fn pattern(text: &str) -> Result<Pattern, String> {
    if text.len() > CONDITION_PATTERN_BYTES_MAX {
        return Err(format!("it has {} bytes", text.len()));
    }
    for kilobytes in PATTERN_SIZES {
        match RegexBuilder::new(text).size_limit(kilobytes * 1024).build() {
            Ok(regex) => return Ok(Pattern { regex, kilobytes }),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => {
                // The library draws the pattern with the place below it; its last line is the reason.
                let drawing = error.to_string();
                return Err(drawing
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned());
            }
        }
    }
    Err("it is too large once it is compiled".to_owned())
}
