//! Variables, fields and items.

use super::{Checker, Problem};
use crate::condition::mention::BRANCH;
use crate::condition::presence::Known;
use crate::condition::syntax::{Expression, Kind, Literal};
use crate::condition::types::Type;
use crate::definition::{Property, property};
use crate::name::nearest;

const BRANCH_FIX: &str = "use `branch.number` or `branch.count`";

impl<'a> Checker<'a> {
    pub(super) fn variable(&mut self, of: &'a Expression, name: &str) -> Type<'a> {
        if let Some((_, found)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return found.clone();
        }
        if name == BRANCH {
            let message = "`branch` is not a value".to_owned();
            return self.report(Problem::UnknownField, of, message, BRANCH_FIX);
        }
        self.types.get(name).map_or(Type::Dynamic, Type::of_attribute)
    }

    fn is_branch(&self, of: &Expression) -> bool {
        matches!(&of.kind, Kind::Variable(name) if name == BRANCH)
            && !self.locals.iter().any(|(local, _)| *local == BRANCH)
    }

    pub(super) fn field(
        &mut self,
        of: &'a Expression,
        object: &'a Expression,
        name: &'a str,
        known: &Known,
    ) -> Type<'a> {
        if self.is_branch(object) {
            if name == "number" || name == "count" {
                return Type::Integer(&[]);
            }
            return self.report(
                Problem::UnknownField,
                of,
                format!("there is no `branch.{name}`"),
                BRANCH_FIX,
            );
        }
        match self.type_of(object, known) {
            Type::Dynamic => Type::Dynamic,
            Type::Object(schema) => match property(schema, name) {
                Property::Open => Type::Dynamic,
                Property::Missing { known } => self.unknown_field(of, object, name, &known),
                Property::Known { schema, is_required } => {
                    let is_there = is_required || of.path().is_some_and(|path| known.holds(&path));
                    if !is_there {
                        self.may_be_absent(of);
                    }
                    Type::of_schema(schema)
                }
            },
            Type::List(_) | Type::Text(_) if matches!(name, "size" | "length" | "len" | "count") => {
                let shown = self.show(object);
                let message = format!("`{shown}` has no field `{name}`");
                self.report(Problem::FieldOfSingle, of, message, format!("write `size({shown})`"))
            }
            Type::List(_) => {
                let shown = self.show(object);
                let message = format!("`{shown}` is a list, so it has no field `{name}`");
                let fix = format!("write `{shown}.exists(item, item.{name} …)`, or `{shown}[0].{name}`");
                self.report(Problem::FieldOfList, of, message, fix)
            }
            other => {
                let message =
                    format!("`{}` is of type `{other}`, so it has no field `{name}`", self.show(object));
                self.report(Problem::FieldOfSingle, of, message, format!("take `.{name}` out"))
            }
        }
    }

    fn unknown_field(
        &mut self,
        of: &Expression,
        object: &Expression,
        name: &str,
        known: &[String],
    ) -> Type<'a> {
        let message = format!("`{}` has no field `{name}`", self.show(object));
        let fix = match nearest(name, known.iter().map(String::as_str)) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None if known.is_empty() => "give its type the field".to_owned(),
            None => format!("use one of `{}`", known.join("`, `")),
        };
        self.report(Problem::UnknownField, of, message, fix)
    }

    fn may_be_absent(&mut self, of: &Expression) {
        let shown = self.show(of);
        let message = format!("`{shown}` may be absent");
        let fix = format!("test it first: `has({shown}) && …`, or make the field required");
        self.report(Problem::FieldMayBeAbsent, of, message, fix);
    }

    pub(super) fn may_be_null(&mut self, of: &Expression) -> Type<'a> {
        let shown = self.show(of);
        let message = format!("`{shown}` may be null");
        self.report(Problem::FieldMayBeAbsent, of, message, format!("test it first: `has({shown}) && …`"))
    }

    pub(super) fn item(
        &mut self,
        of: &'a Expression,
        list: &'a Expression,
        index: &'a Expression,
        known: &Known,
    ) -> Type<'a> {
        let list_type = self.type_of(list, known);
        let index_type = self.type_of(index, known);
        match (list_type, index_type) {
            (Type::List(element), Type::Integer(_) | Type::Dynamic) if *element == Type::Never => {
                let message = format!("`{}` is always empty, so it has no items", self.show(list));
                self.report(Problem::ItemOfSingle, of, message, "name the list that is meant")
            }
            (Type::List(element), Type::Integer(_) | Type::Dynamic) => *element,
            (Type::Object(schema), Type::Text(_)) => match &index.kind {
                Kind::Literal(Literal::Text(name)) => self.named_item(of, list, schema, name),
                _ => Type::Dynamic,
            },
            (Type::Object(_), Type::Dynamic) | (Type::Dynamic, _) => Type::Dynamic,
            (Type::List(_), other) => {
                let message = format!("`{}` is of type `{other}`, and items are counted", self.show(index));
                self.report(Problem::Operand, index, message, "use an integer; the first item is `[0]`")
            }
            (Type::Object(_), other) => {
                let message = format!("`{}` is of type `{other}`, and fields have names", self.show(index));
                self.report(Problem::Operand, index, message, "use the name of a field")
            }
            (other, _) => {
                let message = format!("`{}` is a single `{other}`, so it has no items", self.show(list));
                self.report(Problem::ItemOfSingle, of, message, "take the `[…]` out")
            }
        }
    }

    /// `verdict["score"]`.
    fn named_item(
        &mut self,
        of: &Expression,
        object: &Expression,
        schema: Option<&'a serde_json::Value>,
        name: &str,
    ) -> Type<'a> {
        match property(schema, name) {
            Property::Open => Type::Dynamic,
            Property::Missing { known } => self.unknown_field(of, object, name, &known),
            Property::Known { schema, is_required } => {
                if !is_required {
                    let object = self.show(object);
                    let message = format!("`{}` may be absent", self.show(of));
                    let fix = format!("test it first: `has({object}.{name}) && {object}.{name} …`");
                    self.report(Problem::FieldMayBeAbsent, of, message, fix);
                }
                Type::of_schema(schema)
            }
        }
    }
}
