//! Rules about names: usable, unique, and in bounds.

use std::collections::HashMap;

use super::report::{Report, attribute_pointer};
use super::symbol::Symbols;
use super::{Place, code};
use crate::definition::{ForEach, Step, Workflow};
use crate::limits::{ATTRIBUTES_MAX, NAME_CHARS_MAX, SECTIONS_MAX, STEPS_MAX};
use crate::name::{is_attribute_name, slug};

/// Names that mean something else in every template.
const RESERVED: [&str; 7] = ["branch", "this", "true", "false", "null", "as", "else"];

/// Whether a name means something else in every template.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Checks the names of sections and steps, and how many there are.
pub(super) fn check(workflow: &Workflow, report: &mut Report<'_>) {
    usable(&workflow.name, "/name", report);
    let mut sections = HashMap::from([("inputs".to_owned(), None)]);
    for (section_at, section) in workflow.sections.iter().enumerate() {
        let pointer = format!("/sections/{section_at}/name");
        if let Some(slug) = usable(&section.name, &pointer, report) {
            unique(&section.name, slug, &pointer, &mut sections, true, report);
        }
        // Sections with `for_each` and `repeat` have steps of their own by these names.
        let mut steps = HashMap::new();
        steps.extend(section.spread.for_each.iter().map(|_| ("each".to_owned(), None)));
        steps.extend(section.repeat.iter().map(|_| ("until".to_owned(), None)));
        for (step_at, step) in section.steps.iter().enumerate() {
            let pointer = format!("/sections/{section_at}/steps/{step_at}");
            let name_pointer = format!("{pointer}/name");
            if let Some(slug) = usable(&step.name, &name_pointer, report) {
                unique(&step.name, slug, &name_pointer, &mut steps, false, report);
            }
            ports(step, &pointer, report);
        }
    }
    counts(workflow, report);
}

fn usable(name: &str, pointer: &str, report: &mut Report<'_>) -> Option<String> {
    let slug = slug(name);
    if name.is_empty() && report.is_from_files() {
        // That it is missing was said when the file was read.
        return None;
    }
    if slug.is_empty() {
        let message = format!("the name `{name}` has no letter and no digit");
        let fix = "give it a name that can be part of an address";
        report.add(code::NAME_WITHOUT_LETTERS, message, [report.value(pointer, "")], fix);
        return None;
    }
    let count = name.chars().count();
    if count > NAME_CHARS_MAX {
        let message = format!("the name has {count} characters, at most {NAME_CHARS_MAX} are allowed");
        report.add(code::TOO_LARGE, message, [report.value(pointer, "")], "move the rest to `description`");
    }
    Some(slug)
}

fn unique(
    name: &str,
    slug: String,
    pointer: &str,
    seen: &mut HashMap<String, Option<String>>,
    is_section: bool,
    report: &mut Report<'_>,
) {
    let Some(first) = seen.get(&slug) else {
        seen.insert(slug, Some(pointer.to_owned()));
        return;
    };
    let (code, kind) = if is_section {
        (code::DUPLICATE_SECTION, "section")
    } else {
        (code::DUPLICATE_STEP, "step of this section")
    };
    let (message, earlier) = match first {
        Some(first) => {
            (format!("another {kind} has the address `{slug}`"), report.value(first, "the first one"))
        }
        None => (
            format!(
                "`{name}` has the address `{slug}`, which belongs to {}",
                if is_section { "the run inputs" } else { "the section itself" }
            ),
            None,
        ),
    };
    report.add(code, message, [report.value(pointer, ""), earlier], "give one of them another name");
}

/// Names a step gives to what it reads and writes.
fn ports(step: &Step, pointer: &str, report: &mut Report<'_>) {
    let outputs = step.outputs.iter().enumerate().map(|(at, name)| (name, format!("{pointer}/outputs/{at}")));
    twice(outputs, code::DUPLICATE_OUTPUT, "output", report);
    let inputs =
        step.inputs.iter().enumerate().map(|(at, input)| (&input.name, format!("{pointer}/inputs/{at}")));
    let gathers =
        step.gather.iter().enumerate().map(|(at, gather)| (&gather.name, format!("{pointer}/gather/{at}")));
    let item = step.spread.for_each.iter().map(|each| (&each.item, format!("{pointer}/for_each")));
    let read: Vec<_> = item.chain(inputs).chain(gathers).collect();
    for (name, pointer) in &read {
        if !is_usable(name) {
            attribute_name(name, report.value(pointer, ""), report);
        }
    }
    twice(read.into_iter(), code::DUPLICATE_INPUT, "input", report);
}

