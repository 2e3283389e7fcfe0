//! The picture for a terminal: sections as headings, one step a line, deeper where branches are.

use std::fmt::Write as _;

use super::Layer;
use super::data;
use super::flow::EdgeKind;
use super::step;
use super::traffic::{Generation, Traffic, TransferKind, generations_of, number, reads};
use crate::plan::{Plan, PlanRead, PlanStep, ReadRole, ReadSource, RunInput, SectionIndex, StepIndex};

/// One line of the picture before it is aligned: a mark, columns, and a rest that needs no column.
struct Line {
    section: usize,
    mark: &'static str,
    columns: Vec<String>,
    rest: String,
}

pub(super) fn render(plan: &Plan, layer: Layer, traffic: &Traffic) -> String {
    let lines: Vec<Line> = plan
        .steps
        .iter()
        .flat_map(|step| match layer {
            Layer::Control => vec![step_line(plan, traffic, step)],
            Layer::Data => data_lines(plan, traffic, step),
        })
        .collect();
    let mut picture = format!("{}\n", plan.workflow);
    for (section, name) in step::sections(plan).iter().enumerate() {
        push(&mut picture, &format!("\n{name}"));
        if section == plan.sections.len() {
            let names: Vec<&str> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
            push(&mut picture, &format!("{}  {}", sign(traffic.results_mark().sign()), names.join(", ")));
        } else if section == 0
            && plan.run_inputs().next().is_none()
            && !lines.iter().any(|one| one.section == 0)
        {
            push(&mut picture, "  (none)");
        }
        push_lines(&mut picture, &lines, section);
    }
    push_legend(&mut picture, plan, traffic);
    picture
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{}", line.trim_end());
}

/// Columns are as wide as they have to be anywhere in the picture; a line with one column does not widen it.
fn push_lines(picture: &mut String, lines: &[Line], section: usize) {
    let width = |column: usize| {
        let in_columns = lines.iter().filter(|line| line.columns.len() > 1);
        in_columns
            .filter_map(|line| line.columns.get(column))
            .map(|text| text.chars().count())
            .max()
            .unwrap_or(0)
    };
    for line in lines.iter().filter(|line| line.section == section) {
        let padded = line.columns.iter().enumerate().map(|(at, text)| match line.columns.len() {
            1 => text.clone(),
            _ => format!("{text:width$}", width = width(at)),
        });
        let text: Vec<String> = padded.chain([line.rest.clone()]).collect();
        push(picture, &format!("{}{}", sign(line.mark), text.join("  ")));
    }
}

/// The mark in front of a line.
fn sign(mark: &str) -> String {
    format!("{mark:1} ")
}

fn push_legend(picture: &mut String, plan: &Plan, traffic: &Traffic) {
    if let Some(attribute) = traffic.attribute {
        let name = &plan.attribute(attribute).name;
        push(picture, &format!("\n● {name}, and what writes or reads it   ○ what is made from it"));
    }
}

