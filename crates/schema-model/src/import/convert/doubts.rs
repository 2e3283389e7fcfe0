//! What is legal and probably not meant.

use std::collections::{BTreeMap, BTreeSet};

use super::prompts::similar;
use super::{Draft, Drafts, kind};
use crate::import::report::ImportReport;

/// Pairs of names compared: a hundred of each kind, many times over.
const NEAR_PAIRS_MAX: usize = 250_000;

/// Characters of the shortest name that can be a typing mistake.
const NEAR_NAME_CHARS_MIN: usize = 4;

/// Lists doubts.
pub(super) fn list(drafts: &Drafts, items: &BTreeMap<String, String>, report: &mut ImportReport) {
    let steps: Vec<&Draft> = drafts.steps().collect();
    let mut writers: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for draft in &steps {
        for output in &draft.step.outputs {
            writers.entry(output).or_default().push(draft);
        }
    }
    let mut read: BTreeSet<&str> =
        items.values().map(String::as_str).chain(items.keys().map(String::as_str)).collect();
    for draft in &steps {
        read.extend(draft.mentions.iter().map(String::as_str));
        read.extend(draft.step.inputs.iter().map(|input| input.attribute.as_str()));
        read.extend(draft.step.gather.iter().map(|gather| gather.name.as_str()));
        read.extend(draft.step.choice.from.iter().chain(&draft.step.choice.show).map(String::as_str));
    }
    near_names(&read, &writers, items, report);
    rewritten(&writers, report);
    for name in drafts.attributes.keys() {
        if !read.contains(name.as_str()) && !writers.contains_key(name.as_str()) {
            report.info(format!("attribute {name}"), "no step reads or writes it");
        }
    }
    for draft in &steps {
        if draft.has_prompt() && draft.step.outputs.is_empty() {
            report.info(draft.place.clone(), "it has no outputs; its answer is kept with the step run");
        }
    }
}

/// Attributes that nobody writes and that are nearly named like one that is written.
fn near_names(
    read: &BTreeSet<&str>,
    writers: &BTreeMap<&str, Vec<&Draft>>,
    items: &BTreeMap<String, String>,
    report: &mut ImportReport,
) {
    if read.len() * writers.len() > NEAR_PAIRS_MAX {
        return;
    }
    for name in read.iter().filter(|name| !writers.contains_key(**name) && !items.contains_key(**name)) {
        if name.len() < NEAR_NAME_CHARS_MIN {
            continue;
        }
        let others = writers
            .keys()
            .copied()
            .filter(|other| !kind::is_plural(other, name) && !kind::is_plural(name, other));
        if let Some(near) = similar(name, others) {
            let sentence = format!("no step writes it, and `{near}` is written; did the file mean that?");
            report.info(format!("attribute {name}"), sentence);
        }
    }
}

/// Attributes that several steps write without reading what was there.
fn rewritten(writers: &BTreeMap<&str, Vec<&Draft>>, report: &mut ImportReport) {
    for (name, steps) in writers.iter().filter(|(_, steps)| steps.len() > 1) {
        let place = format!("attribute {name}");
        let again = steps
            .iter()
            .skip(1)
            .any(|draft| !draft.needs().contains(name) && draft.step.choice.from.is_none());
        let prompts: BTreeSet<_> = steps.iter().filter_map(|draft| draft.step.prompt.as_ref()).collect();
        let with_prompt = steps.iter().filter(|draft| draft.has_prompt()).count();
        let count = steps.len();
        if prompts.len() < with_prompt {
            report.info(
                place,
                format!(
                    "{count} steps write it, some with the same prompt; readers see the last one before them"
                ),
            );
        } else if again {
            report.info(place, format!("{count} steps write it without reading what was there; readers see the last one before them"));
        } else {
            report.info(place, format!("{count} steps write it; readers see the last one before them"));
        }
    }
}
