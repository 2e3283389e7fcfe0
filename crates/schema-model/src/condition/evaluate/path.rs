//! Variables, fields and items.

use super::value::{Value, to_integer};
use super::{Evaluated, Evaluator, Failure};
use crate::condition::ConditionFailure;
use crate::condition::mention::BRANCH;
use crate::condition::syntax::{Expression, Kind};
use crate::condition::types::Type;

impl<'a> Evaluator<'a> {
    pub(super) fn variable(&mut self, of: &Expression, name: &str) -> Evaluated<'a> {
        self.known(name).ok_or_else(|| {
            self.fail(Failure::Absent, of, &format!("there is no value; test it first with `has({name})`"))
        })
    }

    /// The value of a name, if it has one.
    fn known(&self, name: &str) -> Option<Value<'a>> {
        if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return Some(value.clone());
        }
        let value = self.values.get(name).filter(|_| name != BRANCH)?;
        Some(Value::of(value, &self.types.get(name).map_or(Type::Dynamic, Type::of_attribute)))
    }

    fn is_branch(&self, of: &Expression) -> bool {
        matches!(&of.kind, Kind::Variable(name) if name == BRANCH)
            && !self.locals.iter().any(|(local, _)| *local == BRANCH)
    }

    fn branch(&self, field: &str) -> Option<Value<'a>> {
        let (number, count) = self.branch?;
        match field {
            "number" => Some(Value::Integer(number.into())),
            "count" => Some(Value::Integer(count.into())),
            _ => None,
        }
    }

    pub(super) fn field(&mut self, of: &Expression, object: &'a Expression, name: &str) -> Evaluated<'a> {
        if self.is_branch(object) {
            return self
                .branch(name)
                .ok_or_else(|| self.fail(Failure::NoBranch, of, "this is not in a branch"));
        }
        let value = self.value(object)?;
        self.field_of(&value, of, name)
    }

    fn field_of(&self, value: &Value<'a>, of: &Expression, name: &str) -> Evaluated<'a> {
        if !matches!(value, Value::Object(..)) {
            return Err(self.wrong_type(of, &format!("an object with the field `{name}`"), value));
        }
        value
            .field(name)
            .ok_or_else(|| self.fail(Failure::MissingField, of, &format!("there is no field `{name}`")))
    }

    pub(super) fn item(
        &mut self,
        of: &Expression,
        list: &'a Expression,
        index: &'a Expression,
    ) -> Evaluated<'a> {
        let list = self.value(list)?;
        match (&list, self.value(index)?) {
            (Value::Object(..), Value::Text(name)) => self.field_of(&list, of, &name),
            (Value::Items(..) | Value::List(_), found) => {
                let Some(position) = position(&found) else {
                    return Err(self.wrong_type(index, "an integer", &found));
                };
                let item = usize::try_from(position).ok().and_then(|position| list.item(position));
                item.ok_or_else(|| {
                    let reason = format!("there is no item {position} in a list of {}", list.len());
                    self.fail(Failure::IndexOutOfRange, of, &reason)
                })
            }
            _ => Err(self.wrong_type(of, "a list", &list)),
        }
    }

    /// The value a `has` asks for. It is not there as soon as a part of the way is not, or is null.
    pub(super) fn find(&mut self, path: &'a Expression) -> Result<Option<Value<'a>>, ConditionFailure> {
        self.work(1, path)?;
        let found = match &path.kind {
            Kind::Variable(name) => self.known(name),
            Kind::Field { of, name } if self.is_branch(of) => self.branch(name),
            Kind::Field { of, name } => self.find(of)?.and_then(|object| object.field(name)),
            Kind::Item { of, index } => match self.find(of)? {
                Some(list) => self.find_item(&list, index)?,
                None => None,
            },
            _ => Some(self.value(path)?),
        };
        Ok(found.filter(|value| !matches!(value, Value::Null)))
    }

    fn find_item(
        &mut self,
        list: &Value<'a>,
        index: &'a Expression,
    ) -> Result<Option<Value<'a>>, ConditionFailure> {
        Ok(match self.value(index)? {
            Value::Text(name) => list.field(&name),
            found => position(&found).and_then(|at| usize::try_from(at).ok()).and_then(|at| list.item(at)),
        })
    }
}

/// The position an index means; a number without a fraction is one too.
fn position(index: &Value<'_>) -> Option<i64> {
    match index {
        Value::Integer(position) => Some(*position),
        Value::Number(number) if number.fract() == 0.0 => to_integer(*number),
        _ => None,
    }
}
