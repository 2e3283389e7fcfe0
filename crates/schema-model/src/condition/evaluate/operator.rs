//! Comparisons, sums, products and `in`.

use std::cmp::Ordering;

use super::value::Value;
use super::{Evaluated, Evaluator, Failure};
use crate::condition::ConditionFailure;
use crate::condition::syntax::{Expression, Operator};

/// Bytes of text that are looked at in one unit of work.
pub(super) const BYTES_PER_WORK: usize = 64;

/// Bytes of text that are made in one: they take memory as well.
pub(super) const BYTES_MADE_PER_WORK: usize = 8;

impl<'a> Evaluator<'a> {
    pub(super) fn binary(
        &mut self,
        of: &'a Expression,
        operator: Operator,
        left: &'a Expression,
        right: &'a Expression,
    ) -> Evaluated<'a> {
        let left = self.value(left)?;
        let right = self.value(right)?;
        match operator {
            Operator::Equal => self.is_equal(of, &left, &right).map(Value::Boolean),
            Operator::NotEqual => self.is_equal(of, &left, &right).map(|equal| Value::Boolean(!equal)),
            Operator::Less => self.order(of, &left, &right, Ordering::is_lt),
            Operator::LessOrEqual => self.order(of, &left, &right, Ordering::is_le),
            Operator::Greater => self.order(of, &left, &right, Ordering::is_gt),
            Operator::GreaterOrEqual => self.order(of, &left, &right, Ordering::is_ge),
            Operator::In => self.is_in(of, &left, &right).map(Value::Boolean),
            Operator::Add => self.add(of, left, &right),
            Operator::Subtract => {
                self.arithmetic(of, &left, &right, i64::checked_sub, |one, other| one - other)
            }
            Operator::Multiply => {
                self.arithmetic(of, &left, &right, i64::checked_mul, |one, other| one * other)
            }
            Operator::Divide => {
                self.nonzero(of, &left, &right)?;
                self.arithmetic(of, &left, &right, i64::checked_div, |one, other| one / other)
            }
            Operator::Remainder => self.remainder(of, &left, &right),
        }
    }

    pub(super) fn negate(&mut self, of: &Expression, operand: &'a Expression) -> Evaluated<'a> {
        match self.value(operand)? {
            Value::Integer(value) => value.checked_neg().map(Value::Integer).ok_or_else(|| self.overflow(of)),
            Value::Number(value) => Ok(Value::Number(-value)),
            other => Err(self.wrong_type(operand, "a number", &other)),
        }
    }

    fn overflow(&self, of: &Expression) -> ConditionFailure {
        self.fail(Failure::Overflow, of, "the result is larger than an integer can be")
    }

    fn order(
        &mut self,
        of: &Expression,
        left: &Value<'a>,
        right: &Value<'a>,
        is_wanted: impl FnOnce(Ordering) -> bool,
    ) -> Evaluated<'a> {
        if let (Value::Text(one), Value::Text(other)) = (left, right) {
            self.work(one.len().min(other.len()) / BYTES_PER_WORK, of)?;
        }
        if !left.is_ordered_with(right) {
            let reason = format!("{} and {} have no order", left.kind(), right.kind());
            return Err(self.fail(Failure::WrongType, of, &reason));
        }
        Ok(Value::Boolean(left.order(right).is_some_and(is_wanted)))
    }

    /// Values of different kinds are not equal; that is no failure.
    fn is_equal(
        &mut self,
        of: &Expression,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Result<bool, ConditionFailure> {
        self.work(1, of)?;
        match (left, right) {
            (Value::Null, Value::Null) => Ok(true),
            (Value::Text(one), Value::Text(other)) => {
                self.work(one.len().min(other.len()) / BYTES_PER_WORK, of)?;
                Ok(one == other)
            }
            (Value::Object(fields, _), Value::Object(others, _)) => {
                if fields.len() != others.len() {
                    return Ok(false);
                }
                for name in fields.keys() {
                    let (Some(one), Some(other)) = (left.field(name), right.field(name)) else {
                        return Ok(false);
                    };
                    if !self.is_equal(of, &one, &other)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ if left.is_list() && right.is_list() => {
                if left.len() != right.len() {
                    return Ok(false);
                }
                for (one, other) in left.items().zip(right.items()) {
                    if !self.is_equal(of, &one, &other)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(left.order(right) == Some(Ordering::Equal)),
        }
    }

    fn is_in(
        &mut self,
        of: &Expression,
        item: &Value<'a>,
        list: &Value<'a>,
    ) -> Result<bool, ConditionFailure> {
        if let (Value::Text(name), Value::Object(..)) = (item, list) {
            return Ok(list.field(name).is_some());
        }
        if !list.is_list() {
            return Err(self.wrong_type(of, "a list behind `in`", list));
        }
        for other in list.items() {
            if self.is_equal(of, item, &other)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add(&mut self, of: &Expression, left: Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
        match (left, right) {
            (Value::Text(one), Value::Text(other)) => {
                self.work((one.len() + other.len()) / BYTES_MADE_PER_WORK, of)?;
                Ok(Value::Text(format!("{one}{other}").into()))
            }
            (left, right) if left.is_list() && right.is_list() => {
                self.work(left.len() + right.len(), of)?;
                Ok(Value::list(left.items().chain(right.items()).collect()))
            }
            (left, right) => self.arithmetic(of, &left, right, i64::checked_add, |one, other| one + other),
        }
    }

    /// Two integers stay an integer; with a number beside it, an integer is a number too.
    fn arithmetic(
        &self,
        of: &Expression,
        left: &Value<'a>,
        right: &Value<'a>,
        whole: impl FnOnce(i64, i64) -> Option<i64>,
        number: impl FnOnce(f64, f64) -> f64,
    ) -> Evaluated<'a> {
        if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
            return whole(*left, *right).map(Value::Integer).ok_or_else(|| self.overflow(of));
        }
        let (Some(one), Some(other)) = (to_number(left), to_number(right)) else {
            let reason = format!("{} and {} do not go together", left.kind(), right.kind());
            return Err(self.fail(Failure::WrongType, of, &reason));
        };
        Ok(Value::Number(number(one, other)))
    }

    fn nonzero(&self, of: &Expression, left: &Value<'a>, right: &Value<'a>) -> Result<(), ConditionFailure> {
        match (left, right) {
            (Value::Integer(_), Value::Integer(0)) => {
                Err(self.fail(Failure::DivisionByZero, of, "this divides by zero"))
            }
            _ => Ok(()),
        }
    }

    fn remainder(&self, of: &Expression, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
        self.nonzero(of, left, right)?;
        match (left, right) {
            (Value::Integer(left), Value::Integer(right)) => {
                left.checked_rem(*right).map(Value::Integer).ok_or_else(|| self.overflow(of))
            }
            (Value::Integer(_), other) | (other, _) => Err(self.wrong_type(of, "integers around `%`", other)),
        }
    }
}

fn to_number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Integer(value) => Some(*value as f64),
        Value::Number(value) => Some(*value),
        _ => None,
    }
}
