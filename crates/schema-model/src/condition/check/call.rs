//! Calls.

use super::{Checker, Problem};
use crate::condition::function::{FUNCTIONS, function};
use crate::condition::pattern::Pattern;
use crate::condition::presence::Known;
use crate::condition::syntax::{Call, EachKind, Expression, Kind, Literal};
use crate::condition::types::Type;
use crate::limits::CONDITION_PATTERN_BYTES_MAX;
use crate::name::nearest;

impl<'a> Checker<'a> {
    pub(super) fn call(&mut self, of: &'a Expression, call: &'a Call, known: &Known) -> Type<'a> {
        let given: Vec<&'a Expression> = call.target.as_deref().into_iter().chain(&call.arguments).collect();
        let types: Vec<Type<'a>> = given.iter().map(|argument| self.type_of(argument, known)).collect();
        let Some(function) = function(&call.name) else { return self.unknown_function(of, call) };
        let is_form = if call.target.is_some() { function.is_method } else { function.is_global };
        if !is_form || given.len() != function.arguments {
            let message = format!("`{}` is not called in this way", call.name);
            return self.report(Problem::FunctionUse, of, message, format!("write `{}`", function.form));
        }
        match function.name {
            "size" => self.size(given[0], &types[0]),
            "contains" if types[0].is_list() => {
                let shown = [self.show(given[0]), self.show(given[1])];
                let message = format!("`{}` is a list, and `contains` looks into a text", shown[0]);
                let fix = format!("write `{} in {}`", shown[1], shown[0]);
                self.report(Problem::ListAsItem, given[0], message, fix)
            }
            "contains" | "startsWith" | "endsWith" | "matches" => {
                self.texts(function.name, &given, &types);
                Type::Boolean
            }
            _ => self.conversion(function.name, given[0], &types[0]),
        }
    }

    fn unknown_function(&mut self, of: &Expression, call: &Call) -> Type<'a> {
        if let Some(each) = EachKind::from_name(&call.name) {
            let name = each.name();
            let message = format!("`{name}` is not called in this way");
            return self.report(Problem::FunctionUse, of, message, format!("write `list.{name}(item, …)`"));
        }
        let known = FUNCTIONS.iter().map(|function| function.name);
        let fix = match call.name.as_str() {
            "len" | "length" | "count" => "did you mean `size`?".to_owned(),
            "includes" => "did you mean `contains`?".to_owned(),
            name => match nearest(name, known.clone()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("use one of `{}`", known.collect::<Vec<_>>().join("`, `")),
            },
        };
        let message = format!("there is no function `{}`", call.name);
        let at = call.name_at.clone();
        self.report(Problem::UnknownFunction, of, message, fix);
        if let Some(problem) = self.problems.last_mut() {
            problem.at = at;
        }
        Type::Dynamic
    }

    fn size(&mut self, of: &Expression, found: &Type<'a>) -> Type<'a> {
        if matches!(found, Type::Text(_) | Type::List(_) | Type::Object(_) | Type::Dynamic) {
            return Type::Integer(&[]);
        }
        let message =
            format!("`size` counts items or characters, and `{}` is of type `{found}`", self.show(of));
        self.report(Problem::ArgumentType, of, message, "use the value itself")
    }

    fn texts(&mut self, name: &str, given: &[&'a Expression], types: &[Type<'a>]) {
        for (argument, found) in given.iter().zip(types) {
            let shown = self.show(argument);
            match found {
                Type::Text(_) | Type::Dynamic => {}
                Type::List(_) => {
                    let message = format!("`{shown}` is a list, and `{name}` takes one text");
                    let fix = format!("write `{shown}.exists(item, item.{name}(…))`");
                    self.report(Problem::ListAsItem, argument, message, fix);
                }
                other => {
                    let message = format!("`{name}` takes texts, and `{shown}` is of type `{other}`");
                    self.report(Problem::ArgumentType, argument, message, format!("write `string({shown})`"));
                }
            }
        }
        if name == "matches"
            && let Kind::Literal(Literal::Text(pattern)) = &given[1].kind
            && let Err(reason) = Pattern::compile(pattern)
        {
            let fix = format!("correct the pattern; it has at most {CONDITION_PATTERN_BYTES_MAX} bytes");
            self.report(
                Problem::Pattern,
                given[1],
                format!("this is not a regular expression: {reason}"),
                fix,
            );
        }
    }

    fn conversion(&mut self, name: &str, of: &Expression, found: &Type<'a>) -> Type<'a> {
        let is_text = name == "string";
        let is_fine = matches!(found, Type::Text(_) | Type::Integer(_) | Type::Number(_) | Type::Dynamic)
            || (is_text && *found == Type::Boolean);
        if !is_fine {
            let shown = self.show(of);
            let kind = if found.is_list() { Problem::ListAsItem } else { Problem::ArgumentType };
            let message = format!("`{name}` takes one text or number, and `{shown}` is of type `{found}`");
            return self.report(kind, of, message, "use a text or a number");
        }
        match name {
            "int" => Type::Integer(&[]),
            "double" => Type::Number(&[]),
            _ => Type::Text(&[]),
        }
    }
}
