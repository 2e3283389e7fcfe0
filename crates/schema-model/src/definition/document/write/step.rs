//! A step in the authored short forms.

use std::collections::BTreeSet;

use super::{Writer, flow, push_number, push_parameters, push_text};
use crate::definition::document::duration::{DURATION_MS_MAX, write_ms};
use crate::definition::document::write::emit::Out;
use crate::definition::{Action, Choice, Gather, Input, Retry, Step};

impl Writer {
    pub(super) fn step(&mut self, step: &Step, section_slug: &str) -> Out {
        let mut entries = vec![("name".to_owned(), Out::text(&step.name))];
        push_text(&mut entries, "description", &step.description);
        if step.action != Action::Prompt {
            entries.push(("action".to_owned(), Out::text(step.action.name())));
        }
        if !step.enabled {
            entries.push(("enabled".to_owned(), Out::Raw("false".to_owned())));
        }
        flow::push_step_head(&mut entries, step);
        if !step.gather.is_empty() {
            entries.push(("gather".to_owned(), gather(&step.gather)));
        }
        if !step.inputs.is_empty() {
            entries.push(("inputs".to_owned(), inputs(&step.inputs)));
        }
        entries.extend(self.prompt(step, section_slug));
        push_choice(&mut entries, &step.choice);
        if !step.outputs.is_empty() {
            entries.push(("outputs".to_owned(), Out::names(&step.outputs)));
        }
        push_text(&mut entries, "model", step.model.as_deref().unwrap_or_default());
        push_parameters(&mut entries, &step.parameters);
        flow::push_step_tail(&mut entries, step);
        entries.extend(step.retry.as_ref().map(|again| ("retry".to_owned(), retry(again))));
        entries.extend(step.timeout_ms.map(|timeout_ms| duration("timeout", timeout_ms)));
        if !step.with.is_empty() {
            let with = step.with.iter().map(|(key, value)| (key.clone(), Out::json(value))).collect();
            entries.push(("with".to_owned(), Out::Map(with)));
        }
        Out::Map(entries)
    }
}

fn inputs(inputs: &[Input]) -> Out {
    let is_plain = |input: &Input| !input.name.ends_with('?') && !input.attribute.ends_with('?');
    let marked =
        |input: &Input| Out::text(&format!("{}{}", input.attribute, if input.optional { "?" } else { "" }));
    if inputs.iter().all(|input| is_plain(input) && input.name == input.attribute) {
        return Out::Flow(inputs.iter().map(marked).collect());
    }
    let names: BTreeSet<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    if names.len() == inputs.len() && inputs.iter().all(is_plain) {
        return Out::FlowMap(inputs.iter().map(|input| (input.name.clone(), marked(input))).collect());
    }
    let entry = |input: &Input| {
        let mut entries = vec![
            ("attribute".to_owned(), Out::text(&input.attribute)),
            ("name".to_owned(), Out::text(&input.name)),
        ];
        if input.optional {
            entries.push(("optional".to_owned(), Out::Raw("true".to_owned())));
        }
        Out::FlowMap(entries)
    };
    Out::List(inputs.iter().map(entry).collect())
}

fn gather(gathers: &[Gather]) -> Out {
    if gathers.iter().all(|gather| gather.attributes == [gather.name.clone()]) {
        return Out::Flow(gathers.iter().map(|gather| Out::text(&gather.name)).collect());
    }
    let names: BTreeSet<&str> = gathers.iter().map(|gather| gather.name.as_str()).collect();
    if names.len() == gathers.len() {
        let value = |gather: &Gather| match gather.attributes.as_slice() {
            [one] => Out::text(one),
            several => Out::names(several),
        };
        return Out::FlowMap(gathers.iter().map(|gather| (gather.name.clone(), value(gather))).collect());
    }
    let entry = |gather: &Gather| {
        let name = ("name".to_owned(), Out::text(&gather.name));
        Out::FlowMap(vec![name, ("attributes".to_owned(), Out::names(&gather.attributes))])
    };
    Out::List(gathers.iter().map(entry).collect())
}

fn push_choice(entries: &mut Vec<(String, Out)>, choice: &Choice) {
    push_text(entries, "from", choice.from.as_deref().unwrap_or_default());
    if !choice.show.is_empty() {
        entries.push(("show".to_owned(), Out::names(&choice.show)));
    }
    push_number(entries, "min", choice.min);
    push_number(entries, "max", choice.max);
    push_number(entries, "own_text", choice.own_text);
    push_number(entries, "default", choice.default.clone());
}

fn retry(retry: &Retry) -> Out {
    let attempts = Out::Raw(retry.attempts.to_string());
    match retry.delay_ms {
        None => attempts,
        Some(delay_ms) => Out::FlowMap(vec![("attempts".to_owned(), attempts), duration("delay", delay_ms)]),
    }
}

/// A duration with its unit, or in milliseconds when it is longer than durations may be.
fn duration(key: &str, milliseconds: u64) -> (String, Out) {
    if milliseconds > DURATION_MS_MAX {
        return (format!("{key}_ms"), Out::Raw(milliseconds.to_string()));
    }
    (key.to_owned(), Out::Raw(write_ms(milliseconds)))
}
