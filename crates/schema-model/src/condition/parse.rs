//! From words to the tree: the grammar of CEL, by recursive descent with the strength of each operator.
//!
//! Recursion ends at [`CONDITION_NESTING_MAX`] open expressions, and so does the depth of the tree, so that neither
//! this parser nor anything that walks the tree can overflow its stack.

use std::ops::Range;

use super::ConditionError;
use super::syntax::{Call, Each, EachKind, Expression, Kind, Literal, Logical, Operator};
use super::token::{RESERVED, Token, tokens};
use crate::limits::{CONDITION_BYTES_MAX, CONDITION_DEPTH_MAX, CONDITION_NESTING_MAX};

type Parsed = Result<Expression, ConditionError>;

/// The tree of a text.
pub(super) fn parse(text: &str) -> Parsed {
    if text.len() > CONDITION_BYTES_MAX {
        let message = format!("the condition has {} bytes, at most {CONDITION_BYTES_MAX}", text.len());
        return Err(ConditionError::new(message, 0));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, open: 0 };
    if *parser.peek() == Token::End {
        return Err(ConditionError::new("the condition is empty", 0));
    }
    let whole = parser.expression()?;
    parser.expect_end()?;
    Ok(whole)
}

/// An operator between two values.
enum Infix {
    Logical(Logical),
    Binary(Operator),
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    /// Expressions begun and not ended.
    open: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }

    /// Where the last token ended.
    fn end(&self) -> usize {
        self.next.checked_sub(1).map_or(0, |last| self.tokens[last].1.end)
    }

    fn advance(&mut self) {
        // The last token is the end, and stays.
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if is_there {
            self.advance();
        }
        is_there
    }

    fn expect(&mut self, sign: &str) -> Result<(), ConditionError> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("expected `{sign}`"))) }
    }

    fn expect_end(&self) -> Result<(), ConditionError> {
        match self.peek() {
            Token::End => Ok(()),
            Token::Name(name) if name == "and" || name == "or" || name == "not" => {
                let sign = match name.as_str() {
                    "and" => "&&",
                    "or" => "||",
                    _ => "!",
                };
                Err(self.unexpected(&format!("write `{sign}` instead")))
            }
            _ => Err(self.unexpected("expected an operator or the end")),
        }
    }

    fn unexpected(&self, wanted: &str) -> ConditionError {
        let at = self.at();
        let found = match self.peek() {
            Token::End => "the condition ends too early".to_owned(),
            _ => format!("`{}` cannot stand here", self.text[at.clone()].escape_debug()),
        };
        ConditionError::new(format!("{found}: {wanted}"), at.start)
    }

    fn node(&self, kind: Kind, start: usize) -> Parsed {
        let at = start..self.end().max(start);
        Expression::new(kind, at).ok_or_else(|| {
            ConditionError::new(format!("the condition has more than {CONDITION_DEPTH_MAX} levels"), start)
        })
    }

    /// `test ? then : otherwise`, or what is stronger.
    fn expression(&mut self) -> Parsed {
        if self.open == CONDITION_NESTING_MAX {
            let message = format!("more than {CONDITION_NESTING_MAX} levels stand inside each other");
            return Err(ConditionError::new(message, self.at().start));
        }
        self.open += 1;
        let test = self.binary(0)?;
        let whole = if self.take("?") {
            let start = test.at.start;
            let then = self.expression()?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            let kind =
                Kind::Choice { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
            self.node(kind, start)?
        } else {
            test
        };
        self.open -= 1;
        Ok(whole)
    }

    /// Operators of at least a strength between values, from the left.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        while let Some((infix, strength)) = self.infix().filter(|(_, strength)| *strength >= least) {
            let start = left.at.start;
            let kind = match infix {
                Infix::Logical(operator) => {
                    let mut operands = vec![left];
                    while self.take(operator.sign()) {
                        operands.push(self.binary(strength + 1)?);
                    }
                    Kind::Logical { operator, operands }
                }
                Infix::Binary(operator) => {
                    self.advance();
                    let right = self.binary(strength + 1)?;
                    Kind::Binary { operator, left: Box::new(left), right: Box::new(right) }
                }
            };
            left = self.node(kind, start)?;
        }
        Ok(left)
    }

    /// The operator that stands here, with its strength.
    fn infix(&self) -> Option<(Infix, u8)> {
        let sign = match self.peek() {
            Token::Name(name) if name == "in" => "in",
            Token::Sign(sign) => sign,
            _ => return None,
        };
        Some(match sign {
            "||" => (Infix::Logical(Logical::Or), 0),
            "&&" => (Infix::Logical(Logical::And), 1),
            "in" => (Infix::Binary(Operator::In), 2),
            "==" => (Infix::Binary(Operator::Equal), 2),
            "!=" => (Infix::Binary(Operator::NotEqual), 2),
            "<" => (Infix::Binary(Operator::Less), 2),
            "<=" => (Infix::Binary(Operator::LessOrEqual), 2),
            ">" => (Infix::Binary(Operator::Greater), 2),
            ">=" => (Infix::Binary(Operator::GreaterOrEqual), 2),
            "+" => (Infix::Binary(Operator::Add), 3),
            "-" => (Infix::Binary(Operator::Subtract), 3),
            "*" => (Infix::Binary(Operator::Multiply), 4),
            "/" => (Infix::Binary(Operator::Divide), 4),
            "%" => (Infix::Binary(Operator::Remainder), 4),
            _ => return None,
        })
    }

    /// `!!a` or `--a`; the grammar does not mix the two.
    fn unary(&mut self) -> Parsed {
        let start = self.at().start;
        if self.take("!") {
            let mut count = 1;
            while self.take("!") {
                count += 1;
            }
            let operand = self.member()?;
            return self.repeat(Kind::Not, count, operand, start);
        }
        if self.take("-") {
            let mut count = 1;
            while self.take("-") {
                count += 1;
            }
            let operand = self.member()?;
            if count == 1
                && let Kind::Literal(literal) = &operand.kind
                && let Some(negative) = negative(literal)
            {
                return self.node(Kind::Literal(negative), start);
            }
            return self.repeat(Kind::Negate, count, operand, start);
        }
        self.member()
    }

    /// An even number of signs is none, except that the operand must be of their kind: two are kept.
    fn repeat(
        &self,
        kind: fn(Box<Expression>) -> Kind,
        count: usize,
        operand: Expression,
        start: usize,
    ) -> Parsed {
        let count = if count > 2 { 2 - count % 2 } else { count };
        (0..count).try_fold(operand, |operand, _| self.node(kind(Box::new(operand)), start))
    }

    /// A value with the fields, items and calls behind it.
    fn member(&mut self) -> Parsed {
        let start = self.at().start;
        let mut value = self.primary()?;
        loop {
            if self.take(".") {
                value = self.dotted(value, start)?;
            } else if self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                value = self.node(Kind::Item { of: Box::new(value), index: Box::new(index) }, start)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn dotted(&mut self, of: Expression, start: usize) -> Parsed {
        let name_at = self.at();
        let name = match self.peek() {
            Token::Name(name) if name != "in" => name.clone(),
            _ => return Err(self.unexpected("expected the name of a field or function")),
        };
        self.advance();
        if !self.take("(") {
            return self.node(Kind::Field { of: Box::new(of), name }, start);
        }
        let arguments = self.list_until(")")?;
        match (EachKind::from_name(&name), arguments.len()) {
            (Some(each), 2) => self.each(each, of, arguments, start),
            (Some(EachKind::Map), 3) => self.each(EachKind::Map, of, arguments, start),
            _ => {
                let call = Call { name, name_at, target: Some(Box::new(of)), arguments };
                self.node(Kind::Call(call), start)
            }
        }
    }

    /// `arguments` are the variable, perhaps a filter, and the body.
    fn each(&self, of: EachKind, list: Expression, mut arguments: Vec<Expression>, start: usize) -> Parsed {
        let first = arguments.remove(0);
        let Kind::Variable(variable) = first.kind else {
            let name = of.name();
            let message = format!("`{name}` begins with a name for the item, as in `.{name}(item, …)`");
            return Err(ConditionError::new(message, first.at.start));
        };
        let Some(body) = arguments.pop() else { return Err(self.unexpected("expected an expression")) };
        let each = Each { of, list, variable, filter: arguments.pop(), body };
        self.node(Kind::Each(Box::new(each)), start)
    }

    fn list_until(&mut self, close: &str) -> Result<Vec<Expression>, ConditionError> {
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.expression()?);
            if !self.take(",") {
                self.expect(close)?;
                break;
            }
            if close == ")" && *self.peek() == Token::Sign(")") {
                return Err(self.unexpected("expected an argument"));
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        match self.peek().clone() {
            Token::Literal(literal) => {
                self.advance();
                self.node(Kind::Literal(literal), at.start)
            }
            Token::Name(name) if name != "in" => self.named(name, at),
            Token::Sign("(") => {
                self.advance();
                let mut inside = self.expression()?;
                self.expect(")")?;
                inside.at = at.start..self.end();
                Ok(inside)
            }
            Token::Sign("[") => {
                self.advance();
                let items = self.list_until("]")?;
                self.node(Kind::List(items), at.start)
            }
            Token::Sign("{") => Err(ConditionError::new(
                "an object cannot be written in a condition; compare its fields",
                at.start,
            )),
            _ => Err(self.unexpected("expected a value")),
        }
    }

    fn named(&mut self, name: String, name_at: Range<usize>) -> Parsed {
        let start = name_at.start;
        if RESERVED.contains(&name.as_str()) {
            let message = format!("`{name}` is a word that CEL keeps for itself");
            return Err(ConditionError::new(message, start));
        }
        self.advance();
        if !self.take("(") {
            return self.node(Kind::Variable(name), start);
        }
        let arguments = self.list_until(")")?;
        if name != "has" {
            return self.node(Kind::Call(Call { name, name_at, target: None, arguments }), start);
        }
        let mut arguments = arguments.into_iter();
        match (arguments.next(), arguments.next()) {
            (Some(of), None)
                if matches!(of.kind, Kind::Variable(_) | Kind::Field { .. } | Kind::Item { .. }) =>
            {
                self.node(Kind::Has(Box::new(of)), start)
            }
            _ => Err(ConditionError::new(
                "`has` takes one attribute or field, as in `has(verdict.score)`",
                start,
            )),
        }
    }
}

fn negative(literal: &Literal) -> Option<Literal> {
    match literal {
        Literal::Integer(value) => value.checked_neg().map(Literal::Integer),
        Literal::Number(value) => Some(Literal::Number(-value)),
        _ => None,
    }
}