fn twice<'a>(
    names: impl Iterator<Item = (&'a String, String)>,
    code: super::Code,
    kind: &str,
    report: &mut Report<'_>,
) {
    let mut seen: HashMap<&str, String> = HashMap::new();
    for (name, pointer) in names {
        if let Some(first) = seen.get(name.as_str()) {
            let places = [report.value(&pointer, ""), report.value(first, "the first one")];
            report.add(
                code,
                format!("the {kind} `{name}` is named twice"),
                places,
                "remove one of them, or rename it",
            );
        } else {
            seen.insert(name, pointer);
        }
    }
}

/// Checks the names of attributes, and items that are written.
pub(super) fn check_attributes(workflow: &Workflow, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    for symbol in symbols.all.iter().filter(|symbol| !is_usable(symbol.name) && !symbol.is_item) {
        let place = match symbol.writers.first().or(symbol.disabled_writer.as_ref()) {
            _ if symbol.declared.is_some() => report.key(&attribute_pointer(symbol.name), ""),
            Some(writer) => report.value(writer, ""),
            None => None,
        };
        attribute_name(symbol.name, place, report);
    }
    for (section_at, section) in workflow.sections.iter().enumerate() {
        let pointer = format!("/sections/{section_at}");
        if let Some(each) = &section.spread.for_each {
            if !is_usable(&each.item) {
                attribute_name(&each.item, report.value(&format!("{pointer}/for_each/item"), ""), report);
            }
            item(each, &pointer, symbols, report);
        }
        for (step_at, step) in section.steps.iter().enumerate() {
            if let Some(each) = &step.spread.for_each {
                item(each, &format!("{pointer}/steps/{step_at}"), symbols, report);
            }
        }
    }
}

/// An item is bound by its fan-out, and by nothing else.
fn item(each: &ForEach, pointer: &str, symbols: &Symbols<'_>, report: &mut Report<'_>) {
    let Some(symbol) = symbols.get(&each.item) else { return };
    if symbol.is_marked_input() || symbol.has_default() {
        let message = format!(
            "`{}` is bound to the elements of `{}`, so it has no value when a run starts",
            each.item, each.list
        );
        let place = report.key(&attribute_pointer(symbol.name), "");
        let fix = "remove its `input` and `default`, or give the item another name";
        report.add(code::ITEM_IS_WRITTEN, message, [place], fix);
    }
    let Some(writer) = symbol.writers.first().or(symbol.disabled_writer.as_ref()) else { return };
    let place = report.value(&format!("{pointer}/for_each/item"), "");
    let message =
        format!("`{}` is bound to the elements of `{}`, so no step may write it", each.item, each.list);
    let places = [place, report.value(writer, "written here")];
    report.add(code::ITEM_IS_WRITTEN, message, places, "give the item or the output another name");
}

fn is_usable(name: &str) -> bool {
    is_attribute_name(name) && !RESERVED.contains(&name)
}

fn attribute_name(name: &str, place: Option<Place>, report: &mut Report<'_>) {
    let message = if RESERVED.contains(&name) {
        format!("`{name}` has a meaning of its own in templates")
    } else {
        format!("`{name}` cannot be the name of a value")
    };
    let suggestion = slug(name).replace('-', "_");
    let fix = if RESERVED.contains(&name) {
        "give it another name".to_owned()
    } else if is_usable(&suggestion) {
        format!("write `{suggestion}`")
    } else {
        "use letters, digits and `_`, beginning with a letter".to_owned()
    };
    report.add(code::ATTRIBUTE_NAME, message, [place], fix);
}

fn counts(workflow: &Workflow, report: &mut Report<'_>) {
    let steps: usize = workflow.sections.iter().map(|section| section.steps.len()).sum();
    // That they are missing was said when the file was read.
    let is_written = |(at, _): (usize, _)| report.is_written(&format!("/sections/{at}/steps"));
    let is_said = report.is_from_files()
        && (!report.is_written("/sections") || !workflow.sections.iter().enumerate().all(is_written));
    if steps == 0 && !is_said {
        let place = report.value("/sections", "");
        report.add(code::NO_STEPS, "the workflow has no steps", [place], "add a section with a step");
    }
    let bounds = [
        ("sections", "/sections", workflow.sections.len(), SECTIONS_MAX),
        ("steps", "/sections", steps, STEPS_MAX),
        ("attributes", "/attributes", workflow.attributes.len(), ATTRIBUTES_MAX),
    ];
    for (kind, pointer, count, max) in bounds.into_iter().filter(|(_, _, count, max)| count > max) {
        let message = format!("the workflow has {count} {kind}, at most {max} are allowed");
        report.add(code::TOO_LARGE, message, [report.key(pointer, "")], "split it into several workflows");
    }
}
