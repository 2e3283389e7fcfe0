//! Makes a parsed template follow the rules of this language before it is rendered.
//!
//! Handlebars itself writes `[object]` for an object and takes missing lists in silence. Here every `{{…}}` becomes a
//! call of the one helper that writes values, and `each` and `with` get a guard in front. On the way every helper call
//! is checked, and what the language leaves out (inline partials, partial blocks, decorators) is refused.

use std::collections::HashMap;

use branchline_schema_model::prompt::{HelperKind, helper};
use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, Subexpression, TemplateElement};
use serde_json::Value as Json;

use super::error::PromptError;

/// Writes a value. With a space in their names, these helpers cannot be called from a template.
pub(super) const SHOW: &str = "show value";
/// Refuses a value that a block cannot walk.
pub(super) const EXPECT: &str = "expect value";
/// Passes a value on, unless there is none.
pub(super) const REQUIRE: &str = "require value";

/// Renders something that may read a field of a list: as its `else` body then, if the scope is open.
pub(super) const ATTEMPT: &str = "attempt it";
/// Reads a path by its text, where a field of a list is nothing if the scope is open.
pub(super) const LOOK: &str = "look up value";

/// Helpers that ask about a value, so that it may be missing.
const TOLERANT: &[&str] =
    &["default", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "if", "unless"];

/// A partial a template includes, and how deep in blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Include {
    pub(super) name: String,
    pub(super) depth: usize,
}

/// What is known of a template after rewriting it.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) includes: Vec<Include>,
    /// The deepest nesting of blocks.
    pub(super) depth: usize,
    /// Elements as they were written, those of includes left out: as many as the checker counts.
    pub(super) elements: usize,
    /// Whether it calls `role`.
    pub(super) has_roles: bool,
    /// Whether it is a partial.
    is_partial: bool,
    /// Whether a block or a partial goes into what a helper gives.
    pub(super) goes_through_computed: bool,
}

impl Shape {
    /// Whether names at this depth may belong to something else than the root.
    fn is_within(&self, depth: usize) -> bool {
        depth > 0 || self.is_partial
    }
}

/// Rewrites `template` in place. What surrounds a partial is that of the places that include it.
pub(super) fn rewrite(template: &mut Template, is_partial: bool) -> Result<Shape, PromptError> {
    let mut shape = Shape { is_partial, ..Shape::default() };
    rewrite_body(template, 0, &mut shape)?;
    Ok(shape)
}

/// Recursion is bounded: templates are measured before they are parsed.
fn rewrite_body(template: &mut Template, depth: usize, shape: &mut Shape) -> Result<(), PromptError> {
    let elements = std::mem::take(&mut template.elements);
    let mapping = std::mem::take(&mut template.mapping);
    shape.depth = shape.depth.max(depth);
    for (index, element) in elements.into_iter().enumerate() {
        shape.elements += 1;
        let place = mapping.get(index);
        let rewritten = rewrite_element(element, depth, shape)
            .map_err(|error| error.at(place.map(|mapping| (mapping.0, mapping.1))))?;
        for element in rewritten {
            template.elements.push(element);
            template.mapping.extend(place.cloned());
        }
    }
    Ok(())
}

fn rewrite_element(
    element: TemplateElement,
    depth: usize,
    shape: &mut Shape,
) -> Result<Vec<TemplateElement>, PromptError> {
    Ok(match element {
        TemplateElement::RawString(_) | TemplateElement::Comment(_) => vec![element],
        TemplateElement::Expression(call) | TemplateElement::HtmlExpression(call) => {
            let call = rewrite_expression(*call, shape)?;
            vec![if may_read_list(&call.params, shape.is_within(depth)) {
                attempt_expression(call)
            } else {
                expression(call)
            }]
        }
        TemplateElement::HelperBlock(block) => rewrite_block(*block, depth, shape)?,
        TemplateElement::PartialExpression(mut include) => {
            shape.includes.push(Include { name: partial_name(&mut include)?, depth });
            shape.goes_through_computed |= include.params.iter().any(is_computed);
            let is_risky = may_read_list(&include.params, shape.is_within(depth))
                || include
                    .hash
                    .values()
                    .any(|value| may_read_list(std::slice::from_ref(value), shape.is_within(depth)));
            let include = TemplateElement::PartialExpression(include);
            vec![if is_risky { attempt(vec![include], Vec::new()) } else { include }]
        }
        _ => {
            let message =
                "decorators, inline partials and partial blocks are not part of the template language";
            return Err(PromptError::new(message));
        }
    })
}