fn step_line(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> Line {
    let is_inputs = step.index == StepIndex::INPUTS;
    let person = if step.action.is_human() && !is_inputs { " (a person)" } else { "" };
    let disabled = if step.enabled { "" } else { " (disabled)" };
    let times = step::times(plan, step);
    let space = if times.is_empty() { "" } else { " " };
    let rest = if is_inputs { run_inputs(plan) } else { data_flow(plan, traffic, step) };
    Line {
        section: step.section.get(),
        mark: traffic.step_mark(step.index).sign(),
        columns: vec![
            if is_inputs || step.action.is_implicit() { String::new() } else { number(plan, step.index) },
            format!("{}{}", "  ".repeat(step.scope.len()), step.slug),
            format!("{}{person}{space}{times}{disabled}", step.action),
        ],
        rest,
    }
}

fn run_inputs(plan: &Plan) -> String {
    let name = |name: &str, input: RunInput| format!("{name}{}", if input.required { "" } else { "?" });
    let names: Vec<String> =
        plan.run_inputs().map(|(attribute, input)| name(&attribute.name, input)).collect();
    if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
}

/// `for each item in list: reads → writes`.
fn data_flow(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> String {
    let writes: Vec<&str> =
        step.writes.iter().map(|attribute| plan.attribute(*attribute).name.as_str()).collect();
    let opening = opening(plan, step);
    let arrow = if writes.is_empty() { "" } else { " → " };
    let reads = reads_in_words(plan, traffic, step);
    format!("{opening}{reads}{arrow}{}", writes.join(", ")).trim().trim_end_matches(':').to_owned()
}

/// `when …; for each item in list: `, or nothing.
fn opening(plan: &Plan, step: &PlanStep) -> String {
    let remarks = step::remarks(plan, step);
    if remarks.is_empty() { String::new() } else { format!("{}: ", remarks.join("; ")) }
}

/// What a step reads beside the list it fans out over and what its conditions name, which its opening says.
fn reads_in_words(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> String {
    let is_named = |read: &&PlanRead| !matches!(read.role, ReadRole::ForEach | ReadRole::Condition);
    let mut names: Vec<String> = Vec::new();
    for name in reads(plan, step).filter(is_named).map(|read| read_name(plan, traffic, read)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// `tone?`, `all verdict`, `chapters (2.2)`, `notes (3.1 or 2.4)`, `feedback (2.4 before)`.
fn read_name(plan: &Plan, traffic: &Traffic, read: &PlanRead) -> String {
    let generations = generations_of(plan, read);
    let names = read.source.attributes().into_iter().map(|attribute| {
        let of_attribute = generations.iter().filter(|(generation, _)| generation.attribute == attribute);
        match of_attribute.collect::<Vec<_>>().as_slice() {
            [] => plan.attribute(attribute).name.clone(),
            [(one, kind)] if *kind != TransferKind::Earlier => traffic.label(plan, *one),
            several => {
                let numbers: Vec<String> = several
                    .iter()
                    .map(|(one, kind)| match kind {
                        TransferKind::Earlier => format!("{} before", number(plan, one.writer)),
                        _ => number(plan, one.writer),
                    })
                    .collect();
                format!("{} ({})", plan.attribute(attribute).name, numbers.join(" or "))
            }
        }
    });
    let gathered = if matches!(read.source, ReadSource::Gather { .. }) { "all " } else { "" };
    let names = names.collect::<Vec<_>>().join(" with ");
    format!("{gathered}{names}{}", if read.optional { "?" } else { "" })
}

/// The step with what it reads, and a line for each value it writes.
fn data_lines(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> Vec<Line> {
    let is_inputs = step.index == StepIndex::INPUTS;
    let reads = reads_in_words(plan, traffic, step);
    let opening = opening(plan, step);
    let arrow = if reads.is_empty() && opening.is_empty() { "" } else { "← " };
    let disabled = if step.enabled { "" } else { " (disabled)" };
    let indent = "  ".repeat(step.scope.len());
    let head = Line {
        section: step.section.get(),
        mark: traffic.step_mark(step.index).sign(),
        columns: vec![format!("{} {indent}{}{disabled}", number(plan, step.index), step.slug)],
        rest: format!("{arrow}{opening}{reads}").trim_end().trim_end_matches(':').to_owned(),
    };
    let written = traffic.generations.iter().filter(|one| one.writer == step.index);
    let values = written
        .map(|one| value_line(plan, traffic, *one, step.section, if is_inputs { "" } else { &indent }));
    (!is_inputs).then_some(head).into_iter().chain(values).collect()
}

fn value_line(
    plan: &Plan,
    traffic: &Traffic,
    value: Generation,
    section: SectionIndex,
    indent: &str,
) -> Line {
    let attribute = plan.attribute(value.attribute);
    let is_input = value.writer == StepIndex::INPUTS;
    let from = if is_input { format!(" ({})", data::source(plan, value)) } else { String::new() };
    Line {
        section: section.get(),
        mark: traffic.generation_mark(value).sign(),
        columns: vec![
            format!("{}{indent}{}", if is_input { "" } else { "    " }, traffic.label(plan, value)),
            format!("{}{from}", attribute.value_type),
        ],
        rest: readers(plan, traffic, value),
    }
}

/// `→ 1.4, each 1.5, all 1.6, results`.
fn readers(plan: &Plan, traffic: &Traffic, value: Generation) -> String {
    let transfers = traffic.transfers.iter().filter(|transfer| transfer.generation == value);
    let readers: Vec<String> = transfers
        .map(|transfer| {
            let words = EdgeKind::from(transfer.kind).words("");
            let reader = transfer.reader.map_or_else(|| "results".to_owned(), |step| number(plan, step));
            format!("{words} {reader}").trim_start().to_owned()
        })
        .collect();
    if readers.is_empty() { "→ nobody".to_owned() } else { format!("→ {}", readers.join(", ")) }
}
