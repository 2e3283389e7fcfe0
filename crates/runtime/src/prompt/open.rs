//! Values whose types leave open what is in them. A field that is read from a list is an error of Handlebars; where no
//! type could have told that there is a list, it is nothing, like any other field that is not there.

use handlebars::template::TemplateElement;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable as _, ScopedJson,
};
use serde_json::Value as Json;

use super::output::no_value;
use super::scope::Scope;

fn is_field_of_list(error: &RenderError) -> bool {
    matches!(error.reason(), RenderErrorReason::InvalidJsonIndex(_))
}

/// Renders what may read a field of a list: an expression, whose `else` body is the same without that error, or a
/// block behind its guard, whose own `else` body stands for nothing to go into.
///
/// What stands within the block is attempted by itself, so an error that comes out of it is one of its parameters, and
/// nothing has been written.
pub(super) struct AttemptHelper<'s>(pub(super) &'s Scope);

impl HelperDef for AttemptHelper<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        rendering: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let (Some(body), Some(instead)) = (helper.template(), helper.inverse()) else { return Ok(()) };
        match body.render(registry, context, rendering, out) {
            Err(error) if self.0.is_open && is_field_of_list(&error) => {}
            done => return done,
        }
        let inner = match body.elements.last() {
            Some(TemplateElement::HelperBlock(block)) => block.inverse.as_ref(),
            _ => Some(instead),
        };
        inner.map_or(Ok(()), |inner| inner.render(registry, context, rendering, out))
    }
}

/// Reads a path that is given as a text.
pub(super) struct LookHelper<'s>(pub(super) &'s Scope);

impl HelperDef for LookHelper<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        rendering: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let path = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
        let is_required = helper.hash_get("required").is_some();
        match rendering.evaluate(context, path) {
            Ok(ScopedJson::Missing) if is_required && !self.0.may_be_absent(path) => Err(no_value(path)),
            Err(error) if self.0.is_open && is_field_of_list(&error) => Ok(ScopedJson::Derived(Json::Null)),
            found => found,
        }
    }
}