fn rewrite_expression(mut call: HelperTemplate, shape: &mut Shape) -> Result<HelperTemplate, PromptError> {
    let show = Parameter::Name(SHOW.to_owned());
    if call.params.is_empty() && call.hash.is_empty() {
        // A name alone is a value, even where a helper has the same name.
        rewrite_parameter(&mut call.name)?;
        let value = std::mem::replace(&mut call.name, show);
        call.params.push(value);
        return Ok(call);
    }
    let kind = rewrite_call(&call.name, &mut call.params, &mut call.hash)?;
    if kind == HelperKind::Role {
        shape.has_roles = true;
        check_role(&call.params)?;
        return Ok(call);
    }
    if kind == HelperKind::Block {
        return Err(PromptError::new(format!("`{0}` opens a block: `{{{{#{0} …}}}}`", name_of(&call.name))));
    }
    let name = std::mem::replace(&mut call.name, show);
    let value = Subexpression::new(name, std::mem::take(&mut call.params), std::mem::take(&mut call.hash));
    call.params.push(Parameter::Subexpression(value));
    Ok(call)
}

fn rewrite_block(
    mut block: HelperTemplate,
    depth: usize,
    shape: &mut Shape,
) -> Result<Vec<TemplateElement>, PromptError> {
    let name = name_of(&block.name).to_owned();
    if rewrite_call(&block.name, &mut block.params, &mut block.hash)? == HelperKind::Role {
        return Err(PromptError::new("`role` opens no block; it holds until the next `role`"));
    }
    for body in [&mut block.template, &mut block.inverse].into_iter().flatten() {
        rewrite_body(body, depth + 1, shape)?;
    }
    let is_risky = may_read_list(&block.params, shape.is_within(depth));
    if matches!(name.as_str(), "if" | "unless") {
        if is_risky {
            look_up(&mut block.params);
        }
        return Ok(vec![TemplateElement::HelperBlock(Box::new(block))]);
    }
    shape.goes_through_computed |= block.params.iter().any(is_computed);
    let guard = matches!(name.as_str(), "each" | "with").then(|| guard_of(&block, name == "each"));
    let both = guard.into_iter().chain([TemplateElement::HelperBlock(Box::new(block))]).collect();
    Ok(if is_risky { vec![attempt(both, Vec::new())] } else { both })
}

/// Whether one of the values may be read from a list as if that were an object: the checker refuses it where types
/// tell, and some leave it open. The root is no list.
fn may_read_list(params: &[Parameter], is_within: bool) -> bool {
    params.iter().any(|parameter| match parameter {
        Parameter::Path(_) | Parameter::Name(_) => is_within || name_of(parameter).contains(['.', '/']),
        Parameter::Subexpression(call) => {
            call.params().is_some_and(|params| may_read_list(params, is_within))
        }
        Parameter::Literal(_) => false,
        // The enum may grow.
        _ => true,
    })
}

fn is_computed(parameter: &Parameter) -> bool {
    !matches!(parameter, Parameter::Path(_) | Parameter::Name(_))
}

fn expression(call: HelperTemplate) -> TemplateElement {
    TemplateElement::Expression(Box::new(call))
}

/// The expression, and instead of it, if it reads a field of a list, the same with that field as nothing.
fn attempt_expression(call: HelperTemplate) -> TemplateElement {
    let mut instead = call.clone();
    look_up(&mut instead.params);
    attempt(vec![expression(call)], vec![expression(instead)])
}

fn attempt(elements: Vec<TemplateElement>, instead: Vec<TemplateElement>) -> TemplateElement {
    let call = Subexpression::new(Parameter::Name(ATTEMPT.to_owned()), Vec::new(), HashMap::new());
    match *call.element {
        TemplateElement::Expression(mut call) => {
            let body = |elements| {
                let mut body = Template::default();
                body.elements = elements;
                body
            };
            call.block = true;
            call.template = Some(body(elements));
            call.inverse = Some(body(instead));
            TemplateElement::HelperBlock(call)
        }
        other => other,
    }
}

