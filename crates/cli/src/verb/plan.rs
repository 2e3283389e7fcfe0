//! `plan`: what a run would do, before anything is paid.

use std::collections::BTreeMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{Plan, PlanRead, PlanStep, ReadRole, ReadSource, StepIndex};
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::forecast;
use crate::inputs::InputArgs;
use crate::output::{Output, Text, Tone};
use crate::words::type_words;
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline plan hello
  branchline plan talk-to-article -i talk=@talk.txt
  branchline plan talk-to-article@2 --json        a stored version

Nothing is called and nothing is written. `n(list)` stands for the length of a list that only the run will know.
What the calls cost is not known here.";

/// Show what a run would do: steps, where each input comes from, calls, stops for people
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A workflow of the project, a file or folder, or a stored one (`name` or `name@version`)
    workflow: String,
    #[command(flatten)]
    inputs: InputArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let loaded = workflow::load(context, &args.workflow).await?;
    let inputs = args.inputs.read(&loaded.plan)?;
    if context.output.is_json() {
        context.output.json(&as_json(&loaded.plan, &inputs))?;
    } else {
        show(&context.output, &loaded, &inputs);
        let command = format!("branchline run {}", args.workflow);
        context
            .output
            .next(&[("start it", &command), ("try it for nothing", &format!("{command} --rehearse"))]);
    }
    Ok(ExitCode::Ok)
}

fn show(output: &Output, loaded: &workflow::Loaded, inputs: &BTreeMap<String, Json>) {
    let plan = &loaded.plan;
    output.result(Text::new().push(Tone::Strong, &plan.workflow).plain("  ").push(Tone::Dim, &loaded.origin));
    output.result("");
    output.table(
        &["step", "what", "calls", "reads", "writes"],
        plan.steps.iter().skip(1).map(|step| row(plan, step, inputs)),
    );
    show_inputs(output, plan, inputs);
    output.result("");
    let steps = || plan.steps.iter().skip(1).filter(|step| step.enabled);
    let (_, calls) = forecast::sum(steps().map(|step| forecast::calls(plan, step, inputs)));
    let questions = steps().filter(|step| step.action.is_human()).count();
    let results: Vec<_> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
    output.result(Text::new().push(Tone::Strong, "Results  ").plain(results.join(", ")));
    let total = format!("{calls} calls, {}, cost unknown", stops(questions));
    output.result(Text::new().push(Tone::Strong, "Total    ").plain(total));
}

fn row(plan: &Plan, step: &PlanStep, inputs: &BTreeMap<String, Json>) -> Vec<String> {
    let branches = forecast::branches(plan, step, inputs);
    let calls = match step.action {
        Action::Prompt if step.enabled => branches.to_string(),
        _ => "–".to_owned(),
    };
    let mut what = if step.enabled { step.action.name().to_owned() } else { "disabled".to_owned() };
    if let (Action::Prompt, Some(model), true) = (&step.action, &step.model, step.enabled) {
        what = format!("{what} {model}");
    }
    if step.action.is_human() && step.enabled {
        what = format!("? {what}: waits for a person");
    }
    if !step.scope.is_empty() {
        what = format!("{what}, {branches} branches");
    }
    let reads =
        step.reads.iter().filter(|read| read.role != ReadRole::Display).map(|read| reads_from(plan, read));
    let writes = step.writes.iter().map(|attribute| plan.attribute(*attribute).name.as_str());
    let indent = "  ".repeat(step.scope.len());
    vec![
        format!("{indent}{}", plan.address(step.index)),
        what,
        calls,
        reads.collect::<Vec<_>>().join("\n"),
        writes.collect::<Vec<_>>().join("\n"),
    ]
}

/// `draft ← openings.rewrite`, in words.
fn reads_from(plan: &Plan, read: &PlanRead) -> String {
    let name = &read.name;
    let from = match &read.source {
        ReadSource::Value { writers, .. } => {
            writers_in_words(plan, &writers.iter().map(|writer| writer.step).collect::<Vec<_>>())
        }
        ReadSource::Item { level, .. } => format!("each of {}", plan.address(plan.level(*level).opener)),
        ReadSource::Gather { fields, .. } => {
            let writers = fields.iter().map(|field| writers_in_words(plan, &field.writers));
            format!("all branches of {}", writers.collect::<Vec<_>>().join(", "))
        }
    };
    let optional = if read.optional { " (optional)" } else { "" };
    format!("{name} ← {from}{optional}")
}

