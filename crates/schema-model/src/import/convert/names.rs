//! Names and types that can be used here, and the finished definition.

use std::collections::BTreeSet;

use super::{Draft, Drafts, Port, SectionDraft};
use crate::definition::{Attribute, Section, Step, TypeExpression, Workflow};
use crate::import::foreign::{ForeignAttribute, ForeignPort, ForeignSection, ForeignStep, ForeignWorkflow};
use crate::import::report::ImportReport;
use crate::limits::NAME_CHARS_MAX;
use crate::name::{is_attribute_name, slug};

/// Names that mean something else in every template.
const RESERVED: [&str; 8] = ["branch", "this", "true", "false", "null", "as", "else", "inputs"];

/// Numbers tried behind a name that is taken: real files have four equal names at most.
const SMALL_NUMBERS_MAX: usize = 20;

/// The first drafts: names, descriptions, types and ports.
pub(super) fn drafts(foreign: &ForeignWorkflow, report: &mut ImportReport) -> Drafts {
    let mut drafts = Drafts::default();
    // Names that can be used as they are are taken first, so that no other is changed into them.
    let (fit, others): (Vec<_>, Vec<_>) =
        foreign.attributes.iter().partition(|attribute| attribute_name(&attribute.name) == attribute.name);
    for attribute in fit.into_iter().chain(others) {
        declare(attribute, &mut drafts, report);
    }
    let mut taken = BTreeSet::from(["inputs".to_owned()]);
    let sections = in_order(&foreign.sections, |section| section.order, "workflow", "sections", report);
    for (at, section) in sections.into_iter().enumerate() {
        let name = usable(&section.name, &format!("Section {}", at + 1), &mut taken, "workflow", report);
        let section = section_draft(section, name, &mut drafts, report);
        drafts.sections.push(section);
    }
    drafts
}

fn section_draft(
    foreign: &ForeignSection,
    name: String,
    drafts: &mut Drafts,
    report: &mut ImportReport,
) -> SectionDraft {
    let mut taken = BTreeSet::new();
    let mut steps = Vec::new();
    for (at, step) in
        in_order(&foreign.steps, |step| step.order, &name, "steps", report).into_iter().enumerate()
    {
        let step_name = usable(&step.name, &format!("Step {}", at + 1), &mut taken, &name, report);
        steps.push(draft(step, step_name, &name, drafts, report));
    }
    if foreign.steps.is_empty() {
        report.info(name.clone(), "the section has no steps");
    }
    SectionDraft { name, description: with_notes(&foreign.description, &foreign.notes), steps }
}

fn draft(
    foreign: &ForeignStep,
    name: String,
    section: &str,
    drafts: &mut Drafts,
    report: &mut ImportReport,
) -> Draft {
    let place = format!("{section} / {name}");
    let mut ports = Vec::new();
    for port in once_each(&foreign.inputs, "input", &place, report) {
        let attribute = port_name(port, &place, drafts, report);
        ports.push(Port { attribute, alias: port.alias.clone(), is_optional: port.is_optional });
    }
    let outputs = once_each(&foreign.outputs, "output", &place, report);
    let outputs = outputs.into_iter().map(|port| port_name(port, &place, drafts, report)).collect();
    let step = Step {
        name,
        description: with_notes(&foreign.description, &foreign.notes),
        enabled: true,
        prompt_file: foreign.prompt_file.clone(),
        outputs,
        ..Step::default()
    };
    Draft { place, step, ports, ..Draft::default() }
}

/// In the order the file gives, which is nearly always the one it is written in.
fn in_order<'a, T>(
    parts: &'a [T],
    order: impl Fn(&T) -> Option<i64>,
    place: &str,
    what: &str,
    report: &mut ImportReport,
) -> Vec<&'a T> {
    let mut sorted: Vec<&T> = parts.iter().collect();
    sorted.sort_by_key(|part| order(part).unwrap_or(i64::MAX));
    if sorted.iter().zip(parts).any(|(sorted, written)| !std::ptr::eq(*sorted, written)) {
        report.changed(place, format!("its {what} stand in the order of their `order`, not of the file"));
    }
    sorted
}

