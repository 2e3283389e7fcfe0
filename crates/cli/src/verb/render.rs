//! `render`: the exact messages a step would send.

use std::collections::BTreeMap;

use branchline_runtime::prompt::{self, Branch};
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::name::nearest;
use branchline_schema_model::plan::{Plan, PlanRead, PlanStep, ReadRole, ReadSource};
use serde_json::{Map, Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::inputs;
use crate::output::{Text, Tone};
use crate::workflow;

const EXAMPLES: &str = "\
Examples:
  branchline render writing.write                          with ‹topic› in the place of the value
  branchline render writing.write -i topic=rain
  branchline render openings.judge -w talk-to-article --inputs values.json

Nothing is sent. A value goes in as it is, and is never read as a template.";

/// Show the exact messages a step would send, with values filled in
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The step: `section.step`, or `step` where that is the only one
    step: String,
    /// Its workflow; not needed when the project has only one
    #[arg(long, short, value_name = "WORKFLOW")]
    workflow: Option<String>,
    #[command(flatten)]
    values: inputs::InputArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    // Here the name of the workflow is no argument but a flag.
    let loaded = workflow::load_only(context, args.workflow.as_deref()).await.map_err(|failure| {
        match &failure.fix {
            Some(fix) if args.workflow.is_none() && failure.definition.is_none() => {
                let fix = format!("{fix} (`--workflow NAME`)");
                failure.fix(fix)
            }
            _ => failure,
        }
    })?;
    let plan = &loaded.plan;
    let step = find_step(plan, &args.step)?;
    if step.prompt.is_none() {
        return Err(Failure::usage(format!(
            "`{}` has no prompt: it is `action: {}`",
            plan.address(step.index),
            step.action
        ))
        .fix("`branchline plan` shows what it reads and writes"));
    }
    let types = step
        .reads
        .iter()
        .filter(|read| read.role == ReadRole::Prompt)
        .map(|read| (read.name.clone(), read_type(plan, read)));
    let types: BTreeMap<String, AttributeType> = types.collect();
    let mut values = args.values.read_typed(&types, &plan.address(step.index))?;
    let missing: Vec<String> = types.keys().filter(|name| !values.contains_key(*name)).cloned().collect();
    for name in &missing {
        values.insert(name.clone(), placeholder(&types[name].json_schema(), name));
    }
    let branch = (!step.scope.is_empty()).then_some(Branch { number: 1, count: 1 });
    let rendered = prompt::render(plan, step.index, &values, branch).map_err(|error| {
        Failure::usage(format!("`{}` cannot be rendered", plan.address(step.index))).cause(error)
    })?;
    if context.output.is_json() {
        let result = json!({
            "format": "branchline.render/1", "step": plan.address(step.index), "model": step.model,
            "messages": rendered.messages, "placeholders": missing,
        });
        context.output.json(&result)?;
        return Ok(ExitCode::Ok);
    }
    for message in &rendered.messages {
        if rendered.has_roles {
            context.output.result(
                Text::new().push(
                    Tone::Accent,
                    format!("── {} ──", json!(message.role).as_str().unwrap_or_default()),
                ),
            );
        }
        context.output.document(&message.content);
    }
    if !missing.is_empty() {
        context.output.note(format!("no value was given for `{}`", missing.join("`, `")));
    }
    Ok(ExitCode::Ok)
}

fn find_step<'a>(plan: &'a Plan, text: &str) -> Result<&'a PlanStep, Failure> {
    let found: Vec<_> = match text.split_once('.') {
        Some((section, step)) => {
            plan.step_at(section, step).map(|index| plan.step(index)).into_iter().collect()
        }
        None => plan.steps.iter().filter(|step| step.slug == text).collect(),
    };
    match found[..] {
        [step] => Ok(step),
        [] => {
            let addresses: Vec<_> = plan.steps.iter().skip(1).map(|step| plan.address(step.index)).collect();
            let failure = Failure::usage(format!("`{}` has no step `{text}`", plan.workflow));
            let slugs = plan.steps.iter().skip(1).map(|step| step.slug.as_str());
            Err(match nearest(text, addresses.iter().map(String::as_str).chain(slugs)) {
                Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
                None => failure.fix(format!("its steps are `{}`", addresses.join("`, `"))),
            })
        }
        _ => Err(Failure::usage(format!("several steps are called `{text}`")).fix("write `section.step`")),
    }
}

/// The type of what a template sees under the name of a read.
fn read_type(plan: &Plan, read: &PlanRead) -> AttributeType {
    match &read.source {
        ReadSource::Value { attribute, .. } | ReadSource::Item { attribute, .. } => {
            plan.attribute(*attribute).value_type.clone()
        }
        ReadSource::Gather { fields, .. } => match &fields[..] {
            [field] => plan.attribute(field.attribute).value_type.list(),
            fields => {
                let properties = fields.iter().map(|field| {
                    let attribute = plan.attribute(field.attribute);
                    (attribute.name.clone(), attribute.value_type.json_schema())
                });
                let schema = json!({ "type": "object", "properties": properties.collect::<Map<_, _>>() });
                let object = branchline_schema_model::definition::TypeExpression::Schema(schema)
                    .resolve(&BTreeMap::new());
                object.map_or(AttributeType::STRING, |object| object.list())
            }
        },
    }
}

/// A value of the right shape that says what belongs there: `‹topic›`, `["‹titles 1›", "‹titles 2›"]`.
fn placeholder(schema: &Json, name: &str) -> Json {
    match schema.get("type").and_then(Json::as_str) {
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Json::Null);
            Json::Array((1..=2).map(|number| placeholder(items, &format!("{name} {number}"))).collect())
        }
        Some("object") => {
            let fields = schema.get("properties").and_then(Json::as_object).into_iter().flatten();
            Json::Object(
                fields
                    .map(|(field, schema)| (field.clone(), placeholder(schema, &format!("{name}.{field}"))))
                    .collect(),
            )
        }
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => Json::Bool(true),
        _ => Json::String(format!("‹{name}›")),
    }
}
