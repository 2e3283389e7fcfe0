//! A template with its partials, parsed, checked and ready to render.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use branchline_schema_model::limits::{PROMPT_EXPANSION_MAX, PROMPT_NESTING_MAX};
use branchline_schema_model::prompt::check_bounds;
use handlebars::{Context, Handlebars, RenderContext, Renderable, Template, no_escape};

use super::Rendered;
use super::error::PromptError;
use super::helper;
use super::open::{AttemptHelper, LookHelper};
use super::output::{ExpectHelper, RequireHelper, RoleHelper, ShowHelper, Sink};
use super::rewrite::{ATTEMPT, EXPECT, LOOK, REQUIRE, SHOW, Shape, rewrite};
use super::scope::Scope;

/// The name of the step's own template in the registry; no partial can have it.
const MAIN: &str = "";

/// Helpers and settings, without templates.
static BASE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(no_escape);
    // Indenting a partial would change the values in it.
    registry.set_prevent_indent(true);
    helper::register(&mut registry);
    registry
});

/// A template ready to render.
pub(super) struct CompiledTemplate {
    registry: Handlebars<'static>,
    /// Whether a block goes through what a helper gives, of which the checker may know nothing.
    goes_through_computed: bool,
}

impl CompiledTemplate {
    /// Parses and checks a template and the partials it includes.
    pub(super) fn compile(template: &str, partials: &BTreeMap<String, String>) -> Result<Self, PromptError> {
        let mut registry = BASE.clone();
        let mut shapes = BTreeMap::new();
        let mut wanted = vec![(MAIN.to_owned(), template)];
        while let Some((name, text)) = wanted.pop() {
            let shape = add(&mut registry, &name, text).map_err(|error| error.in_template(&name))?;
            for include in &shape.includes {
                let Some(text) = partials.get(&include.name) else {
                    let message = format!("there is no partial `{}`", include.name);
                    return Err(PromptError::new(message).in_template(&name));
                };
                if !shapes.contains_key(&include.name) && !registry.has_template(&include.name) {
                    wanted.push((include.name.clone(), text));
                }
            }
            shapes.insert(name, shape);
        }
        measure(MAIN, &shapes, &mut BTreeMap::new(), &mut Vec::new())?;
        let goes_through_computed = shapes.values().any(|shape| shape.goes_through_computed);
        Ok(Self { registry, goes_through_computed })
    }

    /// Renders the template.
    pub(super) fn render(&self, mut scope: Scope) -> Result<Rendered, PromptError> {
        let Some(template) = self.registry.get_template(MAIN) else {
            return Err(PromptError::new("the template is not there"));
        };
        let sink = Sink::new();
        scope.is_open |= self.goes_through_computed;
        let context = Context::from(std::mem::take(&mut scope.values));
        let scope = &scope;
        let mut output = sink.clone();
        let mut rendering = RenderContext::new(None);
        rendering.register_local_helper("role", Box::new(RoleHelper(sink.clone())));
        rendering.register_local_helper(SHOW, Box::new(ShowHelper(sink.clone(), scope)));
        rendering.register_local_helper(EXPECT, Box::new(ExpectHelper(scope)));
        rendering.register_local_helper(REQUIRE, Box::new(RequireHelper(scope)));
        rendering.register_local_helper(ATTEMPT, Box::new(AttemptHelper(scope)));
        rendering.register_local_helper(LOOK, Box::new(LookHelper(scope)));
        template
            .render(&self.registry, &context, &mut rendering, &mut output)
            .map_err(|error| PromptError::from_render(&error))?;
        drop(rendering);
        let done = sink.take();
        Ok(Rendered::new(done.parts, done.missing.into_iter().collect()))
    }
}

fn add(registry: &mut Handlebars<'static>, name: &str, text: &str) -> Result<Shape, PromptError> {
    check_bounds(text).map_err(|error| PromptError::new(error.to_string()))?;
    registry
        .register_template_string(name, text)
        .map_err(|error| PromptError::from_template(&error, name))?;
    let mut template: Template = registry.get_template(name).cloned().unwrap_or_default();
    let shape = rewrite(&mut template, name != MAIN)?;
    registry.register_template(name, template);
    Ok(shape)
}

/// Depth and number of elements of a template with everything it includes, or why it has no end.
fn measure<'s>(
    name: &'s str,
    shapes: &'s BTreeMap<String, Shape>,
    known: &mut BTreeMap<&'s str, (usize, usize)>,
    open: &mut Vec<&'s str>,
) -> Result<(usize, usize), PromptError> {
    if let Some(known) = known.get(name) {
        return Ok(*known);
    }
    if let Some(start) = open.iter().position(|one| *one == name) {
        let circle = [&open[start..], &[name]].concat().join("` → `");
        return Err(PromptError::new(format!("partials include each other: `{circle}`")));
    }
    let Some(shape) = shapes.get(name) else { return Ok((0, 0)) };
    let too_deep = || {
        let message = format!("with its partials it is nested deeper than {PROMPT_NESTING_MAX} levels");
        Err(PromptError::new(message))
    };
    // Before going on: a chain of partials may have thousands.
    if open.len() > PROMPT_NESTING_MAX {
        return too_deep();
    }
    open.push(name);
    let (mut depth, mut elements) = (shape.depth, shape.elements);
    for include in &shape.includes {
        let inner = measure(&include.name, shapes, known, open)?;
        depth = depth.max(include.depth + 1 + inner.0);
        elements = elements.saturating_add(inner.1);
    }
    open.pop();
    if depth > PROMPT_NESTING_MAX {
        return too_deep();
    }
    if elements > PROMPT_EXPANSION_MAX {
        let message = format!("with its partials it has more than {PROMPT_EXPANSION_MAX} elements");
        return Err(PromptError::new(message));
    }
    known.insert(name, (depth, elements));
    Ok((depth, elements))
}