/// Reads every path by its text.
fn look_up(params: &mut [Parameter]) {
    for parameter in params {
        match parameter {
            Parameter::Path(_) => *parameter = look(parameter, false),
            Parameter::Subexpression(call) => {
                let is_required = call.name() == REQUIRE;
                match call.element.as_mut() {
                    TemplateElement::Expression(call) if is_required => {
                        if let Some(path) = call.params.first() {
                            *parameter = look(path, true);
                        }
                    }
                    TemplateElement::Expression(call) => look_up(&mut call.params),
                    _ => {}
                }
            }
            // Names are helpers, literals are themselves; the enum may grow.
            _ => {}
        }
    }
}

fn look(path: &Parameter, is_required: bool) -> Parameter {
    let text = Parameter::Literal(Json::from(name_of(path)));
    let required = is_required.then(|| ("required".to_owned(), Parameter::Literal(Json::Bool(true))));
    let name = Parameter::Name(LOOK.to_owned());
    Parameter::Subexpression(Subexpression::new(name, vec![text], required.into_iter().collect()))
}

fn guard_of(block: &HelperTemplate, list: bool) -> TemplateElement {
    let hash = list.then(|| ("list".to_owned(), Parameter::Literal(Json::Bool(true)))).into_iter().collect();
    let call = Subexpression::new(Parameter::Name(EXPECT.to_owned()), block.params.clone(), hash);
    *call.element
}

fn partial_name(include: &mut DecoratorTemplate) -> Result<String, PromptError> {
    for parameter in include.params.iter_mut().chain(include.hash.values_mut()) {
        rewrite_parameter(parameter)?;
    }
    match &include.name {
        Parameter::Name(_) | Parameter::Path(_) => Ok(name_of(&include.name).to_owned()),
        Parameter::Literal(Json::String(name)) => Ok(name.clone()),
        _ => Err(PromptError::new("the name of a partial has to be written out")),
    }
}

fn check_role(params: &[Parameter]) -> Result<(), PromptError> {
    match params {
        [Parameter::Literal(Json::String(role))]
            if matches!(role.as_str(), "system" | "user" | "assistant") =>
        {
            Ok(())
        }
        _ => Err(PromptError::new("`role` takes one of the texts \"system\", \"user\" and \"assistant\"")),
    }
}

/// Checks a call of a helper, inner calls included.
fn rewrite_call(
    name: &Parameter,
    params: &mut [Parameter],
    hash: &mut HashMap<String, Parameter>,
) -> Result<HelperKind, PromptError> {
    let name = name_of(name);
    let helper = helper(name).ok_or_else(|| PromptError::new(format!("there is no helper `{name}`")))?;
    if !(helper.params_min..=helper.params_max).contains(&params.len()) {
        let wanted = match (helper.params_min, helper.params_max) {
            (min, max) if min == max => min.to_string(),
            (min, usize::MAX) => format!("at least {min}"),
            (min, max) => format!("{min} to {max}"),
        };
        let message = format!("`{name}` takes {wanted} parameters, not {}", params.len());
        return Err(PromptError::new(message));
    }
    for parameter in params.iter_mut().chain(hash.values_mut()) {
        rewrite_parameter(parameter)?;
        if helper.kind == HelperKind::Value && !TOLERANT.contains(&name) {
            require(parameter);
        }
    }
    Ok(helper.kind)
}

fn rewrite_parameter(parameter: &mut Parameter) -> Result<(), PromptError> {
    let Parameter::Subexpression(call) = parameter else { return Ok(()) };
    let TemplateElement::Expression(call) = call.element.as_mut() else { return Ok(()) };
    match rewrite_call(&call.name, &mut call.params, &mut call.hash)? {
        HelperKind::Value => Ok(()),
        HelperKind::Block | HelperKind::Role => {
            Err(PromptError::new(format!("`{}` gives no value", name_of(&call.name))))
        }
    }
}

fn require(parameter: &mut Parameter) {
    if let Parameter::Path(_) = parameter {
        let path = std::mem::replace(parameter, Parameter::Literal(Json::Null));
        let call = Subexpression::new(Parameter::Name(REQUIRE.to_owned()), vec![path], HashMap::new());
        *parameter = Parameter::Subexpression(call);
    }
}

fn name_of(parameter: &Parameter) -> &str {
    parameter.as_name().unwrap_or_default()
}