/// A name with a letter or digit, not too long, and unlike its neighbours.
fn usable(
    name: &str,
    otherwise: &str,
    taken: &mut BTreeSet<String>,
    place: &str,
    report: &mut ImportReport,
) -> String {
    let short: String =
        name.chars().filter(|character| !character.is_control()).take(NAME_CHARS_MAX - 8).collect();
    let base = if slug(&short).is_empty() { otherwise } else { short.trim() };
    let free = free(base, " ", taken.len() + 2, |name| !taken.contains(&slug(name)));
    if free != name {
        let reason = if base == name { "a name that is taken" } else { "no usable name" };
        report.changed(place, format!("`{name}` is {reason} and becomes `{free}`"));
    }
    taken.insert(slug(&free));
    free
}

/// The name itself, or with a number behind it: small numbers first, and then one that nothing else can have.
pub(super) fn free(base: &str, gap: &str, beyond: usize, is_free: impl Fn(&str) -> bool) -> String {
    let numbers = (2..SMALL_NUMBERS_MAX.min(beyond)).chain(beyond..);
    let numbered = numbers.map(|number| format!("{base}{gap}{number}"));
    let mut names = std::iter::once(base.to_owned()).chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// A step name whose address none of the others has.
pub(super) fn free_name<'a>(base: &str, others: impl Iterator<Item = &'a String>) -> String {
    let taken: BTreeSet<String> = others.map(|name| slug(name)).collect();
    free(base, " ", taken.len() + 2, |name| !taken.contains(&slug(name)))
}

fn once_each<'a>(
    ports: &'a [ForeignPort],
    what: &str,
    place: &str,
    report: &mut ImportReport,
) -> Vec<&'a ForeignPort> {
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for port in ports {
        if seen.insert((port.attribute.name.as_str(), port.alias.as_deref())) {
            once.push(port);
        } else {
            report.changed(
                place,
                format!("the {what} `{}` stands twice and is taken once", port.attribute.name),
            );
        }
    }
    once
}

/// The attribute behind a port; one that is not declared is added.
fn port_name(port: &ForeignPort, place: &str, drafts: &mut Drafts, report: &mut ImportReport) -> String {
    if let Some(name) = drafts.renamed.get(&port.attribute.name) {
        let declared = drafts.attributes.get_mut(name);
        if let Some(declared) = declared.filter(|declared| declared.description.is_empty()) {
            declared.description.clone_from(&port.attribute.description);
        }
        differs(&port.attribute, name, drafts, place, report);
        return name.clone();
    }
    let name = declare(&port.attribute, drafts, report);
    report.changed(place, format!("`{name}` is not declared in the file, and is added as an attribute"));
    if let Some(declared) = drafts.attributes.get_mut(&name)
        && declared.description.is_empty()
    {
        "Not declared in the file it was imported from.".clone_into(&mut declared.description);
    }
    name
}

/// Lists what a port says differently from the attribute it is a copy of.
fn differs(copy: &ForeignAttribute, name: &str, drafts: &Drafts, place: &str, report: &mut ImportReport) {
    let Some(declared) = drafts.attributes.get(name) else { return };
    if !copy.type_name.is_empty() {
        let here = type_of(copy, place, &mut Vec::new(), &mut ImportReport::default());
        if here != declared.value_type {
            let said =
                if copy.is_array { format!("a list of {}", copy.type_name) } else { copy.type_name.clone() };
            report.left_out(place, format!("`{name}` is called {said} here; the table of attributes counts"));
        }
    }
    if !declared.description.contains(&copy.description) {
        let text = &copy.description;
        report.left_out(
            place,
            format!("`{name}` is described as `{text}` here; the table of attributes counts"),
        );
    }
}

