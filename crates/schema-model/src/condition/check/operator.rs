//! Comparisons, sums, products and `in`.

use serde_json::Value as Json;

use super::{Checker, Problem};
use crate::condition::presence::Known;
use crate::condition::syntax::{Expression, Kind, Literal, Operator};
use crate::condition::types::Type;
use crate::name::nearest;

impl<'a> Checker<'a> {
    pub(super) fn binary(
        &mut self,
        of: &'a Expression,
        operator: Operator,
        left: &'a Expression,
        right: &'a Expression,
        known: &Known,
    ) -> Type<'a> {
        // Null is equal to null and to nothing else; any other operator fails on it.
        let types = match operator {
            Operator::Equal | Operator::NotEqual => {
                [self.any_type_of(left, known), self.any_type_of(right, known)]
            }
            Operator::In => [self.any_type_of(left, known), self.type_of(right, known)],
            _ => [self.type_of(left, known), self.type_of(right, known)],
        };
        match operator {
            Operator::Equal | Operator::NotEqual => {
                self.equality(of, operator, [left, right], &types);
                Type::Boolean
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.order(of, operator, [left, right], &types);
                Type::Boolean
            }
            Operator::In => {
                self.membership(of, [left, right], &types);
                Type::Boolean
            }
            Operator::Add => self.sum(of, [left, right], &types),
            Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.arithmetic(of, operator, [left, right], &types)
            }
            Operator::Remainder => self.remainder(of, [left, right], &types),
        }
    }

    pub(super) fn negate(&mut self, of: &'a Expression, operand: &'a Expression, known: &Known) -> Type<'a> {
        match self.type_of(operand, known) {
            Type::Integer(_) => Type::Integer(&[]),
            Type::Number(_) => Type::Number(&[]),
            Type::Dynamic => Type::Dynamic,
            other => {
                let message =
                    format!("`{}` is of type `{other}`, and `-` takes a number", self.show(operand));
                self.report(Problem::Operand, of, message, "take the `-` out")
            }
        }
    }

    fn equality(
        &mut self,
        of: &Expression,
        operator: Operator,
        sides: [&Expression; 2],
        types: &[Type<'a>; 2],
    ) {
        let [left, right] = types;
        if !left.is_comparable(right) {
            return self.not_comparable(of, operator, sides, types);
        }
        self.is_a_choice(sides[1], left);
        self.is_a_choice(sides[0], right);
    }

    fn order(&mut self, of: &Expression, operator: Operator, sides: [&Expression; 2], types: &[Type<'a>; 2]) {
        let has_order = |found: &Type<'_>| {
            matches!(found, Type::Dynamic | Type::Boolean | Type::Text(_)) || found.is_numeric()
        };
        let [left, right] = types;
        if !left.is_comparable(right) || !has_order(left) || !has_order(right) {
            self.not_comparable(of, operator, sides, types);
        }
    }

    fn not_comparable(
        &mut self,
        of: &Expression,
        operator: Operator,
        sides: [&Expression; 2],
        types: &[Type<'a>; 2],
    ) {
        let shown = sides.map(|side| self.show(side));
        let sign = operator.sign();
        for (at, other) in [(0, 1), (1, 0)] {
            if types[at].is_list() && !types[other].is_list() {
                let message = format!("`{}` is a list, and `{sign}` compares one item", shown[at]);
                let fix =
                    format!("write `{0}.exists(item, item {sign} …)`, or `size({0}) {sign} …`", shown[at]);
                self.report(Problem::ListAsItem, of, message, fix);
                return;
            }
        }
        let [left, right] = types;
        let message = format!(
            "`{}` is of type `{left}` and `{}` of type `{right}`, which `{sign}` does not compare",
            shown[0], shown[1]
        );
        let fix = match types {
            [Type::Null, _] => format!("test whether it is there with `has({})`", shown[1]),
            [_, Type::Null] => format!("test whether it is there with `has({})`", shown[0]),
            [Type::Text(_), right] if right.is_numeric() => format!("write `double({}) {sign} …`", shown[0]),
            [left, Type::Text(_)] if left.is_numeric() => {
                format!("compare with a number, without quotes, as in `{} {sign} 7`", shown[0])
            }
            [Type::Boolean, Type::Text(_)] | [Type::Text(_), Type::Boolean] => {
                "compare with `true` or `false`, without quotes".to_owned()
            }
            _ => "compare values of one type".to_owned(),
        };
        self.report(Problem::NotComparable, of, message, fix);
    }

    /// A text or number written in the condition has to be one of the enum it is compared with.
    fn is_a_choice(&mut self, side: &Expression, other: &Type<'a>) {
        let choices = other.choices();
        let Kind::Literal(literal) = &side.kind else { return };
        if choices.is_empty()
            || *literal == Literal::Null
            || choices.iter().any(|choice| is_literal(choice, literal))
        {
            return;
        }
        let shown: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        let message = format!("`{}` is none of the values of this enum", self.show(side));
        let near = match literal {
            Literal::Text(text) => nearest(text, choices.iter().filter_map(Json::as_str)),
            _ => None,
        };
        let fix = match near {
            Some(near) => format!("did you mean `\"{near}\"`?"),
            None => format!("use one of {}", shown.join(", ")),
        };
        self.report(Problem::NotAChoice, side, message, fix);
    }

    fn membership(&mut self, of: &Expression, sides: [&'a Expression; 2], types: &[Type<'a>; 2]) {
        let [item, list] = types;
        let shown = sides.map(|side| self.show(side));
        match list {
            Type::Dynamic => {}
            Type::Object(_) if matches!(item, Type::Text(_) | Type::Dynamic) => {}
            Type::List(element) if item.is_comparable(element) => {
                self.is_a_choice(sides[0], element);
                if let Kind::List(written) = &sides[1].kind {
                    for side in written {
                        self.is_a_choice(side, item);
                    }
                }
            }
            Type::List(element) if item.is_list() => {
                let message =
                    format!("`{}` is a list, and `in` looks for one item of type `{element}`", shown[0]);
                let fix = format!("write `{}.all(item, item in {})`, or `exists`", shown[0], shown[1]);
                self.report(Problem::ListAsItem, of, message, fix);
            }
            Type::List(element) => {
                let message = format!(
                    "`{}` is of type `{item}`, and `{}` holds items of type `{element}`",
                    shown[0], shown[1]
                );
                self.report(Problem::NotComparable, of, message, "look for an item of the list's type");
            }
            other => {
                let message = format!("`in` looks into a list, and `{}` is a single `{other}`", shown[1]);
                let fix = match (item, other) {
                    (Type::Text(_), Type::Text(_)) => format!("write `{}.contains({})`", shown[1], shown[0]),
                    _ => format!("write `{} == {}`", shown[0], shown[1]),
                };
                self.report(Problem::NotAList, sides[1], message, fix);
            }
        }
    }

    fn sum(&mut self, of: &Expression, sides: [&Expression; 2], types: &[Type<'a>; 2]) -> Type<'a> {
        match types {
            [Type::Text(_), Type::Text(_)] => Type::Text(&[]),
            [Type::Text(_) | Type::List(_), Type::Dynamic]
            | [Type::Dynamic, Type::Text(_) | Type::List(_)] => Type::Dynamic,
            [Type::List(one), Type::List(other)] => match one.joined(other) {
                Some(element) => Type::List(Box::new(element)),
                None => self.wrong_operands(of, Operator::Add, sides, types),
            },
            _ => self.arithmetic(of, Operator::Add, sides, types),
        }
    }

    fn arithmetic(
        &mut self,
        of: &Expression,
        operator: Operator,
        sides: [&Expression; 2],
        types: &[Type<'a>; 2],
    ) -> Type<'a> {
        match types {
            [Type::Integer(_), Type::Integer(_)] => Type::Integer(&[]),
            [Type::Integer(_) | Type::Number(_), Type::Integer(_) | Type::Number(_)] => Type::Number(&[]),
            [left, right] if left.is_numeric() && right.is_numeric() => Type::Dynamic,
            _ => self.wrong_operands(of, operator, sides, types),
        }
    }

    fn remainder(&mut self, of: &Expression, sides: [&Expression; 2], types: &[Type<'a>; 2]) -> Type<'a> {
        match types {
            [Type::Integer(_) | Type::Dynamic, Type::Integer(_) | Type::Dynamic] => Type::Integer(&[]),
            [Type::Number(_), other] | [other, Type::Number(_)] if other.is_numeric() => {
                let message = "`%` is the remainder of integers, and this is a `number`".to_owned();
                self.report(Problem::Operand, of, message, "write `int(…) % …`")
            }
            _ => self.wrong_operands(of, Operator::Remainder, sides, types),
        }
    }

    fn wrong_operands(
        &mut self,
        of: &Expression,
        operator: Operator,
        sides: [&Expression; 2],
        types: &[Type<'a>; 2],
    ) -> Type<'a> {
        let shown = sides.map(|side| self.show(side));
        let sign = operator.sign();
        if let Some(at) = (0..2).find(|at| types[*at].is_list() && !types[1 - at].is_list()) {
            let message = format!("`{}` is a list, and `{sign}` takes one item", shown[at]);
            let fix = format!("write `size({})`, or choose an item: `{}[0]`", shown[at], shown[at]);
            return self.report(Problem::ListAsItem, of, message, fix);
        }
        let [left, right] = types;
        let message = format!(
            "`{sign}` does not take `{}` of type `{left}` and `{}` of type `{right}`",
            shown[0], shown[1]
        );
        let fix = match types {
            [Type::Text(_), _] if operator == Operator::Add => format!("write `string({})`", shown[1]),
            [_, Type::Text(_)] if operator == Operator::Add => format!("write `string({})`", shown[0]),
            _ => "use two numbers".to_owned(),
        };
        self.report(Problem::Operand, of, message, fix)
    }
}

fn is_literal(choice: &Json, literal: &Literal) -> bool {
    match literal {
        Literal::Null => choice.is_null(),
        Literal::Boolean(value) => choice == value,
        Literal::Integer(value) => choice.as_f64() == Some(*value as f64),
        Literal::Number(value) => choice.as_f64() == Some(*value),
        Literal::Text(value) => choice == value,
    }
}
