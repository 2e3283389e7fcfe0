//! Walks a compiled template and its partials.

use std::sync::Arc;

use handlebars::Template;
use handlebars::template::{BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};
use serde_json::Value as Json;

use super::helper::{Helper, HelperKind, helper};
use super::mention::{
    Inclusion, Mention, PathPart, Prompt, PromptProblem, PromptProblemKind, RoleMark, TextPlace, Usage,
};
use super::path::{self, RawPath};
use super::position::Text;
use super::scope::{Block, Blocks, Computed, Target};
use super::{Partial, Partials};
use crate::limits::{PROMPT_EXPANSION_MAX, PROMPT_NESTING_MAX};

/// Reads everything a template mentions.
pub(super) fn walk(text: &str, template: &Template, partials: &Partials<'_>) -> Prompt {
    let mut walker = Walker {
        partials,
        blocks: Blocks::new(),
        texts: vec![Text::new(None, text)],
        guards: Vec::new(),
        elements: 0,
        depth: 0,
        is_too_deep: false,
        prompt: Prompt::default(),
    };
    walker.template(template, 0);
    walker.prompt
}

struct Walker<'a> {
    partials: &'a Partials<'a>,
    blocks: Blocks,
    /// The text being walked last; before it those that include it.
    texts: Vec<Text<'a>>,
    /// The ways to values that are known to be there, each with all that it leads through.
    guards: Vec<Vec<PathPart>>,
    /// Elements walked, those of partials at each place that includes them.
    elements: usize,
    /// Blocks and partials around the template being walked.
    depth: usize,
    is_too_deep: bool,
    prompt: Prompt,
}

impl<'a> Walker<'a> {
    /// Walks a template that stands in the one being walked.
    fn inner(&mut self, template: &'a Template, around: usize) {
        if self.depth == PROMPT_NESTING_MAX {
            let reason =
                format!("with its partials the prompt is nested deeper than {PROMPT_NESTING_MAX} levels");
            if !std::mem::replace(&mut self.is_too_deep, true) {
                self.problem(PromptProblemKind::TooLarge { reason }, around, "");
            }
            return;
        }
        self.depth += 1;
        self.template(template, around);
        self.depth -= 1;
    }

    /// Walks the elements; those without a place of their own (else chains) stand at `around`.
    fn template(&mut self, template: &'a Template, around: usize) {
        for (index, element) in template.elements.iter().enumerate() {
            self.elements += 1;
            if self.elements > PROMPT_EXPANSION_MAX {
                if self.elements == PROMPT_EXPANSION_MAX + 1 {
                    let reason =
                        format!("with its partials the prompt has more than {PROMPT_EXPANSION_MAX} parts");
                    self.problem(PromptProblemKind::TooLarge { reason }, around, "");
                }
                return;
            }
            let mapping = template.mapping.get(index);
            let at = mapping.map_or(around, |place| self.text().offset(place.0, place.1));
            self.element(element, at);
        }
    }

