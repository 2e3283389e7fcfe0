//! The types a condition is checked with, and by which values are read.

use std::fmt;

use serde_json::Value as Json;

use crate::definition::{AttributeType, TypeKind, unless_null};

/// A type. The schemas stay where they are: walking into a value only borrows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type<'a> {
    /// Anything: what a schema leaves open.
    Dynamic,
    /// The items of `[]`: there is none, and none can be wrong. Stands inside of lists only.
    Never,
    Null,
    Boolean,
    /// With the values of its enum; none means all.
    Integer(&'a [Json]),
    Number(&'a [Json]),
    Text(&'a [Json]),
    List(Box<Type<'a>>),
    Object(Option<&'a Json>),
    /// Null, or a value of that type.
    Maybe(Box<Type<'a>>),
}

impl<'a> Type<'a> {
    /// The type of an attribute.
    pub(super) fn of_attribute(attribute: &'a AttributeType) -> Self {
        let element = match (&attribute.schema, attribute.kind) {
            (Some(schema), _) => Self::of_schema(schema),
            (None, TypeKind::String | TypeKind::File) => Self::Text(&[]),
            (None, TypeKind::Integer) => Self::Integer(&[]),
            (None, TypeKind::Number) => Self::Number(&[]),
            (None, TypeKind::Boolean) => Self::Boolean,
            (None, TypeKind::Object) => Self::Object(None),
        };
        if attribute.is_array { Self::List(Box::new(element)) } else { element }
    }

    /// The type of the values of a schema. What is not said in one word (`anyOf`, several types) is open.
    pub(super) fn of_schema(schema: &'a Json) -> Self {
        if let Some(other) = unless_null(schema) {
            return Self::of_schema(other).or_null();
        }
        match schema.get("type") {
            Some(Json::Array(kinds)) => match &kinds[..] {
                [Json::String(kind), null] | [null, Json::String(kind)]
                    if null == "null" && kind != "null" =>
                {
                    Self::of_kind(Some(kind), schema).or_null()
                }
                _ => Self::Dynamic,
            },
            kind => Self::of_kind(kind.and_then(Json::as_str), schema),
        }
    }

    fn or_null(self) -> Self {
        match self {
            Self::Dynamic | Self::Never | Self::Null | Self::Maybe(_) => self,
            other => Self::Maybe(Box::new(other)),
        }
    }

    fn of_kind(kind: Option<&str>, schema: &'a Json) -> Self {
        let choices = schema.get("enum").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        match kind {
            Some("string") => Self::Text(choices),
            Some("integer") => Self::Integer(choices),
            Some("number") => Self::Number(choices),
            Some("boolean") => Self::Boolean,
            Some("null") => Self::Null,
            Some("object") => Self::Object(Some(schema)),
            Some("array") => {
                let is_tuple = schema.get("prefixItems").is_some();
                let items = schema.get("items").filter(|_| !is_tuple);
                Self::List(Box::new(items.map_or(Self::Dynamic, Self::of_schema)))
            }
            None if !choices.is_empty()
                && schema.get("type").is_none()
                && choices.iter().all(Json::is_string) =>
            {
                Self::Text(choices)
            }
            _ => Self::Dynamic,
        }
    }

    /// The type of one item of a list of this.
    pub(super) fn of_item(self) -> Self {
        if self == Self::Never { Self::Dynamic } else { self }
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    pub(super) const fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Number(_) | Self::Dynamic)
    }

    /// The values of an enum; none when there is no enum.
    pub(super) const fn choices(&self) -> &'a [Json] {
        match self {
            Self::Integer(choices) | Self::Number(choices) | Self::Text(choices) => choices,
            Self::Maybe(other) => other.choices(),
            _ => &[],
        }
    }

    /// Whether values of both can be equal.
    pub(super) fn is_comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(one), Self::List(other)) => one.is_comparable(other),
            (Self::Maybe(one), other) | (other, Self::Maybe(one)) => {
                *other == Self::Null || one.is_comparable(other)
            }
            (Self::Integer(_) | Self::Number(_), Self::Integer(_) | Self::Number(_))
            | (Self::Dynamic | Self::Never, _)
            | (_, Self::Dynamic | Self::Never)
            | (Self::Null, Self::Null)
            | (Self::Boolean, Self::Boolean)
            | (Self::Text(_), Self::Text(_))
            | (Self::Object(_), Self::Object(_)) => true,
            _ => false,
        }
    }

    /// The type of what may be one or the other; `None` when they have nothing in common.
    pub(super) fn joined(&self, other: &Self) -> Option<Self> {
        if self == other {
            return Some(self.clone());
        }
        Some(match (self, other) {
            (Self::Never, some) | (some, Self::Never) => some.clone(),
            (Self::Dynamic, _) | (_, Self::Dynamic) => Self::Dynamic,
            (Self::Maybe(one), other) | (other, Self::Maybe(one)) => one.joined(other)?.or_null(),
            (Self::Integer(_), Self::Integer(_)) => Self::Integer(&[]),
            (Self::Integer(_) | Self::Number(_), Self::Integer(_) | Self::Number(_)) => Self::Number(&[]),
            (Self::Text(_), Self::Text(_)) => Self::Text(&[]),
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.joined(other)?)),
            (Self::Object(_), Self::Object(_)) => Self::Object(None),
            _ => return None,
        })
    }
}

/// As an author writes it.
impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dynamic | Self::Never => "any",
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Object(_) => "object",
            Self::List(element) => return write!(f, "{element}[]"),
            Self::Maybe(other) => return other.fmt(f),
        })
    }
}
