//! Plans as text.

use std::fmt::Write as _;

use crate::plan::{LevelIndex, Plan, PlanRead, ReadSource, StepIndex, Writer, WriterAt};

/// A plan, one line per step and read.
pub(super) fn plan(plan: &Plan) -> String {
    let mut shown = String::new();
    for (attribute, input) in plan.run_inputs() {
        let required = if input.required { "required" } else { "not required" };
        writeln!(shown, "input {}: {} {required}", attribute.name, attribute.value_type).unwrap();
    }
    for step in &plan.steps {
        let address = plan.address(step.index);
        let scope = levels(plan, &step.scope);
        let writes: Vec<_> = step.writes.iter().map(|index| plan.attribute(*index).name.as_str()).collect();
        let scope = if scope.is_empty() { scope } else { format!(" in [{scope}]") };
        let enabled = if step.enabled { "" } else { " disabled" };
        writeln!(shown, "{address} {}{scope}{enabled} -> {}", step.action, writes.join(", ")).unwrap();
        if let Some(fan_out) = plan.fan_out(step.index) {
            let item = &plan.attribute(fan_out.item).name;
            let path = [&[String::new()][..], &fan_out.path].concat().join(".");
            writeln!(shown, "  fans out over read {}{path} as {item}", fan_out.list_read).unwrap();
        }
        for condition in &step.when {
            writeln!(shown, "  when {}", condition.text).unwrap();
            for one in &condition.reads {
                writeln!(shown, "    {}", read(plan, one)).unwrap();
            }
        }
        for one in &step.reads {
            writeln!(shown, "  {}", read(plan, one)).unwrap();
        }
        let candidates = step.opens.iter().filter_map(|level| plan.level(*level).kind.candidates());
        for candidates in candidates {
            let variants: Vec<_> = candidates.variants.iter().map(|variant| variant.name.as_str()).collect();
            writeln!(shown, "  candidates [{}] × {}", variants.join(", "), candidates.samples).unwrap();
        }
        if let Some(select) = &step.select {
            writeln!(shown, "  select {select:?}").unwrap();
        }
        for assert in &step.asserts {
            writeln!(shown, "  assert {assert}").unwrap();
        }
        if step.on_error != crate::definition::OnError::Fail {
            writeln!(shown, "  on error {:?}", step.on_error).unwrap();
        }
        if !step.after.is_empty() {
            writeln!(shown, "  after {}", steps(plan, &step.after)).unwrap();
        }
        if let Some(task) = step.task.as_ref().filter(|task| task.from.is_some()) {
            writeln!(shown, "  task {:?} show {:?} {}..{:?}", task.from, task.show, task.min, task.max)
                .unwrap();
        }
    }
    for one in &plan.outputs {
        writeln!(shown, "output {}", read(plan, one)).unwrap();
    }
    shown
}

fn read(plan: &Plan, read: &PlanRead) -> String {
    let name = |attribute: &crate::plan::AttributeIndex| plan.attribute(*attribute).name.clone();
    let source = match &read.source {
        ReadSource::Value { attribute, writers } => {
            format!("{} of {}", name(attribute), writer_steps(plan, writers))
        }
        ReadSource::Item { attribute, level } => {
            format!("item {} of {}", name(attribute), plan.address(plan.level(*level).opener))
        }
        ReadSource::Gather { fields, depth } => {
            let fields: Vec<_> = fields
                .iter()
                .map(|field| format!("{} of {}", name(&field.attribute), steps(plan, &field.writers)))
                .collect();
            format!("gather at {depth}: {}", fields.join("; "))
        }
    };
    let optional = if read.optional { " optional" } else { "" };
    format!("{} {:?}: {source}{optional}", read.name, read.role)
}

fn levels(plan: &Plan, levels: &[LevelIndex]) -> String {
    let openers: Vec<_> = levels.iter().map(|level| plan.level(*level).opener).collect();
    steps(plan, &openers)
}

fn writer_steps(plan: &Plan, writers: &[Writer]) -> String {
    let shown = writers.iter().map(|writer| {
        let address = plan.address(writer.step);
        match writer.at {
            WriterAt::Here => address,
            WriterAt::Earlier(_) => format!("earlier {address}"),
            WriterAt::Last(_) => format!("last {address}"),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn steps(plan: &Plan, steps: &[StepIndex]) -> String {
    steps.iter().map(|step| plan.address(*step)).collect::<Vec<_>>().join(", ")
}