/// Declares an attribute under a name that templates can use.
fn declare(foreign: &ForeignAttribute, drafts: &mut Drafts, report: &mut ImportReport) -> String {
    let place = format!("attribute {}", foreign.name);
    let base = attribute_name(&foreign.name);
    let count = drafts.attributes.len() + 2;
    let name = free(&base, "_", count, |name| !drafts.attributes.contains_key(name));
    if name != foreign.name {
        let reason =
            if base == foreign.name { "the name is taken" } else { "the name cannot be used in a template" };
        report.changed(place.clone(), format!("{reason} and becomes `{name}`"));
    }
    let mut notes = foreign.notes.clone();
    let value_type = type_of(foreign, &place, &mut notes, report);
    let description = with_notes(&foreign.description, &notes);
    drafts.attributes.insert(name.clone(), Attribute { description, value_type, ..Attribute::default() });
    drafts.renamed.insert(foreign.name.clone(), name.clone());
    name
}

/// The name an attribute of a file gets here, unless it is taken.
pub(in crate::import) fn attribute_name(foreign: &str) -> String {
    // `{{elsewhere}}` is `{{else where}}` to Handlebars.
    let is_reserved = |name: &str| RESERVED.contains(&name) || name.starts_with("else");
    if is_attribute_name(foreign) && !is_reserved(foreign) {
        return foreign.to_owned();
    }
    let word = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    let mut name: String = foreign.chars().take(NAME_CHARS_MAX - 8).map(word).collect();
    if !is_attribute_name(&name) || is_reserved(&name) {
        name.insert(0, '_');
    }
    name
}

fn type_of(
    foreign: &ForeignAttribute,
    place: &str,
    notes: &mut Vec<String>,
    report: &mut ImportReport,
) -> TypeExpression {
    let is_list = foreign.is_array || foreign.type_name == "array" || foreign.type_name.ends_with("[]");
    let kind = match foreign.type_name.trim_end_matches("[]") {
        "" | "string" | "text" | "array" | "symbol" => "string",
        "hash" | "object" | "json" => "object",
        "image" | "file" => "file",
        "integer" | "int" => "integer",
        "number" | "float" | "decimal" => "number",
        "boolean" | "bool" => "boolean",
        other => {
            notes.push(format!("type: {other}"));
            report.not_understood(place, format!("the type `{other}` is unknown here; it becomes `string`"));
            "string"
        }
    };
    let type_name = if is_list { format!("{kind}[]") } else { kind.to_owned() };
    let was = foreign.type_name.as_str();
    if was == "array" && !foreign.is_array {
        report.changed(place, format!("type `array` with `is_array: false` becomes `{type_name}`"));
    } else if matches!(was, "hash" | "image") {
        report.changed(place, format!("type `{was}` becomes `{type_name}`"));
    }
    TypeExpression::Name(type_name)
}

/// A description with what has no other place, a line each.
pub(super) fn with_notes(description: &str, notes: &[String]) -> String {
    if notes.is_empty() {
        return description.to_owned();
    }
    let gap = if description.is_empty() { "" } else { "\n\n" };
    format!("{description}{gap}Kept from the imported file:\n{}", notes.join("\n"))
}

pub(super) fn is_list(value_type: &TypeExpression) -> bool {
    matches!(value_type, TypeExpression::Name(name) if name.ends_with("[]"))
}

pub(super) fn element(value_type: &TypeExpression) -> String {
    match value_type {
        TypeExpression::Name(name) => name.trim_end_matches("[]").to_owned(),
        TypeExpression::Schema(_) => String::new(),
    }
}

/// The finished definition.
pub(super) fn workflow(foreign: &ForeignWorkflow, drafts: Drafts, report: &mut ImportReport) -> Workflow {
    let name = usable(&foreign.name, "imported workflow", &mut BTreeSet::new(), "workflow", report);
    let sections = drafts.sections.into_iter().map(|section| Section {
        name: section.name,
        description: section.description,
        enabled: true,
        steps: section.steps.into_iter().map(|draft| draft.step).collect(),
        ..Section::default()
    });
    Workflow {
        name,
        description: with_notes(&foreign.description, &[foreign.notes.as_slice(), &drafts.notes].concat()),
        attributes: drafts.attributes,
        partials: drafts.partials,
        sections: sections.collect(),
        ..Workflow::default()
    }
}