    fn element(&mut self, element: &'a TemplateElement, at: usize) {
        self.prompt.is_opened_by_user |= self.prompt.roles.is_empty() && is_text(element);
        match element {
            TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
                self.expression(tag, at);
            }
            TemplateElement::HelperBlock(tag) => self.block(tag, at),
            TemplateElement::PartialExpression(tag) => self.partial(tag, at),
            TemplateElement::PartialBlock(_) => self.unsupported("a partial with a body", at),
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                self.unsupported("a decorator or inline partial", at);
            }
            // Text and comments mention nothing; the enum may grow.
            _ => {}
        }
    }

    /// `{{x}}` or `{{helper x}}`; what it stands for.
    fn expression(&mut self, tag: &'a HelperTemplate, at: usize) -> Target {
        let is_name_only = tag.params.is_empty() && tag.hash.is_empty();
        match &tag.name {
            // A name alone is always a variable, whatever helpers there are.
            Parameter::Path(_) if is_name_only => self.parameter(&tag.name, Usage::Value, false, at),
            Parameter::Subexpression(_) => self.parameter(&tag.name, Usage::Value, false, at),
            _ => self.helper_call(tag, Usage::Value, at),
        }
    }

    /// A helper by name, inside a tag or a subexpression.
    fn helper_call(&mut self, tag: &'a HelperTemplate, usage: Usage, at: usize) -> Target {
        let name = tag.name.as_name().unwrap_or_default();
        let Some(spec) = helper(name) else {
            self.problem(PromptProblemKind::UnknownHelper { name: name.to_owned() }, at, name);
            self.arguments(tag, None, at);
            return Target::UNKNOWN;
        };
        if spec.kind == HelperKind::Role {
            if let Some(role) = role_of(&tag.params) {
                let at = self.text().find_word(at, spec.name);
                self.prompt.roles.push(RoleMark { role: role.to_owned(), at });
            } else {
                let what = "`role` with anything but \"system\", \"user\" or \"assistant\"".to_owned();
                self.problem(PromptProblemKind::Unsupported { what }, at, spec.name);
            }
        }
        self.call(spec, tag, usage, at)
    }

    fn call(&mut self, spec: &'static Helper, tag: &'a HelperTemplate, usage: Usage, at: usize) -> Target {
        if spec.kind == HelperKind::Block {
            self.problem(PromptProblemKind::HelperForm { name: spec.name }, at, spec.name);
        }
        self.check_arguments(spec, tag, at);
        // Either of them may be what `default` gives.
        let either = matches!((spec.name, usage), ("default", Usage::Number(_)));
        let usage = if either { usage } else { Usage::Argument(spec.name) };
        let given = self.arguments(tag, Some((spec, usage)), at);
        match (spec.name, &given[..], tag.params.get(1)) {
            _ if either => Target::Computed(Computed::Number),
            ("lookup", [of, ..], Some(Parameter::Literal(Json::String(name)))) => {
                let found = of.field(name);
                self.looked_up(&found, name, at);
                found
            }
            ("lookup", [of, Target::Computed(Computed::Number)], _) => of.item(),
            _ => Target::Computed(Computed::by(spec.name)),
        }
    }

    /// Notes the field that a `lookup` names by a text. It is not written as a path, so no part of it has a place.
    fn looked_up(&mut self, target: &Target, field: &str, at: usize) {
        let Target::Path(parts) = target else { return };
        let Some((PathPart::Field(name), rest)) = parts.split_first() else { return };
        let (guarded, at) = (self.guarded(parts), self.text().find_word(at, field));
        let (name, path, usage) = (name.clone(), rest.to_vec(), Usage::Argument("lookup"));
        self.prompt.mentions.push(Mention { name, path, usage, guarded, at, written: Vec::new() });
    }

    fn check_arguments(&mut self, spec: &'static Helper, tag: &HelperTemplate, at: usize) {
        let given = tag.params.len();
        if given < spec.params_min || given > spec.params_max {
            self.problem(PromptProblemKind::HelperArguments { name: spec.name, given }, at, spec.name);
        }
    }

    /// Notes what the arguments of a helper mention, and says what each of them stands for.
    fn arguments(
        &mut self,
        tag: &'a HelperTemplate,
        spec: Option<(&'static Helper, Usage)>,
        at: usize,
    ) -> Vec<Target> {
        let (name, usage) = spec.map_or(("", Usage::Value), |(spec, usage)| (spec.name, usage));
        let guards = matches!(name, "and" | "or" | "not" | "eq" | "ne");
        let mut targets = Vec::new();
        for (index, parameter) in tag.params.iter().enumerate() {
            let is_guarded = guards || (name == "default" && index == 0);
            let usage = if (name, index) == ("truncate", 1) { Usage::Number("truncate") } else { usage };
            let target = self.parameter(parameter, usage, is_guarded, at);
            if let Usage::Number(name) = usage {
                self.check_number(name, parameter, &target, at);
            }
            targets.push(target);
        }
        let mut named: Vec<_> = tag.hash.iter().collect();
        named.sort_by_key(|(name, _)| *name);
        for (_, parameter) in named {
            self.parameter(parameter, usage, false, at);
        }
        targets
    }

    /// An argument that has to be a number of things; the checker knows the types of attributes.
    fn check_number(&mut self, name: &'static str, parameter: &Parameter, target: &Target, at: usize) {
        let is_number = match (parameter, target) {
            (Parameter::Literal(number), _) => number.as_u64().is_some(),
            (Parameter::Path(_) | Parameter::Name(_), Target::Path(_)) => true,
            (_, target) => *target == Target::Computed(Computed::Number),
        };
        if !is_number {
            let wanted = "a number of characters";
            self.problem(PromptProblemKind::HelperArgument { name, wanted }, at, name);
        }
    }

    /// Notes the mention a parameter is, and says what it stands for.
    fn parameter(&mut self, parameter: &'a Parameter, usage: Usage, guarded: bool, at: usize) -> Target {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => {
                self.variable(parameter.as_name().unwrap_or_default(), usage, guarded, at)
            }
            Parameter::Subexpression(inner) => {
                if let TemplateElement::Expression(tag) = inner.as_element() {
                    if tag.name.as_name() == Some("role") {
                        self.problem(PromptProblemKind::HelperForm { name: "role" }, at, "role");
                    }
                    return self.helper_call(tag, usage, at);
                }
                Target::UNKNOWN
            }
            Parameter::Literal(value) => Target::Computed(Computed::literal(value)),
            // The enum may grow.
            _ => Target::UNKNOWN,
        }
    }

    fn variable(&mut self, raw: &str, usage: Usage, guarded: bool, at: usize) -> Target {
        let path = path::parse(raw);
        if path.local {
            let name = path.names.first().map_or("", String::as_str);
            let known = Computed::local(name).filter(|_| self.blocks.has_locals());
            if known.is_none() {
                let what = format!("`{raw}` outside of a block that sets it");
                self.problem(PromptProblemKind::Unsupported { what }, at, raw);
            }
            return Target::Computed(known.unwrap_or(Computed::Unknown));
        }
        let target = self.blocks.resolve(&path);
        if target == Target::NoField {
            self.problem(PromptProblemKind::NoField { path: raw.to_owned() }, at, raw);
        }
        let Target::Path(parts) = &target else { return target };
        let guarded = if guarded { parts.len() } else { self.guarded(parts) };
        let Some((PathPart::Field(name), rest)) = parts.split_first() else {
            let what = format!("`{raw}` for all variables at once");
            self.problem(PromptProblemKind::Unsupported { what }, at, raw);
            return Target::UNKNOWN;
        };
        let (name, rest) = (name.clone(), rest.to_vec());
        let (at, written) = self.places(&path, raw, at);
        self.prompt.mentions.push(Mention { name, path: rest, usage, guarded, at, written });
        target
    }

    /// How many parts of a path are known to be there.
    fn guarded(&self, parts: &[PathPart]) -> usize {
        let common =
            self.guards.iter().map(|guard| guard.iter().zip(parts).take_while(|(one, other)| one == other));
        common.map(Iterator::count).max().unwrap_or_default()
    }

    /// Where a path stands in the tag at `tag`, and where the parts stand that it writes.
    fn places(&mut self, path: &RawPath, raw: &str, tag: usize) -> (TextPlace, Vec<TextPlace>) {
        let written = self.blocks.written(path);
        let text = self.text_mut();
        let Some(start) = text.find_variable(tag, raw) else { return (text.find(tag, raw), Vec::new()) };
        let parts = path.names.iter().zip(&path.starts).skip(path.names.len() - written);
        let parts = parts.map(|(name, at)| text.place(start + at, name.chars().count() as u32));
        let parts = parts.collect();
        (text.place(start, raw.chars().count() as u32), parts)
    }

    fn block(&mut self, tag: &'a HelperTemplate, at: usize) {
        let name = tag.name.as_name().unwrap_or_default();
        let Some(spec) = helper(name) else {
            self.problem(PromptProblemKind::UnknownHelper { name: name.to_owned() }, at, name);
            self.arguments(tag, None, at);
            return;
        };
        if spec.kind == HelperKind::Role {
            self.problem(PromptProblemKind::HelperForm { name: spec.name }, at, spec.name);
        }
        self.check_arguments(spec, tag, at);
        match (spec.name, tag.params.first()) {
            ("if", Some(condition)) => self.conditional(tag, condition, [true, false], at),
            ("unless", Some(condition)) => self.conditional(tag, condition, [false, true], at),
            ("each", Some(list)) => {
                let target = self.parameter(list, Usage::Each, true, at);
                if matches!(target, Target::Computed(computed) if computed.is_single()) {
                    let wanted = "a list";
                    self.problem(
                        PromptProblemKind::HelperArgument { name: spec.name, wanted },
                        at,
                        spec.name,
                    );
                }
                self.scoped(tag, &target, target.item(), true, at);
            }
            ("with", Some(object)) => {
                let target = self.parameter(object, Usage::Context, true, at);
                self.scoped(tag, &target, target.clone(), self.blocks.has_locals(), at);
            }
            _ => {
                self.arguments(tag, Some((spec, Usage::Argument(spec.name))), at);
                self.bodies(tag, at);
            }
        }
    }

    /// `if` and `unless`: the bodies in which the condition's variables are there.
    fn conditional(&mut self, tag: &'a HelperTemplate, condition: &'a Parameter, sure: [bool; 2], at: usize) {
        self.parameter(condition, Usage::Condition, true, at);
        let (present, absent) = self.proven_by(condition);
        for (body, is_true, is_else) in [(&tag.template, sure[0], false), (&tag.inverse, sure[1], true)] {
            let Some(body) = body else { continue };
            let before = self.guards.len();
            self.guards.extend(if is_true { present.clone() } else { absent.clone() });
            let at = if is_else { self.else_of(at) } else { at };
            self.inner(body, at);
            self.guards.truncate(before);
        }
    }

    /// What is there when a condition holds, and when it does not.
    fn proven_by(&self, condition: &Parameter) -> (Vec<Vec<PathPart>>, Vec<Vec<PathPart>>) {
        match condition {
            Parameter::Subexpression(inner) => {
                let proven = inner.params().into_iter().flatten().map(|parameter| self.proven_by(parameter));
                match inner.name() {
                    "and" => (proven.flat_map(|(present, _)| present).collect(), Vec::new()),
                    "or" => (Vec::new(), proven.flat_map(|(_, absent)| absent).collect()),
                    "not" => proven.fold((Vec::new(), Vec::new()), |_, (present, absent)| (absent, present)),
                    _ => (Vec::new(), Vec::new()),
                }
            }
            Parameter::Path(_) => {
                let path = path::parse(condition.as_name().unwrap_or_default());
                match self.blocks.resolve(&path) {
                    Target::Path(parts) if !path.local => (vec![parts], Vec::new()),
                    _ => (Vec::new(), Vec::new()),
                }
            }
            _ => (Vec::new(), Vec::new()),
        }
    }

    /// `each` and `with`: the body has another `this`, the `else` body has not.
    fn scoped(&mut self, tag: &'a HelperTemplate, of: &Target, this: Target, has_locals: bool, at: usize) {
        let names = match &tag.block_param {
            Some(BlockParam::Single(name)) => given([(name, &this)]),
            Some(BlockParam::Pair((name, index))) => given([(name, &this), (index, &Target::UNKNOWN)]),
            // Nothing is given; the enum may grow.
            _ => Vec::new(),
        };
        let before = self.guards.len();
        if let Target::Path(parts) = of {
            self.guards.push(parts.clone());
        }
        self.blocks.0.push(Block { base: this, names, has_locals });
        if let Some(body) = &tag.template {
            self.inner(body, at);
        }
        self.blocks.0.pop();
        self.guards.truncate(before);
        if let Some(inverse) = &tag.inverse {
            self.inner(inverse, self.else_of(at));
        }
    }

    fn bodies(&mut self, tag: &'a HelperTemplate, at: usize) {
        if let Some(body) = &tag.template {
            self.inner(body, at);
        }
        if let Some(inverse) = &tag.inverse {
            self.inner(inverse, self.else_of(at));
        }
    }

    fn unsupported(&mut self, what: &str, at: usize) {
        self.problem(PromptProblemKind::Unsupported { what: what.to_owned() }, at, "");
    }

    /// `{{> name}}`, `{{> name context key=value}}`.
    fn partial(&mut self, tag: &'a DecoratorTemplate, at: usize) {
        let Some(name) = tag.name.as_name() else {
            return self.unsupported("a partial whose name is computed", at);
        };
        let place = self.text().find_word(at, name);
        self.prompt.inclusions.push(Inclusion { name: name.to_owned(), at: place });
        let this = tag.params.first().map(|context| self.parameter(context, Usage::Context, false, at));
        let mut names = Vec::new();
        let mut given: Vec<_> = tag.hash.iter().collect();
        given.sort_by_key(|(name, _)| *name);
        for (name, value) in given {
            names.push((name.clone(), self.parameter(value, Usage::Value, false, at)));
        }
        let base = this.unwrap_or_else(|| self.blocks.this());
        self.blocks.0.push(Block { base, names, has_locals: self.blocks.has_locals() });
        self.include(name, at);
        self.blocks.0.pop();
    }

    fn include(&mut self, name: &str, at: usize) {
        if let Some(first) = self.texts.iter().position(|text| text.partial == Some(name)) {
            let around = self.texts[first..].iter().filter_map(|text| text.partial);
            let cycle = around.chain([name]).map(str::to_owned).collect();
            return self.problem(PromptProblemKind::PartialCycle { cycle }, at, name);
        }
        let partials = self.partials;
        match partials.texts.get_key_value(name) {
            Some((name, Partial { text, lines, template: Ok(template) })) => {
                self.texts.push(Text::with_lines(Some(name), text, Arc::clone(lines)));
                self.inner(template, 0);
                self.texts.pop();
            }
            // Its own problem is reported once, not at each place that includes it.
            Some(_) => {}
            None => self.problem(PromptProblemKind::UnknownPartial { name: name.to_owned() }, at, name),
        }
    }

    fn text(&self) -> &Text<'a> {
        // The prompt itself is never taken off the stack.
        &self.texts[self.texts.len() - 1]
    }

    fn text_mut(&mut self) -> &mut Text<'a> {
        let last = self.texts.len() - 1;
        &mut self.texts[last]
    }

    /// Where the body behind an `else` begins; its elements have no place of their own when they go the chain on.
    fn else_of(&self, tag: usize) -> usize {
        self.text().find_else(tag).unwrap_or(tag)
    }

    fn problem(&mut self, kind: PromptProblemKind, at: usize, name: &str) {
        let at = self.text().find_word(at, name);
        self.prompt.problems.push(PromptProblem { kind, at });
    }
}

/// Roles are written out, so that no value can say who speaks.
fn role_of(params: &[Parameter]) -> Option<&str> {
    match params {
        [Parameter::Literal(role)] => {
            role.as_str().filter(|role| matches!(*role, "system" | "user" | "assistant"))
        }
        _ => None,
    }
}

/// Whether an element puts text where it stands. A block or a partial may begin with a role, so it is walked first.
fn is_text(element: &TemplateElement) -> bool {
    match element {
        TemplateElement::RawString(text) => !text.trim().is_empty(),
        TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
            tag.name.as_name() != Some("role") || tag.params.is_empty()
        }
        // Comments put nothing; the enum may grow.
        _ => false,
    }
}

fn given<const N: usize>(names: [(&Parameter, &Target); N]) -> Vec<(String, Target)> {
    names
        .into_iter()
        .filter_map(|(name, target)| Some((name.as_name()?.to_owned(), target.clone())))
        .collect()
}