fn writers_in_words(plan: &Plan, writers: &[StepIndex]) -> String {
    let name = |writer: &StepIndex| match *writer {
        StepIndex::INPUTS => "run input".to_owned(),
        writer => plan.address(writer),
    };
    writers.iter().map(name).collect::<Vec<_>>().join(" or ")
}

fn show_inputs(output: &Output, plan: &Plan, inputs: &BTreeMap<String, Json>) {
    let rows: Vec<Vec<String>> = plan
        .run_inputs()
        .map(|(attribute, input)| {
            let state = match (inputs.get(&attribute.name), &attribute.default, input.required) {
                (Some(_), ..) => "given",
                (None, Some(_), _) => "default",
                (None, None, true) => "needed",
                (None, None, false) => "optional",
            };
            vec![
                attribute.name.clone(),
                type_words(&attribute.value_type),
                state.to_owned(),
                attribute.description.clone(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        output.result("");
        output.table(&["run input", "type", "", "what it means"], rows);
    }
}

fn stops(count: usize) -> String {
    match count {
        0 => "no stop for a person".to_owned(),
        1 => "1 stop for a person".to_owned(),
        count => format!("{count} stops for people"),
    }
}

fn as_json(plan: &Plan, inputs: &BTreeMap<String, Json>) -> Json {
    let names = |attributes: &[branchline_schema_model::plan::AttributeIndex]| -> Vec<String> {
        attributes.iter().map(|attribute| plan.attribute(*attribute).name.clone()).collect()
    };
    let read = |read: &PlanRead| {
        let (from, writers) = match &read.source {
            ReadSource::Value { writers, .. } => {
                ("value", writers.iter().map(|writer| writer.step).collect())
            }
            ReadSource::Item { level, .. } => ("item", vec![plan.level(*level).opener]),
            ReadSource::Gather { fields, .. } => {
                ("gather", fields.iter().flat_map(|field| field.writers.clone()).collect())
            }
        };
        let writers: Vec<_> = writers.iter().map(|writer| plan.address(*writer)).collect();
        json!({
            "name": read.name, "role": read.role, "from": from, "attributes": names(&read.source.attributes()),
            "writers": writers, "optional": read.optional,
        })
    };
    let steps = plan.steps.iter().skip(1).map(|step| {
        let branches = forecast::branches(plan, step, inputs);
        let calls = forecast::calls(plan, step, inputs);
        json!({
            "address": plan.address(step.index), "name": step.name, "action": step.action, "enabled": step.enabled,
            "model": step.model, "fans_out": plan.fan_out(step.index).is_some(), "branch_levels": step.scope.len(),
            "branches": branches.known(), "branches_formula": branches.to_string(),
            "calls": calls.known(), "calls_formula": calls.to_string(),
            "waits_for_person": step.enabled && step.action.is_human(),
            "reads": step.reads.iter().map(read).collect::<Vec<_>>(), "writes": names(&step.writes),
        })
    });
    let run_inputs = plan.run_inputs().map(|(attribute, input)| {
        json!({
            "name": attribute.name, "type": attribute.value_type.to_string(), "required": input.required,
            "given": inputs.contains_key(&attribute.name), "default": attribute.default,
            "description": attribute.description,
        })
    });
    let (calls, formula) = forecast::sum(plan.steps.iter().map(|step| forecast::calls(plan, step, inputs)));
    json!({
        "format": "branchline.plan/1", "workflow": plan.workflow,
        "inputs": run_inputs.collect::<Vec<_>>(), "steps": steps.collect::<Vec<_>>(),
        "outputs": plan.outputs.iter().map(|read| &read.name).collect::<Vec<_>>(),
        "calls": calls, "calls_formula": formula, "cost_usd": null,
    })
}
