//! What can be wrong with a condition: when it is read, when it is checked, and when it is evaluated.

use std::ops::Range;

use crate::prompt::TextPlace;

/// A text that is not a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What cannot be understood.
    pub message: String,
    /// Byte offset of the place in the text.
    pub offset: usize,
}

impl ConditionError {
    pub(super) fn new(message: impl Into<String>, offset: usize) -> Self {
        Self { message: message.into(), offset }
    }
}

/// A part of a condition that does not fit the types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionProblem {
    /// What kind of problem.
    pub kind: ConditionProblemKind,
    /// In words.
    pub message: String,
    /// What to do about it.
    pub fix: String,
    /// Bytes of the text it is about.
    pub at: Range<usize>,
}

/// What can be wrong with a condition that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionProblemKind {
    /// A field that the object, or `branch`, does not have.
    UnknownField,
    /// A field of a list.
    FieldOfList,
    /// A field of a text, a number, or true or false.
    FieldOfSingle,
    /// A field that the schema does not require, read without a test.
    FieldMayBeAbsent,
    /// An item of what is not a list.
    ItemOfSingle,
    /// A list where one item is required.
    ListAsItem,
    /// Something other than a list where one is required.
    NotAList,
    /// Two values of types that are never equal, or have no order.
    NotComparable,
    /// A value that is none of those its enum has.
    NotAChoice,
    /// An operator on values it does not work on, or a list or choice of values of different types.
    Operand,
    /// No function of that name.
    UnknownFunction,
    /// `f(x)` where `x.f()` is meant, or the other way round; or too few or too many arguments.
    FunctionUse,
    /// An argument of a type the function does not take.
    ArgumentType,
    /// A text that is not a regular expression.
    Pattern,
    /// True or false is required, and this is something else.
    NotBoolean,
}

/// An evaluation that has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionFailure {
    /// Why.
    pub kind: ConditionFailureKind,
    /// In words, with the part of the condition it is about.
    pub message: String,
    /// Bytes of the text it is about.
    pub at: Range<usize>,
}

/// Why an evaluation has no result. Of a condition that was checked, with values of its types, only
/// [`IndexOutOfRange`](Self::IndexOutOfRange), [`DivisionByZero`](Self::DivisionByZero),
/// [`MissingField`](Self::MissingField), [`Overflow`](Self::Overflow), [`Conversion`](Self::Conversion),
/// [`Pattern`](Self::Pattern) and [`TooMuchWork`](Self::TooMuchWork) remain, and
/// [`WrongType`](Self::WrongType) where a type is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionFailureKind {
    /// A variable without a value.
    Absent,
    /// `branch.number` outside a branch.
    NoBranch,
    /// A field that an object does not have.
    MissingField,
    /// An item that a list does not have.
    IndexOutOfRange,
    /// An integer divided by zero, or the remainder of that.
    DivisionByZero,
    /// An integer beyond 64 bits.
    Overflow,
    /// A text that is not a number.
    Conversion,
    /// A text made at run time that is not a regular expression.
    Pattern,
    /// A value of a type that does not go with the operator or function.
    WrongType,
    /// A function there is not, or not in this form.
    Function,
    /// More than [`CONDITION_WORK_MAX`](crate::limits::CONDITION_WORK_MAX).
    TooMuchWork,
}

/// The place of a part of a condition, for messages with line and column.
///
/// `at` are bytes of `text`; an offset alone is `offset..offset`. A place that lies within a character is taken as the
/// end of the text.
pub fn place(text: &str, at: &Range<usize>) -> TextPlace {
    let before = text.get(..at.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let inside = text.get(at.clone()).unwrap_or_default();
    TextPlace {
        partial: None,
        line: before.matches('\n').count() as u32 + 1,
        column: before[line_start..].chars().count() as u32 + 1,
        // What spans lines is marked to the end of its first.
        length: (inside.lines().next().unwrap_or_default().chars().count() as u32).max(1),
    }
}

/// A part of the text for a message: on one line, and not longer than a message should be.
pub(super) fn snippet(text: &str, at: &Range<usize>) -> String {
    const CHARS_MAX: usize = 60;
    let words: Vec<&str> = text.get(at.clone()).unwrap_or_default().split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
