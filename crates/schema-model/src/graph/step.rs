//! What a step says of itself in every picture.

use super::flow::{Node, NodeKind};
use super::traffic::{Generation, Mark, Traffic, TransferKind, generations_of, number, reads};
use crate::definition::{Action, OnError, SelectOrder};
use crate::plan::{Candidates, FanOut, LevelKind, Plan, PlanStep, SelectPlan, StepIndex, Turns};

/// Remarks longer than this are cut: pictures have little room, and conditions can be long.
const REMARK_CHARS_MAX: usize = 60;

/// The node of a step.
pub(super) fn node(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> Node {
    let is_inputs = step.index == StepIndex::INPUTS;
    let is_numbered = !is_inputs && !step.action.is_implicit();
    let details = if is_inputs { Vec::new() } else { details(plan, traffic, step) };
    Node {
        id: plan.address(step.index),
        number: is_numbered.then(|| number(plan, step.index)),
        name: if is_inputs { "Run inputs".to_owned() } else { step.name.clone() },
        details: details.into_iter().map(|line| cut(line, REMARK_CHARS_MAX)).collect(),
        kind: if is_inputs { NodeKind::Boundary } else { kind(&step.action) },
        section: step.section.get(),
        times: times(plan, step),
        enabled: step.enabled,
        mark: traffic.step_mark(step.index),
    }
}

/// The node of the results, if the workflow has any.
pub(super) fn results(plan: &Plan, mark: Mark) -> Option<Node> {
    let names: Vec<&str> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
    (!names.is_empty()).then(|| Node {
        id: "results".to_owned(),
        number: None,
        name: names.join(", "),
        details: Vec::new(),
        kind: NodeKind::Boundary,
        section: plan.sections.len(),
        times: String::new(),
        enabled: true,
        mark,
    })
}

/// Names of the sections, the one of the results included.
pub(super) fn sections(plan: &Plan) -> Vec<String> {
    let results = (!plan.outputs.is_empty()).then(|| "Results".to_owned());
    plan.sections.iter().map(|section| section.name.clone()).chain(results).collect()
}

fn kind(action: &Action) -> NodeKind {
    match action {
        Action::Prompt => NodeKind::Model,
        Action::Template => NodeKind::Template,
        Action::Input | Action::Choose | Action::Note => NodeKind::Person,
        Action::Gather | Action::Select => NodeKind::Join,
        Action::Each | Action::Until => NodeKind::Level,
        Action::Custom(_) => NodeKind::Custom,
    }
}

/// `×n` for the elements of a list, `×6` for candidates, `↻3` for at most three turns.
pub(super) fn times(plan: &Plan, step: &PlanStep) -> String {
    let level = |level: &crate::plan::LevelIndex| match &plan.level(*level).kind {
        LevelKind::Each(_) => "×n".to_owned(),
        LevelKind::Candidates(candidates) => format!("×{}", candidates.count()),
        LevelKind::Turns(turns) => format!("↻{}", turns.max),
    };
    step.scope.iter().map(level).collect()
}

fn details(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> Vec<String> {
    let action = match (&step.action, &step.model) {
        (Action::Prompt, Some(model)) => Some(format!("prompt · {model}")),
        (action, _) if action.is_human() => Some(format!("{action} · a person")),
        (action, _) if action.is_implicit() => None,
        (action, _) => Some(action.name().to_owned()),
    };
    let disabled = (!step.enabled).then(|| "disabled".to_owned());
    let what = action.into_iter().chain(disabled).collect::<Vec<_>>().join(" · ");
    let what = (!what.is_empty()).then_some(what);
    what.into_iter().chain(remarks(plan, step)).chain(earlier(plan, traffic, step)).collect()
}

/// When, how often and with which consequences a step runs.
pub(super) fn remarks(plan: &Plan, step: &PlanStep) -> Vec<String> {
    let conditions = step.when.iter().map(|condition| format!("when {}", condition.text));
    let levels = step.opens.iter().flat_map(|level| match &plan.level(*level).kind {
        LevelKind::Each(fan_out) => for_each(plan, step, fan_out),
        LevelKind::Candidates(candidates) => vec![candidates_in_words(candidates)],
        LevelKind::Turns(_) => Vec::new(),
    });
    // The levels of a section are opened by its implicit steps; turns are told where they end.
    let turns = step.scope.iter().filter_map(|level| match &plan.level(*level).kind {
        LevelKind::Turns(turns) if step.action == Action::Until => Some(turns_in_words(turns)),
        _ => None,
    });
    let select = step.select.iter().map(|select| select_in_words(step, select));
    let failure = match step.on_error {
        OnError::Fail => None,
        OnError::Skip => Some("skipped on error"),
        OnError::Null => Some("null on error"),
        OnError::Pause => Some("pauses on error"),
    };
    let failure = failure.map(str::to_owned);
    let after: Vec<String> = step.after.iter().map(|other| number(plan, *other)).collect();
    let after = (!after.is_empty()).then(|| format!("after {}", after.join(", ")));
    after.into_iter().chain(conditions).chain(levels).chain(turns).chain(select).chain(failure).collect()
}

/// `for each item in list`, and what narrows it.
fn for_each(plan: &Plan, step: &PlanStep, fan_out: &FanOut) -> Vec<String> {
    let item = &plan.attribute(fan_out.item).name;
    let list = step.reads.get(fan_out.list_read).map_or("", |read| read.name.as_str());
    let list = std::iter::once(list).chain(fan_out.path.iter().map(String::as_str));
    let opening = format!("for each {item} in {}", list.collect::<Vec<_>>().join("."));
    let filter = fan_out.filter.iter().map(|filter| format!("where {}", filter.text));
    let carry: Vec<&str> = fan_out.carry.iter().map(|one| plan.attribute(*one).name.as_str()).collect();
    let carry = (!carry.is_empty()).then(|| format!("one after another, carrying {}", carry.join(", ")));
    let at_least = fan_out.at_least.map(|count| format!("at least {count} succeed"));
    std::iter::once(opening).chain(filter).chain(carry).chain(at_least).collect()
}

/// `calm, bold × 2 samples`.
fn candidates_in_words(candidates: &Candidates) -> String {
    let names: Vec<&str> = candidates.variants.iter().map(|variant| variant.name.as_str()).collect();
    let samples = (candidates.samples > 1).then(|| format!("{} samples", candidates.samples));
    let variants = (!names.is_empty()).then(|| names.join(", "));
    variants.into_iter().chain(samples).collect::<Vec<_>>().join(" × ")
}

/// `repeated until score > 7, at most 3 turns`.
fn turns_in_words(turns: &Turns) -> String {
    let until = turns.until.as_ref().map(|until| format!(" until {until},")).unwrap_or_default();
    let bound = if turns.until.is_some() { "at most " } else { "" };
    format!("repeated{until} {bound}{} turns", turns.max)
}

fn select_in_words(step: &PlanStep, select: &SelectPlan) -> String {
    let score = step.reads.get(select.by).map_or("", |read| read.name.as_str());
    let score = std::iter::once(score).chain(select.path.iter().map(String::as_str));
    let score = score.collect::<Vec<_>>().join(".");
    match select.order {
        SelectOrder::Highest => format!("highest {score}"),
        SelectOrder::Lowest => format!("lowest {score}"),
        SelectOrder::First => format!("first with {score}"),
    }
}

/// What it reads from the turn or the branch before, which no line in the picture shows.
pub(super) fn earlier(plan: &Plan, traffic: &Traffic, step: &PlanStep) -> Option<String> {
    let generations = reads(plan, step).flat_map(|read| generations_of(plan, read));
    let mut names: Vec<String> = generations
        .filter(|(_, kind)| *kind == TransferKind::Earlier)
        .map(|(generation, _): (Generation, _)| traffic.label(plan, generation))
        .collect();
    names.dedup();
    (!names.is_empty()).then(|| format!("from before: {}", names.join(", ")))
}

fn cut(text: String, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text;
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}
