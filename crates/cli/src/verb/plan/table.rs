//! The plan for people: what each step does and comes to, where its values come from, sums, and what they rest on.

use std::collections::BTreeSet;

use branchline_runtime::forecast::{Amount, Basis, CallForecast, Cost, StepForecast, TokenRange};
use branchline_schema_model::check::PROMPT_OVER_CONTEXT;
use branchline_schema_model::definition::Action;
use branchline_schema_model::money::MicroDollars;
use branchline_schema_model::plan::{Plan, PlanStep};

use super::{Outlook, source};
use crate::output::{Output, Text, Tone};
use crate::words::type_words;

pub(super) fn show(output: &Output, outlook: &Outlook<'_>) {
    let plan = &outlook.loaded.plan;
    output.result(
        Text::new().push(Tone::Strong, &plan.workflow).plain("  ").push(Tone::Dim, &outlook.loaded.origin),
    );
    output.result("");
    let steps = || plan.steps.iter().zip(&outlook.forecast.steps).skip(1);
    let head = ["step", "what", "calls", "tokens in", "tokens out", "basis", "cost"];
    let authored = steps().filter(|(step, _)| !step.action.is_implicit());
    output.table(&head, authored.map(|(step, forecast)| step_row(plan, step, forecast)));
    output.result("");
    let flows = steps()
        .map(|(step, _)| flow_row(outlook, step))
        .filter(|row| !row[1].is_empty() || !row[2].is_empty());
    output.table(&["step", "reads", "writes"], flows);
    show_inputs(output, outlook);
    output.result("");
    show_sums(output, outlook);
    show_warnings(output, outlook);
}

fn step_row(plan: &Plan, step: &PlanStep, forecast: &StepForecast) -> Vec<String> {
    let mut row = vec![indented(plan, step), what(step, forecast)];
    match &forecast.call {
        None => row.extend(["–", "", "", "", ""].map(str::to_owned)),
        Some(call) => row.extend([
            forecast.calls.to_string(),
            tokens(call.input.times(forecast.calls.bounds())),
            tokens(call.output.times(forecast.calls.bounds())),
            basis(call),
            cost(&forecast.cost),
        ]),
    }
    row
}

fn indented(plan: &Plan, step: &PlanStep) -> String {
    format!("{}{}", "  ".repeat(step.scope.len()), plan.address(step.index))
}

/// `prompt fast, n(openings) × 2 variants × 2 samples, when …`.
fn what(step: &PlanStep, forecast: &StepForecast) -> String {
    if !step.enabled {
        return "disabled".to_owned();
    }
    let action = match (&step.action, &step.model) {
        (Action::Prompt, Some(model)) => format!("prompt {model}"),
        (action, _) if action.is_human() => format!("? {action}: waits for a person"),
        (action, _) => action.to_string(),
    };
    let levels = &forecast.branches.levels;
    let levels = match levels.as_slice() {
        [] => None,
        [only] if only.chars().all(|character| character.is_ascii_digit()) => {
            Some(format!("{only} branches"))
        }
        [only] if only.starts_with("n(") => Some(format!("{only} branches")),
        levels => Some(levels.join(" × ")),
    };
    let conditions = step.when.iter().map(|condition| format!("when {}", condition.text));
    std::iter::once(action).chain(levels).chain(conditions).collect::<Vec<_>>().join(", ")
}

fn flow_row(outlook: &Outlook<'_>, step: &PlanStep) -> Vec<String> {
    let plan = &outlook.loaded.plan;
    let reads = source::reads(plan, step).map(|read| source::in_words(plan, read, outlook.inputs));
    let writes = step.writes.iter().map(|attribute| plan.attribute(*attribute).name.as_str());
    let (reads, writes): (Vec<_>, Vec<_>) = (reads.collect(), writes.collect());
    vec![indented(plan, step), reads.join("\n"), writes.join("\n")]
}

