//! What each step declares to read, and which attributes are asked for when a run starts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::apply::input;
use super::{Draft, Drafts};
use crate::import::report::ImportReport;

/// Declares inputs of steps and of the workflow.
pub(super) fn declare(drafts: &mut Drafts, items: &BTreeMap<String, String>, report: &mut ImportReport) {
    for section in &mut drafts.sections {
        for draft in &mut section.steps {
            ports(draft, items, report);
        }
    }
    run_inputs(drafts, items, report);
}

fn ports(draft: &mut Draft, items: &BTreeMap<String, String>, report: &mut ImportReport) {
    let gathered: BTreeSet<String> = draft.step.gather.iter().map(|gather| gather.name.clone()).collect();
    let mut unused = Vec::new();
    for port in &draft.ports {
        let name = port.alias.as_deref().unwrap_or(&port.attribute);
        let is_item = items.contains_key(&port.attribute) && name == port.attribute;
        let is_mentioned = draft.mentions.contains(&port.attribute);
        // What the prompt mentions is read without being declared.
        let is_plain = port.alias.is_none() && !port.is_optional;
        if is_item && (is_mentioned || !draft.has_prompt())
            || gathered.contains(name)
            || is_mentioned && is_plain
        {
            continue;
        }
        if draft.has_prompt() && !is_mentioned {
            unused.push(format!("`{}`", port.attribute));
        }
        draft.step.inputs.push(input(name, &port.attribute, port.is_optional));
    }
    if !unused.is_empty() {
        let sentence = format!("the prompt does not use {}: only shown, never waited for", unused.join(", "));
        report.info(draft.place.clone(), sentence);
    }
    undeclared(draft, items, &gathered, report);
}

/// What the prompt mentions and the step does not declare is read all the same, but not needed.
fn undeclared(
    draft: &mut Draft,
    items: &BTreeMap<String, String>,
    gathered: &BTreeSet<String>,
    report: &mut ImportReport,
) {
    let declared = |name: &String| draft.ports.iter().any(|port| port.attribute == *name);
    let is_new = |name: &&String| !declared(name) && !items.contains_key(*name) && !gathered.contains(*name);
    let added: Vec<String> = draft.mentions.iter().filter(is_new).cloned().collect();
    for name in added {
        let sentence =
            format!("the prompt reads `{name}`, which the step does not declare; it is an optional input");
        report.changed(draft.place.clone(), sentence);
        draft.step.inputs.push(input(&name, &name, true));
    }
}

/// Marks what is asked for when a run starts.
fn run_inputs(drafts: &mut Drafts, items: &BTreeMap<String, String>, report: &mut ImportReport) {
    let steps: Vec<&Draft> = drafts.steps().collect();
    let mut first_write: HashMap<&str, usize> = HashMap::new();
    for (at, draft) in steps.iter().enumerate() {
        for output in &draft.step.outputs {
            first_write.entry(output).or_insert(at);
        }
    }
    // By attribute: whether any step needs it, and whether it is read too early.
    let mut given: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for (at, draft) in steps.iter().enumerate() {
        for (name, is_needed) in reads(draft) {
            let is_early = match first_write.get(name) {
                Some(writer) if *writer >= at => true,
                Some(_) => continue,
                None => false,
            };
            if !items.contains_key(name) {
                let entry = given.entry(name.to_owned()).or_default();
                entry.0 |= is_needed;
                entry.1 |= is_early;
            }
        }
    }
    let mut asked = Vec::new();
    for (name, (is_needed, is_early)) in given {
        let Some(declared) = drafts.attributes.get_mut(&name) else { continue };
        declared.input = true;
        declared.optional = is_early || !is_needed;
        if is_early {
            let sentence = "it is read before it is first written: an optional input of the run";
            report.changed(format!("attribute {name}"), sentence);
        } else if !is_needed {
            report.info(
                format!("attribute {name}"),
                "no step writes it and no prompt uses it: an optional input of the run",
            );
        } else {
            asked.push(format!("`{name}`"));
        }
    }
    if !asked.is_empty() {
        report.info("workflow", format!("no step writes {}: asked for when a run starts", asked.join(", ")));
    }
}

/// Attributes a step reads, each with whether it needs it.
fn reads(draft: &Draft) -> Vec<(&str, bool)> {
    let step = &draft.step;
    let inputs = step.inputs.iter().map(|input| {
        let is_needed = !draft.has_prompt() || draft.mentions.contains(&input.attribute);
        (input.attribute.as_str(), is_needed)
    });
    let mentions = draft.mentions.iter().map(|name| (name.as_str(), true));
    let choice = step.choice.from.iter().chain(&step.choice.show).map(|name| (name.as_str(), true));
    let lists = step.spread.for_each.iter().map(|each| (each.list.as_str(), true));
    inputs.chain(mentions).chain(choice).chain(lists).collect()
}
