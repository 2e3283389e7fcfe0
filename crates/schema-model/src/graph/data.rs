//! The data layer: attributes between the steps that write and read them. An attribute that several steps write is
//! one node for each of them.

use std::collections::BTreeMap;

use super::flow::{Edge, EdgeKind, Flow, Node, NodeKind};
use super::step;
use super::traffic::{Generation, Traffic, items};
use crate::plan::{Plan, StepIndex};

/// Nodes are in order: the item of a fan-out before its step, outputs after theirs.
pub(super) fn flow(plan: &Plan, traffic: &Traffic) -> Flow {
    let mut flow = Flow {
        title: plan.workflow.clone(),
        nodes: Vec::new(),
        edges: Vec::new(),
        sections: step::sections(plan),
    };
    let (mut steps, mut values) = (BTreeMap::new(), BTreeMap::new());
    for step in &plan.steps {
        let of_step: Vec<Generation> =
            traffic.generations.iter().filter(|one| one.writer == step.index).copied().collect();
        let is_item = |one: &Generation| is_item(plan, *one);
        for item in of_step.iter().filter(|one| is_item(one)) {
            values.insert(*item, flow.push(value_node(plan, traffic, *item)));
        }
        if step.index != StepIndex::INPUTS {
            steps.insert(step.index, flow.push(step::node(plan, traffic, step)));
        }
        for output in of_step.iter().filter(|one| !is_item(one)) {
            values.insert(*output, flow.push(value_node(plan, traffic, *output)));
        }
    }
    let results = step::results(plan, traffic.results_mark()).map(|node| flow.push(node));
    connect(&mut flow, plan, traffic, &Places { steps, values, results });
    flow
}

/// Where the nodes are.
struct Places {
    steps: BTreeMap<StepIndex, usize>,
    values: BTreeMap<Generation, usize>,
    results: Option<usize>,
}

fn connect(flow: &mut Flow, plan: &Plan, traffic: &Traffic, places: &Places) {
    let edge = |from, to, kind, mark| Edge { from, to, label: String::new(), kind, mark };
    let mut values: Vec<(&Generation, &usize)> = places.values.iter().collect();
    values.sort_by_key(|(_, place)| **place);
    for (value, place) in values.iter().copied() {
        if let Some(writer) = places.steps.get(&value.writer).filter(|_| !is_item(plan, *value)) {
            flow.connect(edge(*writer, *place, EdgeKind::Write, traffic.generation_mark(*value)));
        }
    }
    for transfer in &traffic.transfers {
        let kind = EdgeKind::from(transfer.kind);
        let reader = match transfer.reader {
            None => places.results,
            // A list goes to its items, and they go to the step.
            Some(step) if kind == EdgeKind::FanOut => places
                .values
                .iter()
                .find_map(|(value, place)| (value.writer == step && is_item(plan, *value)).then_some(*place)),
            Some(step) => places.steps.get(&step).copied(),
        };
        if let (Some(from), Some(to)) = (places.values.get(&transfer.generation), reader) {
            flow.connect(edge(*from, to, kind, traffic.generation_mark(transfer.generation)));
        }
    }
    for (value, place) in values.into_iter().filter(|(value, _)| is_item(plan, **value)) {
        if let Some(opener) = places.steps.get(&value.writer) {
            flow.connect(edge(*place, *opener, EdgeKind::Value, traffic.generation_mark(*value)));
        }
    }
}

fn is_item(plan: &Plan, value: Generation) -> bool {
    items(plan, plan.step(value.writer)).any(|item| item == value.attribute)
}

fn value_node(plan: &Plan, traffic: &Traffic, value: Generation) -> Node {
    let attribute = plan.attribute(value.attribute);
    let label = traffic.label(plan, value);
    let mut details = vec![attribute.value_type.to_string()];
    if value.writer == StepIndex::INPUTS {
        details.push(source(plan, value).to_owned());
    } else if is_item(plan, value) {
        details.push("one element".to_owned());
    }
    Node {
        id: if is_item(plan, value) {
            format!("{label} of {}", plan.address(value.writer))
        } else {
            label.clone()
        },
        kind: NodeKind::Attribute,
        number: None,
        name: label,
        details: vec![details.join(" · ")],
        section: plan.step(value.writer).section.get(),
        times: step::times(plan, plan.step(value.writer)),
        enabled: true,
        mark: traffic.generation_mark(value),
    }
}

/// Where a value comes from that no step of the workflow writes.
pub(super) fn source(plan: &Plan, value: Generation) -> &'static str {
    let attribute = plan.attribute(value.attribute);
    match (attribute.run_input, &attribute.default) {
        (Some(input), None) if input.required => "run input",
        (Some(_), None) => "optional run input",
        (Some(_), Some(_)) => "run input with a default",
        (None, _) => "default",
    }
}
