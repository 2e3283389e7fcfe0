//! The evaluation of a condition, within a bound on its work.

mod call;
mod operator;
mod path;
mod value;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::pattern::Pattern;
use super::problem::{ConditionFailure, ConditionFailureKind as Failure, snippet};
use super::syntax::{Each, EachKind, Expression, Kind, Literal, Logical};
use crate::definition::AttributeType;
use crate::limits::CONDITION_WORK_MAX;

use value::Value;

/// A list that is made takes memory, about 10 bytes per unit of work.
const WORK_PER_ITEM_KEPT: usize = 4;

type Evaluated<'a> = Result<Value<'a>, ConditionFailure>;

/// Whether a tree holds for some values.
pub(super) fn evaluate(
    text: &str,
    tree: &Expression,
    values: &BTreeMap<String, Json>,
    types: &BTreeMap<String, AttributeType>,
    branch: Option<(u32, u32)>,
) -> Result<bool, ConditionFailure> {
    let work_left = CONDITION_WORK_MAX;
    let patterns = HashMap::new();
    let mut evaluator = Evaluator { text, values, types, branch, locals: Vec::new(), work_left, patterns };
    evaluator.boolean(tree).map_err(|failure| match failure.kind {
        // Where the work ran out is a matter of chance; that it did is a matter of the whole.
        Failure::TooMuchWork => evaluator.too_much_work(tree),
        _ => failure,
    })
}

struct Evaluator<'a> {
    text: &'a str,
    values: &'a BTreeMap<String, Json>,
    types: &'a BTreeMap<String, AttributeType>,
    branch: Option<(u32, u32)>,
    /// Variables of the macros around, the innermost last.
    locals: Vec<(&'a str, Value<'a>)>,
    work_left: u64,
    /// Compiled patterns, by their texts.
    patterns: HashMap<String, Pattern>,
}

impl<'a> Evaluator<'a> {
    fn fail(&self, kind: Failure, of: &Expression, reason: &str) -> ConditionFailure {
        let message = format!("`{}`: {reason}", snippet(self.text, &of.at));
        ConditionFailure { kind, message, at: of.at.clone() }
    }

    fn wrong_type(&self, of: &Expression, wanted: &str, found: &Value<'_>) -> ConditionFailure {
        self.fail(Failure::WrongType, of, &format!("expected {wanted}, found {}", found.kind()))
    }

    /// Takes from the work that is left.
    fn work(&mut self, units: usize, of: &Expression) -> Result<(), ConditionFailure> {
        let left = self.work_left.checked_sub(units as u64);
        // Nothing is left either when the next piece is smaller: an error here must not be passed over by `||`.
        self.work_left = left.unwrap_or_default();
        if left.is_none() || self.work_left == 0 {
            return Err(self.too_much_work(of));
        }
        Ok(())
    }

    fn too_much_work(&self, of: &Expression) -> ConditionFailure {
        self.fail(Failure::TooMuchWork, of, "this takes too long with values so large")
    }

    fn value(&mut self, of: &'a Expression) -> Evaluated<'a> {
        self.work(1, of)?;
        match &of.kind {
            Kind::Literal(literal) => Ok(value_of_literal(literal)),
            Kind::List(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.value(item)).collect();
                Ok(Value::list(items?))
            }
            Kind::Variable(name) => self.variable(of, name),
            Kind::Field { of: object, name } => self.field(of, object, name),
            Kind::Item { of: list, index } => self.item(of, list, index),
            Kind::Has(path) => Ok(Value::Boolean(self.find(path)?.is_some())),
            Kind::Not(operand) => Ok(Value::Boolean(!self.boolean(operand)?)),
            Kind::Negate(operand) => self.negate(of, operand),
            Kind::Logical { operator, operands } => self.logical(*operator, operands).map(Value::Boolean),
            Kind::Binary { operator, left, right } => self.binary(of, *operator, left, right),
            Kind::Choice { test, then, otherwise } => {
                if self.boolean(test)? {
                    self.value(then)
                } else {
                    self.value(otherwise)
                }
            }
            Kind::Call(call) => self.call(of, call),
            Kind::Each(each) => self.each(each),
        }
    }

    fn boolean(&mut self, of: &'a Expression) -> Result<bool, ConditionFailure> {
        match self.value(of)? {
            Value::Boolean(value) => Ok(value),
            other => Err(self.wrong_type(of, "true or false", &other)),
        }
    }

    /// A false operand decides `&&` whatever fails beside it, and a true one `||`.
    fn logical(&mut self, operator: Logical, operands: &'a [Expression]) -> Result<bool, ConditionFailure> {
        let decisive = operator == Logical::Or;
        let mut failure = None;
        for operand in operands {
            match self.boolean(operand) {
                Ok(value) if value == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(!decisive), Err)
    }

    fn each(&mut self, each: &'a Each) -> Evaluated<'a> {
        let list = self.value(&each.list)?;
        if !list.is_list() {
            return Err(self.wrong_type(&each.list, "a list", &list));
        }
        match each.of {
            EachKind::All => self.quantify(each, &list, false).map(Value::Boolean),
            EachKind::Exists => self.quantify(each, &list, true).map(Value::Boolean),
            EachKind::ExistsOne => Ok(Value::Boolean(self.collect(each, &list)?.len() == 1)),
            EachKind::Filter | EachKind::Map => Ok(Value::list(self.collect(each, &list)?)),
        }
    }

    /// Runs a part of a macro for one item.
    fn with<T>(&mut self, each: &'a Each, item: Value<'a>, run: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push((&each.variable, item));
        let result = run(self);
        self.locals.pop();
        result
    }

    /// `exists` for `decisive`, `all` for its opposite: one decisive item decides, whatever fails beside it.
    fn quantify(
        &mut self,
        each: &'a Each,
        list: &Value<'a>,
        decisive: bool,
    ) -> Result<bool, ConditionFailure> {
        let mut failure = None;
        for item in list.items() {
            match self.with(each, item, |inside| inside.boolean(&each.body)) {
                Ok(value) if value == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(error) if error.kind == Failure::TooMuchWork => return Err(error),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(!decisive), Err)
    }

    /// The items of `filter` and `exists_one` that fit, or what `map` makes of them.
    fn collect(&mut self, each: &'a Each, list: &Value<'a>) -> Result<Vec<Value<'a>>, ConditionFailure> {
        let mut collected = Vec::new();
        for item in list.items() {
            let kept = self.with(each, item.clone(), |inside| {
                if each.of != EachKind::Map {
                    return Ok(inside.boolean(&each.body)?.then_some(item));
                }
                match &each.filter {
                    Some(filter) if !inside.boolean(filter)? => Ok(None),
                    _ => inside.value(&each.body).map(Some),
                }
            });
            if let Some(kept) = kept? {
                self.work(WORK_PER_ITEM_KEPT, &each.list)?;
                collected.push(kept);
            }
        }
        Ok(collected)
    }
}

fn value_of_literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Integer(value) => Value::Integer(*value),
        Literal::Number(value) => Value::Number(*value),
        Literal::Text(text) => Value::Text(text.as_str().into()),
    }
}
