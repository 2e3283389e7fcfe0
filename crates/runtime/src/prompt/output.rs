//! Where rendered text goes: into messages, of which `role` begins the next one.
//!
//! The helpers and the sink share their state, so a message boundary is an event and never a mark in the text that a
//! value could imitate.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use branchline_schema_model::limits::RENDERED_PROMPT_BYTES_MAX;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, ScopedJson,
};
use serde_json::Value as Json;

use super::scope::Scope;
use super::value::show;
use crate::provider::Role;

/// The state of one rendering.
#[derive(Default)]
pub(super) struct Rendering {
    /// Messages so far.
    pub(super) parts: Vec<(Role, String)>,
    /// Absent optional inputs that were to be shown.
    pub(super) missing: BTreeSet<String>,
    bytes: usize,
}

/// The sink of a rendering.
#[derive(Clone)]
pub(super) struct Sink(Arc<Mutex<Rendering>>);

impl Sink {
    /// A sink whose first message is the user's, for prompts that say nothing about roles.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Rendering {
            parts: vec![(Role::User, String::new())],
            ..Rendering::default()
        })))
    }

    /// What was rendered; leaves nothing behind.
    pub(super) fn take(&self) -> Rendering {
        self.with(std::mem::take)
    }

    fn with<T>(&self, action: impl FnOnce(&mut Rendering) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Output for Sink {
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.with(|rendering| {
            rendering.bytes += text.len();
            if rendering.bytes > RENDERED_PROMPT_BYTES_MAX {
                return Err(io::Error::other(format!(
                    "it renders to more than {RENDERED_PROMPT_BYTES_MAX} bytes"
                )));
            }
            if let Some((_, content)) = rendering.parts.last_mut() {
                content.push_str(text);
            }
            Ok(())
        })
    }
}

/// `{{role "system"}}`.
pub(super) struct RoleHelper(pub(super) Sink);

impl HelperDef for RoleHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        let role = match helper.param(0).and_then(|param| param.value().as_str()) {
            Some("system") => Role::System,
            Some("assistant") => Role::Assistant,
            // The compiler lets only the three names through.
            _ => Role::User,
        };
        self.0.with(|rendering| rendering.parts.push((role, String::new())));
        Ok(())
    }
}

/// Writes a value: what every `{{…}}` becomes.
pub(super) struct ShowHelper<'s>(pub(super) Sink, pub(super) &'s Scope);

impl HelperDef for ShowHelper<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let Some(param) = helper.param(0) else { return Ok(()) };
        let path = param.relative_path().map_or("", String::as_str);
        if param.is_value_missing() && !self.1.may_be_absent(path) {
            return Err(no_value(path));
        }
        if let Some(name) = self.1.absent_root(path).filter(|_| param.value().is_null()) {
            self.0.with(|rendering| rendering.missing.insert(name.to_owned()));
        }
        match param.value() {
            Json::String(text) => out.write(text)?,
            other => out.write(&show(other))?,
        }
        Ok(())
    }
}

/// Stands before `each` and `with`, which take anything in silence, and refuses what they cannot walk.
pub(super) struct ExpectHelper<'s>(pub(super) &'s Scope);

impl HelperDef for ExpectHelper<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        let Some(param) = helper.param(0) else { return Ok(()) };
        let path = param.relative_path().map_or("", String::as_str);
        match param.value() {
            _ if param.is_value_missing() && !self.0.may_be_absent(path) => Err(no_value(path)),
            Json::Bool(_) | Json::Number(_) | Json::String(_)
                if !self.0.is_open && helper.hash_get("list").is_some() =>
            {
                let what = if path.is_empty() { "the value".to_owned() } else { format!("`{path}`") };
                Err(RenderErrorReason::Other(format!(
                    "`each` needs a list or an object, and {what} is neither"
                ))
                .into())
            }
            _ => Ok(()),
        }
    }
}

/// Passes a value on to a helper that cannot do without.
pub(super) struct RequireHelper<'s>(pub(super) &'s Scope);

impl HelperDef for RequireHelper<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let Some(param) = helper.param(0) else { return Ok(ScopedJson::Missing) };
        let path = param.relative_path().map_or("", String::as_str);
        if param.is_value_missing() && !self.0.may_be_absent(path) {
            return Err(no_value(path));
        }
        Ok(ScopedJson::Derived(param.value().clone()))
    }
}

pub(super) fn no_value(path: &str) -> RenderError {
    RenderErrorReason::Other(format!("`{path}` has no value")).into()
}
