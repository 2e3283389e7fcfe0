//! Values: borrowed from the JSON they come from, and read by their types.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::condition::types::Type;
use crate::definition::{Property, property};

/// A value at run time.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(Cow<'a, str>),
    /// A list as it came.
    Items(&'a [Json], Rc<Type<'a>>),
    /// A list that was made.
    List(Rc<Vec<Value<'a>>>),
    Object(&'a Map<String, Json>, Option<&'a Json>),
}

impl<'a> Value<'a> {
    /// Reads a value of a type. What does not fit the type is read as it looks.
    pub(super) fn of(json: &'a Json, of: &Type<'a>) -> Self {
        match (json, of) {
            (Json::Null, _) => Self::Null,
            (json, Type::Maybe(other)) => Self::of(json, other),
            (Json::Bool(value), _) => Self::Boolean(*value),
            (Json::Number(number), Type::Number(_)) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            (Json::Number(number), Type::Integer(_)) => whole(number.as_i64(), number.as_f64()),
            (Json::Number(number), _) => {
                let number_as_is = || Self::Number(number.as_f64().unwrap_or(f64::NAN));
                number.as_i64().map_or_else(number_as_is, Self::Integer)
            }
            (Json::String(text), _) => Self::Text(text.as_str().into()),
            (Json::Array(items), Type::List(element)) => Self::Items(items, Rc::new((**element).clone())),
            (Json::Array(items), _) => Self::Items(items, Rc::new(Type::Dynamic)),
            (Json::Object(fields), Type::Object(schema)) => Self::Object(fields, *schema),
            (Json::Object(fields), _) => Self::Object(fields, None),
        }
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(items))
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::Items(..) | Self::List(_))
    }

    /// For messages.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "an integer",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Items(..) | Self::List(_) => "a list",
            Self::Object(..) => "an object",
        }
    }

    /// Items of a list or fields of an object; none of anything else.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Items(items, _) => items.len(),
            Self::List(items) => items.len(),
            Self::Object(fields, _) => fields.len(),
            _ => 0,
        }
    }

    /// An item of a list.
    pub(super) fn item(&self, index: usize) -> Option<Self> {
        match self {
            Self::Items(items, element) => items.get(index).map(|item| Self::of(item, element)),
            Self::List(items) => items.get(index).cloned(),
            _ => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> {
        (0..if self.is_list() { self.len() } else { 0 }).filter_map(|index| self.item(index))
    }

    /// The field of an object.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        let Self::Object(fields, schema) = self else { return None };
        let value = fields.get(name)?;
        let of = match property(*schema, name) {
            Property::Known { schema, .. } => Type::of_schema(schema),
            _ => Type::Dynamic,
        };
        Some(Self::of(value, &of))
    }

    /// Whether two values are of a kind that has an order.
    pub(super) const fn is_ordered_with(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Integer(_) | Self::Number(_), Self::Integer(_) | Self::Number(_))
                | (Self::Text(_), Self::Text(_))
                | (Self::Boolean(_), Self::Boolean(_))
        )
    }

    /// How two values compare; `None` for kinds without an order, and for a number that is none.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(other)),
            (Self::Number(one), Self::Number(other)) => one.partial_cmp(other),
            (Self::Integer(one), Self::Number(other)) => compare(*one, *other),
            (Self::Number(one), Self::Integer(other)) => compare(*other, *one).map(Ordering::reverse),
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Boolean(one), Self::Boolean(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

/// An integer that may have been written as `7.0`.
fn whole<'a>(exact: Option<i64>, number: Option<f64>) -> Value<'a> {
    let number = number.unwrap_or(f64::NAN);
    exact
        .or_else(|| to_integer(number).filter(|_| number.fract() == 0.0))
        .map_or(Value::Number(number), Value::Integer)
}

/// The integer towards zero, when there is one of 64 bits.
pub(super) fn to_integer(number: f64) -> Option<i64> {
    // Both ends are powers of two, so they are exact.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&number).then_some(number as i64)
}

/// Exact where a conversion of the integer would round.
fn compare(integer: i64, number: f64) -> Option<Ordering> {
    if number.is_nan() {
        return None;
    }
    Some(match to_integer(number) {
        Some(towards_zero) => integer
            .cmp(&towards_zero)
            .then_with(|| 0.0_f64.partial_cmp(&number.fract()).unwrap_or(Ordering::Equal)),
        None if number > 0.0 => Ordering::Less,
        None => Ordering::Greater,
    })
}
