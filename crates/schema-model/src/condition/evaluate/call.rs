//! Calls.

use std::borrow::Cow;

use super::operator::{BYTES_MADE_PER_WORK, BYTES_PER_WORK};
use super::value::{Value, to_integer};
use super::{Evaluated, Evaluator, Failure};
use crate::condition::ConditionFailure;
use crate::condition::function::function;
use crate::condition::pattern::Pattern;
use crate::condition::syntax::{Call, Expression};
use crate::limits::CONDITION_PATTERN_COMPILED_BYTES_MAX;

/// Compiling takes some ten microseconds for a small pattern, some milliseconds for a large one.
const WORK_PER_KILOBYTE_COMPILED: usize = 400;

/// Bytes of text a pattern goes through in one unit of work.
const BYTES_MATCHED_PER_WORK: usize = 16;

/// A pattern that is used keeps up to some megabytes; one that is made of a value is another for each item.
const PATTERNS_KEPT_MAX: usize = 16;

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, of: &'a Expression, call: &'a Call) -> Evaluated<'a> {
        let given: Vec<&'a Expression> = call.target.as_deref().into_iter().chain(&call.arguments).collect();
        let function = function(&call.name).filter(|function| {
            let is_form = if call.target.is_some() { function.is_method } else { function.is_global };
            is_form && given.len() == function.arguments
        });
        let Some(function) = function else {
            let reason = format!("there is no such function `{}`", call.name);
            return Err(self.fail(Failure::Function, of, &reason));
        };
        let first = self.value(given[0])?;
        match function.name {
            "size" => self.size(given[0], &first),
            "int" => self.to_int(of, &first),
            "double" => self.to_double(of, &first),
            "string" => self.to_text(of, first),
            name => {
                let text = self.text_of(given[0], first)?;
                let second = self.value(given[1])?;
                let other = self.text_of(given[1], second)?;
                self.work((text.len() + other.len()) / BYTES_PER_WORK, of)?;
                Ok(Value::Boolean(match name {
                    "contains" => text.contains(other.as_ref()),
                    "startsWith" => text.starts_with(other.as_ref()),
                    "endsWith" => text.ends_with(other.as_ref()),
                    _ => self.matches(of, &text, &other)?,
                }))
            }
        }
    }

    fn text_of(&self, of: &Expression, value: Value<'a>) -> Result<Cow<'a, str>, ConditionFailure> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(self.wrong_type(of, "a text", &other)),
        }
    }

    fn size(&mut self, of: &Expression, value: &Value<'a>) -> Evaluated<'a> {
        let size = match value {
            Value::Text(text) => {
                self.work(text.len() / BYTES_PER_WORK, of)?;
                text.chars().count()
            }
            Value::Items(..) | Value::List(_) | Value::Object(..) => value.len(),
            _ => return Err(self.wrong_type(of, "a text, a list or an object", value)),
        };
        Ok(Value::Integer(size as i64))
    }

    fn matches(&mut self, of: &Expression, text: &str, pattern: &str) -> Result<bool, ConditionFailure> {
        self.compile(of, pattern)?;
        self.work(text.len() / BYTES_MATCHED_PER_WORK, of)?;
        let Some(compiled) = self.patterns.get_mut(pattern) else { return Ok(false) };
        let (search, worst_work) = (compiled.search(text), compiled.worst_work(text));
        self.work(search.built / BYTES_MADE_PER_WORK, of)?;
        if let Some(found) = search.found {
            return Ok(found);
        }
        // Before it is done, so that it is never done for longer than there is work left.
        self.work(worst_work, of)?;
        Ok(self.patterns.get(pattern).is_some_and(|compiled| compiled.search_all(text)))
    }

    fn compile(&mut self, of: &Expression, pattern: &str) -> Result<(), ConditionFailure> {
        if self.patterns.contains_key(pattern) {
            return Ok(());
        }
        let compiled = Pattern::compile(pattern);
        // One that is none may have been compiled up to the bound before that was seen.
        let kilobytes =
            compiled.as_ref().map_or(CONDITION_PATTERN_COMPILED_BYTES_MAX / 1024, Pattern::kilobytes);
        self.work(kilobytes * WORK_PER_KILOBYTE_COMPILED, of)?;
        let compiled = compiled.map_err(|reason| {
            self.fail(Failure::Pattern, of, &format!("this is not a regular expression: {reason}"))
        })?;
        if self.patterns.len() == PATTERNS_KEPT_MAX {
            self.patterns.clear();
        }
        self.patterns.insert(pattern.to_owned(), compiled);
        Ok(())
    }

    fn to_int(&self, of: &Expression, value: &Value<'a>) -> Evaluated<'a> {
        match value {
            Value::Integer(value) => Ok(Value::Integer(*value)),
            // Neither end, as the conformance tests of CEL have it (`double_int_min_range`), although a number can be
            // the lower one.
            Value::Number(number) => {
                to_integer(*number).filter(|whole| *whole > i64::MIN).map(Value::Integer).ok_or_else(|| {
                    self.fail(Failure::Overflow, of, "the number is larger than an integer can be")
                })
            }
            Value::Text(text) => {
                text.parse().map(Value::Integer).map_err(|_| self.no_number(of, "an integer"))
            }
            other => Err(self.wrong_type(of, "a text or a number", other)),
        }
    }

    fn to_double(&self, of: &Expression, value: &Value<'a>) -> Evaluated<'a> {
        match value {
            Value::Integer(value) => Ok(Value::Number(*value as f64)),
            Value::Number(number) => Ok(Value::Number(*number)),
            Value::Text(text) => text.parse().map(Value::Number).map_err(|_| self.no_number(of, "a number")),
            other => Err(self.wrong_type(of, "a text or a number", other)),
        }
    }

    fn no_number(&self, of: &Expression, wanted: &str) -> ConditionFailure {
        self.fail(Failure::Conversion, of, &format!("the text is not {wanted}"))
    }

    fn to_text(&self, of: &Expression, value: Value<'a>) -> Evaluated<'a> {
        Ok(Value::Text(match value {
            Value::Text(text) => text,
            Value::Integer(value) => value.to_string().into(),
            Value::Number(value) if value.abs() >= 1e21 => format!("{value:e}").into(),
            Value::Number(value) => value.to_string().into(),
            Value::Boolean(value) => value.to_string().into(),
            other => return Err(self.wrong_type(of, "a text, a number, or true or false", &other)),
        }))
    }
}
