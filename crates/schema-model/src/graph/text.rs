//! The picture for a terminal: sections as headings, one step a line, deeper where branches are.

use std::fmt::Write as _;

use super::flow;
use crate::plan::{Plan, PlanRead, PlanStep, ReadRole, ReadSource, RunInput, StepIndex};

/// One line of the picture before it is aligned.
struct Line {
    name: String,
    action: String,
    flow: String,
}

pub(super) fn render(plan: &Plan) -> String {
    let lines: Vec<Line> = plan.steps.iter().map(|step| line(plan, step)).collect();
    let width =
        |column: fn(&Line) -> &str| lines.iter().map(|line| column(line).chars().count()).max().unwrap_or(0);
    let (name_width, action_width) = (width(|line| &line.name), width(|line| &line.action));
    let mut picture = format!("{}\n", plan.workflow);
    for (number, section) in plan.sections.iter().enumerate() {
        push(&mut picture, &format!("\n{}", section.name));
        for (step, line) in plan.steps.iter().zip(&lines).filter(|(step, _)| step.section.get() == number) {
            if step.index == StepIndex::INPUTS && plan.run_inputs().next().is_none() {
                push(&mut picture, "  (none)");
                continue;
            }
            let Line { name, action, flow } = line;
            push(&mut picture, &format!("  {name:name_width$}  {action:action_width$}  {flow}"));
        }
    }
    if !plan.outputs.is_empty() {
        let names: Vec<&str> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
        push(&mut picture, &format!("\nResults\n  {}", names.join(", ")));
    }
    picture
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{}", line.trim_end());
}

fn line(plan: &Plan, step: &PlanStep) -> Line {
    if step.index == StepIndex::INPUTS {
        let inputs: Vec<String> =
            plan.run_inputs().map(|(attribute, input)| input_name(&attribute.name, input)).collect();
        return Line { name: step.slug.clone(), action: step.action.to_string(), flow: inputs.join(", ") };
    }
    let person = if step.action.is_human() { " (a person)" } else { "" };
    let disabled = if step.enabled { "" } else { " (disabled)" };
    Line {
        name: format!("{}{}", "  ".repeat(step.scope.len()), step.slug),
        action: format!("{}{person}{}{disabled}", step.action, " ×n".repeat(step.scope.len())),
        flow: data_flow(plan, step),
    }
}

fn input_name(name: &str, input: RunInput) -> String {
    format!("{name}{}", if input.required { "" } else { "?" })
}

/// `for each item in list: reads → writes`.
fn data_flow(plan: &Plan, step: &PlanStep) -> String {
    let reads = step.reads.iter().filter(|read| !matches!(read.role, ReadRole::ForEach | ReadRole::Display));
    let reads: Vec<String> = reads.map(|read| read_name(plan, read)).collect();
    let writes: Vec<&str> =
        step.writes.iter().map(|attribute| plan.attribute(*attribute).name.as_str()).collect();
    let opening = flow::for_each(plan, step).map(|opening| format!("{opening}: ")).unwrap_or_default();
    let arrow = if writes.is_empty() { "" } else { " → " };
    format!("{opening}{}{arrow}{}", reads.join(", "), writes.join(", ")).trim().to_owned()
}

fn read_name(plan: &Plan, read: &PlanRead) -> String {
    let attributes: Vec<&str> = read
        .source
        .attributes()
        .into_iter()
        .map(|attribute| plan.attribute(attribute).name.as_str())
        .collect();
    let gathered = if matches!(read.source, ReadSource::Gather { .. }) { "all " } else { "" };
    format!("{gathered}{}{}", attributes.join(" with "), if read.optional { "?" } else { "" })
}
