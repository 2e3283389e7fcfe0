//! The helpers that give values: functions from JSON to JSON.

use std::cmp::Ordering;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy as _, Output, PathAndJson,
    RenderContext, RenderError, RenderErrorReason, Renderable as _, ScopedJson,
};
use serde_json::Value as Json;

use super::date::{Date, FORMAT_DEFAULT};
use super::value::{compare, equal, join, show};

type Function = fn(&[&Json]) -> Result<Json, String>;

/// A helper made of a function. Values that may be missing come to it as null.
struct ValueHelper(Function);

/// Makes every value helper known.
pub(super) fn register(registry: &mut Handlebars<'static>) {
    for (name, function) in FUNCTIONS {
        registry.register_helper(name, Box::new(ValueHelper(*function)));
    }
    registry.register_helper("json", Box::new(JsonHelper));
}

/// The number of parameters is checked when the template is compiled.
const FUNCTIONS: &[(&str, Function)] = &[
    ("join", |params| Ok(Json::String(join_with(params[0], params.get(1).copied())))),
    ("default", |params| Ok(if is_empty(params[0]) { params[1].clone() } else { params[0].clone() })),
    ("truncate", |params| truncate(params[0], params[1])),
    ("lines", |params| Ok(lines(params[0]))),
    ("lookup", |params| Ok(lookup(params[0], params[1]))),
    ("len", |params| Ok(Json::from(length(params[0])))),
    ("eq", |params| Ok(Json::Bool(equal(params[0], params[1])))),
    ("ne", |params| Ok(Json::Bool(!equal(params[0], params[1])))),
    ("gt", |params| Ok(Json::Bool(compare(params[0], params[1]).is_some_and(Ordering::is_gt)))),
    ("gte", |params| Ok(Json::Bool(compare(params[0], params[1]).is_some_and(Ordering::is_ge)))),
    ("lt", |params| Ok(Json::Bool(compare(params[0], params[1]).is_some_and(Ordering::is_lt)))),
    ("lte", |params| Ok(Json::Bool(compare(params[0], params[1]).is_some_and(Ordering::is_le)))),
    ("and", |params| Ok(Json::Bool(params.iter().all(|value| value.is_truthy(false))))),
    ("or", |params| Ok(Json::Bool(params.iter().any(|value| value.is_truthy(false))))),
    ("not", |params| Ok(Json::Bool(!params[0].is_truthy(false)))),
    ("upper", |params| Ok(Json::String(show(params[0]).to_uppercase()))),
    ("lower", |params| Ok(Json::String(show(params[0]).to_lowercase()))),
    ("date", |params| Ok(date(params[0], params.get(1).copied()))),
];

impl HelperDef for ValueHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let params: Vec<&Json> = helper.params().iter().map(PathAndJson::value).collect();
        let value = (self.0)(&params).map_err(RenderErrorReason::Other)?;
        Ok(ScopedJson::Derived(value))
    }

    /// As a block: the body for a true value, the `else` for any other.
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        rendering: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = self.call_inner(helper, registry, context, rendering)?;
        let body = if value.as_json().is_truthy(false) { helper.template() } else { helper.inverse() };
        body.map_or(Ok(()), |body| body.render(registry, context, rendering, out))
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

fn join_with(list: &Json, separator: Option<&Json>) -> String {
    let separator = separator.map_or_else(|| ", ".to_owned(), show);
    match list {
        Json::Array(items) => join(items, &separator),
        single => show(single),
    }
}

/// At most `chars` characters; a text that was cut ends with `…`. Without a number it stays whole.
fn truncate(value: &Json, chars: &Json) -> Result<Json, String> {
    let text = show(value);
    let chars = match chars {
        Json::Null => return Ok(Json::String(text)),
        // What is below zero is zero, and of 2.5 characters 2 are shown.
        number => number.as_f64().ok_or("`truncate` takes a number of characters")? as u64,
    };
    let chars = usize::try_from(chars).unwrap_or(usize::MAX);
    if chars == 0 || text.chars().nth(chars).is_none() {
        return Ok(Json::String(if chars == 0 { String::new() } else { text }));
    }
    Ok(Json::String(text.chars().take(chars - 1).chain(['…']).collect()))
}

/// The lines of a text that are not blank, as a list. A list stays what it is.
fn lines(value: &Json) -> Json {
    match value {
        Json::Array(_) => value.clone(),
        other => show(other).lines().filter(|line| !line.trim().is_empty()).map(Json::from).collect(),
    }
}

/// An item of a list, counted from 0, or a field of an object; null when it is not there.
fn lookup(value: &Json, key: &Json) -> Json {
    let found = match (value, key) {
        (Json::Array(items), Json::Number(index)) => {
            index.as_u64().and_then(|index| items.get(usize::try_from(index).ok()?))
        }
        (Json::Object(fields), Json::String(name)) => fields.get(name),
        _ => None,
    };
    found.cloned().unwrap_or_default()
}

/// Items, fields, or characters.
fn length(value: &Json) -> usize {
    match value {
        Json::Null => 0,
        Json::Array(items) => items.len(),
        Json::Object(fields) => fields.len(),
        other => show(other).chars().count(),
    }
}

/// A text that is no date stays as it is: models write "soon".
fn date(value: &Json, format: Option<&Json>) -> Json {
    let text = show(value);
    let format = format.map_or_else(|| FORMAT_DEFAULT.to_owned(), show);
    Json::String(Date::parse(&text).map_or(text, |date| date.format(&format)))
}

/// `{{json value}}` in one line, `{{json value pretty=true}}` indented; keys are sorted.
struct JsonHelper;

impl HelperDef for JsonHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = helper.param(0).map_or(&Json::Null, PathAndJson::value);
        let pretty = helper.hash_get("pretty").is_some_and(|pretty| pretty.value().is_truthy(false));
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        Ok(ScopedJson::Derived(Json::String(text)))
    }
}
