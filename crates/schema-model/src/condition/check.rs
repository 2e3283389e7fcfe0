//! The type check of a condition.

mod call;
mod operator;
mod path;

use std::collections::BTreeMap;

use super::presence::Known;
use super::problem::{ConditionProblem, ConditionProblemKind as Problem};
use super::syntax::{Each, EachKind, Expression, Kind, Literal, Logical};
use super::types::Type;
use crate::definition::AttributeType;

/// Checks a tree; names without a type are of any.
pub(super) fn check(
    text: &str,
    tree: &Expression,
    types: &BTreeMap<String, AttributeType>,
) -> Vec<ConditionProblem> {
    let mut checker = Checker { text, types, locals: Vec::new(), problems: Vec::new() };
    checker.boolean(tree, &Known::default(), "a condition is true or false");
    checker.problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
    checker.problems
}

/// What was reported is of any type, so that one mistake is one problem.
struct Checker<'a> {
    text: &'a str,
    types: &'a BTreeMap<String, AttributeType>,
    /// Variables of the macros around, the innermost last.
    locals: Vec<(&'a str, Type<'a>)>,
    problems: Vec<ConditionProblem>,
}

impl<'a> Checker<'a> {
    fn report(
        &mut self,
        kind: Problem,
        of: &Expression,
        message: String,
        fix: impl Into<String>,
    ) -> Type<'a> {
        self.problems.push(ConditionProblem { kind, message, fix: fix.into(), at: of.at.clone() });
        Type::Dynamic
    }

    /// The part of the text, for messages.
    fn show(&self, of: &Expression) -> String {
        super::problem::snippet(self.text, &of.at)
    }

    /// The type of what cannot be null here.
    fn type_of(&mut self, of: &'a Expression, known: &Known) -> Type<'a> {
        match self.any_type_of(of, known) {
            Type::Maybe(other) if of.path().is_some_and(|path| known.holds(&path)) => *other,
            Type::Maybe(_) => self.may_be_null(of),
            found => found,
        }
    }

    /// The type, where null is a value like others.
    fn any_type_of(&mut self, of: &'a Expression, known: &Known) -> Type<'a> {
        match &of.kind {
            Kind::Literal(literal) => type_of_literal(literal),
            Kind::List(items) => self.list(of, items, known),
            Kind::Variable(name) => self.variable(of, name),
            Kind::Field { of: object, name } => self.field(of, object, name, known),
            Kind::Item { of: list, index } => self.item(of, list, index, known),
            Kind::Has(path) => {
                // Whether it is there is what is asked; that it could be is still checked.
                self.type_of(path, &known.after(of, true));
                Type::Boolean
            }
            Kind::Not(operand) => {
                self.boolean(operand, known, "`!` takes true or false");
                Type::Boolean
            }
            Kind::Negate(operand) => self.negate(of, operand, known),
            Kind::Logical { operator, operands } => self.logical(*operator, operands, known),
            Kind::Binary { operator, left, right } => self.binary(of, *operator, left, right, known),
            Kind::Choice { test, then, otherwise } => self.choice(of, [test, then, otherwise], known),
            Kind::Call(call) => self.call(of, call, known),
            Kind::Each(each) => self.each(each, known),
        }
    }

    /// Checks what has to be true or false.
    fn boolean(&mut self, of: &'a Expression, known: &Known, reason: &str) {
        let found = self.type_of(of, known);
        let shown = self.show(of);
        let fix = match &found {
            Type::Boolean | Type::Dynamic => return,
            Type::List(_) => {
                let message = format!("`{shown}` is a list, and {reason}");
                let fix = format!("write `size({shown}) > 0`, or `{shown}.exists(item, …)`");
                self.report(Problem::ListAsItem, of, message, fix);
                return;
            }
            Type::Text(_) => format!("compare it: `{shown} == \"…\"`, or write `{shown} != \"\"`"),
            Type::Integer(_) | Type::Number(_) => format!("compare it: `{shown} > 0`"),
            _ => format!("compare it with a value: `{shown} == …`"),
        };
        let message = format!("`{shown}` is of type `{found}`, and {reason}");
        self.report(Problem::NotBoolean, of, message, fix);
    }

    fn list(&mut self, of: &'a Expression, items: &'a [Expression], known: &Known) -> Type<'a> {
        let mut joined: Option<Type<'a>> = None;
        for item in items {
            let found = self.type_of(item, known);
            let Some(before) = joined else {
                joined = Some(found);
                continue;
            };
            let Some(both) = before.joined(&found) else {
                let message = format!("this list has items of type `{before}` and of type `{found}`");
                return self.report(Problem::Operand, of, message, "give it items of one type");
            };
            joined = Some(both);
        }
        Type::List(Box::new(joined.unwrap_or(Type::Never)))
    }

    fn logical(&mut self, operator: Logical, operands: &'a [Expression], known: &Known) -> Type<'a> {
        let mut known = known.clone();
        let reason = format!("`{}` takes true or false", operator.sign());
        for operand in operands {
            self.boolean(operand, &known, &reason);
            known.learn(operand, operator == Logical::And);
        }
        Type::Boolean
    }

    fn choice(&mut self, of: &'a Expression, parts: [&'a Expression; 3], known: &Known) -> Type<'a> {
        let [test, then, otherwise] = parts;
        self.boolean(test, known, "what stands before `?` is true or false");
        let one = self.type_of(then, &known.after(test, true));
        let other = self.type_of(otherwise, &known.after(test, false));
        one.joined(&other).unwrap_or_else(|| {
            let message = format!("this is of type `{one}` or of type `{other}`");
            self.report(Problem::Operand, of, message, "give both sides of `:` one type")
        })
    }

    fn each(&mut self, each: &'a Each, known: &Known) -> Type<'a> {
        let element = match self.type_of(&each.list, known) {
            Type::List(element) => *element,
            Type::Dynamic => Type::Dynamic,
            other => {
                let shown = self.show(&each.list);
                let message =
                    format!("`{}` goes through a list, and `{shown}` is a single `{other}`", each.of.name());
                let fix = format!("write the condition about `{shown}` itself, without `{}`", each.of.name());
                self.report(Problem::NotAList, &each.list, message, fix)
            }
        };
        let mut known = known.without(&each.variable);
        self.locals.push((&each.variable, element.clone().of_item()));
        if let Some(filter) = &each.filter {
            self.boolean(filter, &known, "the filter of `map` is true or false");
            known.learn(filter, true);
        }
        let result = if each.of == EachKind::Map {
            let made = self.type_of(&each.body, &known);
            Type::List(Box::new(if element == Type::Never { Type::Never } else { made }))
        } else {
            let reason = format!("`{}` asks something of each item", each.of.name());
            self.boolean(&each.body, &known, &reason);
            match element {
                _ if each.of != EachKind::Filter => Type::Boolean,
                Type::Maybe(other) if known.after(&each.body, true).holds(&each.variable) => {
                    Type::List(other)
                }
                element => Type::List(Box::new(element)),
            }
        };
        self.locals.pop();
        result
    }
}

const fn type_of_literal<'a>(literal: &Literal) -> Type<'a> {
    match literal {
        Literal::Null => Type::Null,
        Literal::Boolean(_) => Type::Boolean,
        Literal::Integer(_) => Type::Integer(&[]),
        Literal::Number(_) => Type::Number(&[]),
        Literal::Text(_) => Type::Text(&[]),
    }
}