fn show_inputs(output: &Output, outlook: &Outlook<'_>) {
    let rows: Vec<Vec<String>> = outlook
        .loaded
        .plan
        .run_inputs()
        .map(|(attribute, input)| {
            let state = match (outlook.inputs.get(&attribute.name), &attribute.default, input.required) {
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

fn show_sums(output: &Output, outlook: &Outlook<'_>) {
    let (plan, forecast) = (&outlook.loaded.plan, &outlook.forecast);
    let line = |name: &str, text: String| {
        output.paragraph(9, Text::new().push(Tone::Strong, format!("{name:9}")).plain(text));
    };
    let results: Vec<_> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
    line("Results", results.join(", "));
    let people = plan.steps.iter().skip(1).filter(|step| step.enabled && step.action.is_human());
    let calls = Amount::sum(forecast.steps.iter().map(|step| &step.calls));
    line("Total", format!("{calls} calls, {}", stops(people.count())));
    if forecast.steps.iter().all(|step| step.call.is_none()) {
        return;
    }
    let (input, output_tokens) = (forecast.input_tokens, forecast.output_tokens);
    line("Tokens", format!("{} in, {} out", tokens(input), tokens(output_tokens)));
    line("Cost", total_cost(&forecast.cost));
    let words = basis_in_words(&forecast.steps);
    for (number, words) in words.into_iter().enumerate() {
        line(if number == 0 { "Basis" } else { "" }, words);
    }
}

/// What the words in the column `basis` mean, as far as they stand there.
fn basis_in_words(steps: &[StepForecast]) -> Vec<String> {
    let calls = || steps.iter().filter_map(|step| step.call.as_ref());
    let used: BTreeSet<Basis> = calls().flat_map(|call| [call.input_basis, call.output_basis]).collect();
    let has = |basis: Basis| used.contains(&basis);
    let lines = [
        (has(Basis::Measured) || has(Basis::Assumed), "measured: the text, at 3 to 5 bytes a token"),
        (
            has(Basis::Assumed),
            "assumed: texts that are not there yet, of 50 to 1000 tokens, in lists and objects of 10 to 250",
        ),
        (has(Basis::Declared), "declared: the answer is bounded by its type"),
        (has(Basis::MaxTokens), "max_tokens: the answer is bounded by the step"),
        (
            used.iter().any(|basis| matches!(basis, Basis::Runs(_))),
            "runs: what the same step took with the same model",
        ),
        (
            steps.iter().any(|step| step.calls.has_unknown_list()),
            "n(…): 1 to 10 elements, unless the type bounds the list",
        ),
    ];
    lines.into_iter().filter(|(shown, _)| *shown).map(|(_, words)| words.to_owned()).collect()
}

fn show_warnings(output: &Output, outlook: &Outlook<'_>) {
    let plan = &outlook.loaded.plan;
    for (step, forecast) in plan.steps.iter().zip(&outlook.forecast.steps) {
        let Some(over) = &forecast.over_context else { continue };
        let text = format!(
            "the prompt of `{}` has about {} tokens, and `{}` reads {}",
            plan.address(step.index),
            tokens(over.input_tokens),
            over.model,
            over.context_tokens
        );
        output.result("");
        let head = Text::new().push(Tone::Warn, format!("warning[{PROMPT_OVER_CONTEXT}]"));
        output.paragraph(2, head.plain(": ").plain(text));
    }
    for remark in &outlook.remarks {
        output.result("");
        output.paragraph(2, Text::new().push(Tone::Warn, "warning").plain(": ").plain(remark));
    }
}

fn basis(call: &CallForecast) -> String {
    if call.input_basis == call.output_basis {
        return call.input_basis.to_string();
    }
    format!("{} / {}", call.input_basis, call.output_basis)
}

/// `12`, `1.2k–3.4k`.
fn tokens(range: TokenRange) -> String {
    let (low, high) = (short(range.low), short(range.high));
    if low == high { low } else { format!("{low}–{high}") }
}

fn short(number: u64) -> String {
    let scaled = |unit: f64, name: &str| format!("{:.1}{name}", number as f64 / unit).replace(".0", "");
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => scaled(1e3, "k"),
        _ => scaled(1e6, "M"),
    }
}

/// `$0.0012–$0.0100`, `unknown`, or at least what is known.
fn cost(cost: &Cost) -> String {
    match (cost.priced.is_empty(), cost.unpriced.is_empty()) {
        (true, true) => MicroDollars::ZERO.to_string(),
        (true, false) => "unknown".to_owned(),
        (false, true) => money(cost.known),
        (false, false) => format!("≥ {}", money(cost.known)),
    }
}

fn money((low, high): (MicroDollars, MicroDollars)) -> String {
    let (low, high) = (low.to_string(), high.to_string());
    if low == high { low } else { format!("{low}–{high}") }
}

/// The cost with the days of the prices, and the models that have none.
fn total_cost(total: &Cost) -> String {
    let days: BTreeSet<&str> =
        total.priced.values().map(String::as_str).filter(|day| !day.is_empty()).collect();
    let days: Vec<&str> = days.into_iter().collect();
    let prices = if days.is_empty() { String::new() } else { format!(", prices of {}", days.join(", ")) };
    let unpriced: Vec<&str> = total.unpriced.iter().map(String::as_str).collect();
    let unknown = match unpriced.as_slice() {
        [] => String::new(),
        models => format!(", no price for {} in `[prices]` of branchline.toml", models.join(", ")),
    };
    format!("{}{prices}{unknown}", cost(total))
}

fn stops(count: usize) -> String {
    match count {
        0 => "no stop for a person".to_owned(),
        1 => "1 stop for a person".to_owned(),
        count => format!("{count} stops for people"),
    }
}
