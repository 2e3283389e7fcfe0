//! What reading a template gives.

use std::fmt;

/// What a template mentions, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Every mention of a variable, in the order of the text.
    pub mentions: Vec<Mention>,
    /// What is wrong.
    pub problems: Vec<PromptProblem>,
    /// Every partial that is included, in the order of the text.
    pub inclusions: Vec<Inclusion>,
    /// Where messages begin, in the order of the text: each `{{role "…"}}`.
    pub roles: Vec<RoleMark>,
    /// Whether something stands before the first of them. It belongs to the user.
    pub is_opened_by_user: bool,
}

/// `{{> style}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The partial.
    pub name: String,
    /// Where its name stands.
    pub at: TextPlace,
}

/// `{{role "system"}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleMark {
    /// Who speaks from here on: `system`, `user` or `assistant`.
    pub role: String,
    /// Where it stands.
    pub at: TextPlace,
}

/// A variable in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The variable: an attribute, a declared input or a gathered list.
    pub name: String,
    /// The way into its value.
    pub path: Vec<PathPart>,
    /// How it is used.
    pub usage: Usage,
    /// How many parts of name and path may be missing without harm: those it is a condition or the first argument of
    /// `default` for, and those that a block around it has found to be there. 0 is none, 1 the variable itself.
    pub guarded: usize,
    /// Where it stands.
    pub at: TextPlace,
    /// Where the last parts of name and path stand: those that are written here. A block or a partial may give the
    /// parts before them: `{{item.title}}` inside `{{#each chapters as |item|}}` writes the last of `chapters[].title`.
    pub written: Vec<TextPlace>,
}

impl Mention {
    /// Whether a missing variable is provided for.
    pub const fn is_guarded(&self) -> bool {
        self.guarded > 0
    }

    /// Where a part stands, if it is written here: 0 is the name, 1 the first part of the path.
    pub fn part_at(&self, part: usize) -> Option<&TextPlace> {
        let given = (self.path.len() + 1).checked_sub(self.written.len())?;
        self.written.get(part.checked_sub(given)?)
    }
}

/// `verdict.score`, `chapters[].title`.
impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.path.iter().try_for_each(|part| write!(f, "{part}"))
    }
}

/// One part of the way into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// A field of an object; a number is an item of a list.
    Field(String),
    /// Any item of a list.
    Item,
}

impl fmt::Display for PathPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Item => f.write_str("[]"),
        }
    }
}

/// How a mention is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Rendered.
    Value,
    /// `{{#each x}}`.
    Each,
    /// `{{#if x}}`, `{{#unless x}}`.
    Condition,
    /// `{{#with x}}` or the context of a partial.
    Context,
    /// Given to a helper.
    Argument(&'static str),
    /// Given to a helper where it takes a number.
    Number(&'static str),
}

/// A place in the text of a prompt, or of a partial it includes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// The partial; `None` for the prompt itself.
    pub partial: Option<String>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// In characters, at least 1.
    pub length: u32,
}

/// A template that cannot be rendered as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptProblem {
    /// What is wrong.
    pub kind: PromptProblemKind,
    /// Where.
    pub at: TextPlace,
}

/// What can be wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptProblemKind {
    /// Not Handlebars.
    Syntax {
        /// In the parser's words.
        reason: String,
    },
    /// Larger or deeper than a bound.
    TooLarge {
        /// Which bound.
        reason: String,
    },
    /// No helper of that name.
    UnknownHelper {
        /// As written.
        name: String,
    },
    /// A helper used as a block, or a block used as a value.
    HelperForm {
        /// Its name.
        name: &'static str,
    },
    /// Too few or too many arguments.
    HelperArguments {
        /// Its name.
        name: &'static str,
        /// How many there are.
        given: usize,
    },
    /// A helper given something it cannot work with.
    HelperArgument {
        /// Its name.
        name: &'static str,
        /// What it takes.
        wanted: &'static str,
    },
    /// A field of what a helper gives, which has none.
    NoField {
        /// The path as written.
        path: String,
    },
    /// No partial of that name.
    UnknownPartial {
        /// As written.
        name: String,
    },
    /// A partial that includes itself, directly or through others.
    PartialCycle {
        /// The way round, the first name again at the end.
        cycle: Vec<String>,
    },
    /// Handlebars, and not part of the language.
    Unsupported {
        /// What, for people.
        what: String,
    },
}
