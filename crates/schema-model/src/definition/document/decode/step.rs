//! One step: its keys in the authored spelling and in the canonical one.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::fields::Fields;
use super::prompt::settings;
use super::{Decoder, value};
use crate::definition::document::code;
use crate::definition::document::tree::{Entry, Node};
use crate::definition::{Action, Step};
use crate::name::nearest;

impl Decoder<'_> {
    pub(super) fn step(&mut self, node: &Node, pointer: &str) -> Option<Step> {
        let mut fields = Fields::of(node, "step", &mut self.report)?;
        let at = |key: &str| format!("{pointer}/{key}");
        self.report.mark_value(pointer, node);
        let name = fields.need("name", "add `name: …`", &mut self.report);
        let name = self.read(name, &at("name"), value::name).unwrap_or_default();
        // The prompt comes first: what its front matter sets is overruled by the keys of the step.
        let prompt = self.prompt(&mut fields, pointer);
        let description = self.read(fields.take("description"), &at("description"), value::text);
        let action = fields.take("action").and_then(|entry| self.action(entry, &at("action")));
        let spread = self.spread(&mut fields, pointer);
        let select = fields.take("select").and_then(|entry| self.select(entry, &at("select")));
        // `select: …` says what the step does.
        let action = action.unwrap_or(if select.is_some() { Action::Select } else { Action::Prompt });
        let model = self.read(fields.take("model"), &at("model"), value::name);
        let parameters = self.parameters(&mut fields, &at("parameters"));
        self.overruled(&prompt.front, &settings(description.as_ref(), model.as_ref(), &parameters), pointer);
        let step = Step {
            name,
            description: description.or(prompt.front.about).unwrap_or_default(),
            action,
            enabled: self.read(fields.take("enabled"), &at("enabled"), value::boolean).unwrap_or(true),
            prompt: prompt.text,
            prompt_file: prompt.file,
            inputs: fields.take("inputs").map(|entry| self.inputs(entry, &at("inputs"))).unwrap_or_default(),
            outputs: self.names(fields.take("outputs"), &at("outputs")),
            model: model.or(prompt.front.model),
            parameters: parameters.or(&prompt.front.parameters),
            spread,
            when: self.read(fields.take("when"), &at("when"), value::name),
            variants: fields
                .take("variants")
                .map(|entry| self.variants(entry, &at("variants")))
                .unwrap_or_default(),
            samples: self.samples(fields.take("samples"), &at("samples")),
            gather: fields.take("gather").map(|entry| self.gather(entry, &at("gather"))).unwrap_or_default(),
            choice: self.choice(&mut fields, &at("choice")),
            select,
            assert: self.names(fields.take("assert"), &at("assert")),
            on_error: self.on_error(fields.take("on_error"), &at("on_error")),
            after: self.names(fields.take("after"), &at("after")),
            effect: self.read(fields.take("effect"), &at("effect"), value::boolean),
            retry: fields.take("retry").and_then(|entry| self.retry(entry, &at("retry"))),
            timeout_ms: self.delay(&mut fields, "timeout", "timeout_ms", pointer),
            with: self.with(fields.take("with"), &at("with")),
        };
        fields.finish(&mut self.report);
        Some(step)
    }

    pub(super) fn names(&mut self, entry: Option<&Entry>, pointer: &str) -> Vec<String> {
        entry.map(|entry| value::texts(&mut self.report, entry, pointer)).unwrap_or_default()
    }

    fn action(&mut self, entry: &Entry, pointer: &str) -> Option<Action> {
        let name = self.read(Some(entry), pointer, value::name)?;
        if Action::NOT_YET.contains(&name.as_str()) {
            let message = format!("the action `{name}` is not supported by this version");
            let near = nearest(&name, Action::BUILT_IN).unwrap_or("prompt");
            let built_in = Action::BUILT_IN.map(|name| format!("`{name}`")).join(", ");
            let fix =
                if near == "prompt" { format!("use one of {built_in}") } else { format!("use `{near}`") };
            self.report.error(code::NOT_SUPPORTED, &entry.value.span, message).fix(fix);
        }
        Some(Action::from(name))
    }

    fn with(&mut self, entry: Option<&Entry>, pointer: &str) -> BTreeMap<String, Json> {
        let Some(entry) = entry else { return BTreeMap::new() };
        self.report.mark(pointer, entry);
        let Some(mut fields) = Fields::of(&entry.value, "map of settings", &mut self.report) else {
            return BTreeMap::new();
        };
        let entries = fields.take_rest();
        for entry in &entries {
            self.report.mark(&format!("{pointer}/{}", super::escape(&entry.key)), entry);
        }
        entries.into_iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect()
    }
}
