//! Random types, and values of them.

use serde_json::{Map, Value as Json, json};

use super::Choices;

/// The shape of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Any text.
    Text,
    /// One of `long` and `short`.
    Word,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Truth,
    /// An object of which nothing is known.
    Open,
    /// An object with these fields, each required or not.
    Object(Vec<(&'static str, Self, bool)>),
    /// A list.
    List(Box<Self>),
}

const FIELDS: [&str; 6] = ["title", "score", "tags", "note", "inner", "first name"];

/// Texts that have tripped somebody before.
const TEXTS: [&str; 9] =
    ["", "a", "two words", "{{title}}", "line\nline", "ü \"x\" <b>", "12", "2026-11-22", "{\"a\":[1]}"];

impl Shape {
    /// A random one, nested at most `depth` deep.
    pub fn random(choices: &mut Choices<'_>, depth: usize) -> Self {
        let nested = if depth == 0 { 0 } else { 4 };
        match choices.below(6 + nested) {
            0 => Self::Text,
            1 => Self::Integer,
            2 => Self::Word,
            3 => Self::Number,
            4 => Self::Truth,
            5 => Self::Open,
            6 | 7 => Self::List(Box::new(Self::item(choices, depth - 1))),
            _ => Self::object(choices, depth - 1),
        }
    }

    /// There are no lists of lists.
    fn item(choices: &mut Choices<'_>, depth: usize) -> Self {
        match Self::random(choices, depth) {
            Self::List(item) => *item,
            item => item,
        }
    }

    fn object(choices: &mut Choices<'_>, depth: usize) -> Self {
        let fields = FIELDS[..=choices.below(FIELDS.len())].iter();
        Self::Object(fields.map(|name| (*name, Self::random(choices, depth), !choices.once_in(3))).collect())
    }

    /// Its JSON Schema.
    pub fn schema(&self) -> Json {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Word => json!({ "enum": ["long", "short"] }),
            Self::Integer => json!({ "type": "integer" }),
            Self::Number => json!({ "type": "number" }),
            Self::Truth => json!({ "type": "boolean" }),
            Self::Open => json!({ "type": "object" }),
            Self::List(item) => json!({ "type": "array", "items": item.schema() }),
            Self::Object(fields) => {
                let properties: Map<String, Json> =
                    fields.iter().map(|(name, shape, _)| ((*name).to_owned(), shape.schema())).collect();
                let required: Vec<&str> =
                    fields.iter().filter(|(.., required)| *required).map(|(name, ..)| *name).collect();
                json!({
                    "type": "object", "additionalProperties": false,
                    "properties": properties, "required": required,
                })
            }
        }
    }

    /// A value of it.
    pub fn value(&self, choices: &mut Choices<'_>) -> Json {
        match self {
            Self::Text => Json::from(*choices.of(&TEXTS)),
            Self::Word => Json::from(*choices.of(&["long", "short"])),
            Self::Integer => Json::from(*choices.of(&[0, 1, -1, 7, i64::MAX, i64::MIN])),
            Self::Number => Json::from(*choices.of(&[0.0, 1.0, -2.5, 1e300, 1e-7])),
            Self::Truth => Json::Bool(choices.below(2) == 1),
            Self::Open => open(choices, 2),
            Self::List(item) => (0..choices.below(4)).map(|_| item.value(choices)).collect(),
            Self::Object(fields) => {
                let given = fields.iter().filter_map(|(name, shape, required)| {
                    let is_given = *required || choices.below(2) == 1;
                    is_given.then(|| ((*name).to_owned(), shape.value(choices)))
                });
                Json::Object(given.collect())
            }
        }
    }
}

/// An object with anything in it, under the names that templates ask for.
fn open(choices: &mut Choices<'_>, depth: usize) -> Json {
    let fields = FIELDS[..choices.below(FIELDS.len())].iter();
    fields.map(|name| ((*name).to_owned(), anything(choices, depth))).collect()
}

fn anything(choices: &mut Choices<'_>, depth: usize) -> Json {
    match choices.below(if depth == 0 { 4 } else { 6 }) {
        0 => Json::from(*choices.of(&TEXTS)),
        1 => Json::Null,
        2 => Json::from(1.5),
        3 => Json::Bool(true),
        4 => (0..choices.below(3)).map(|_| anything(choices, depth - 1)).collect(),
        _ => open(choices, depth - 1),
    }
}
