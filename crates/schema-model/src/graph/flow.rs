//! The plan as nodes and edges, which all pictures share.

use crate::definition::Action;
use crate::plan::{Plan, PlanRead, PlanStep, ReadRole, ReadSource, StepIndex};

/// Names longer than this are cut where room is short.
const TITLE_CHARS_MAX: usize = 40;

/// The data flow of a plan. Node numbers are step indices; the results of the workflow, if any, are one more node.
pub(super) struct Flow {
    pub(super) nodes: Vec<Node>,
    /// In order of the reader, without doubles.
    pub(super) edges: Vec<Edge>,
    /// Names of the sections, the one of the results included.
    pub(super) sections: Vec<String>,
}

/// A step, or the results.
pub(super) struct Node {
    pub(super) name: String,
    /// What it does, one remark a line.
    pub(super) details: Vec<String>,
    pub(super) kind: NodeKind,
    pub(super) section: usize,
    /// How many fan-outs it lives in.
    pub(super) depth: usize,
    pub(super) enabled: bool,
}

impl Node {
    /// The name, cut to what a picture has room for.
    pub(super) fn title(&self) -> String {
        if self.name.chars().count() <= TITLE_CHARS_MAX {
            return self.name.clone();
        }
        self.name.chars().take(TITLE_CHARS_MAX - 1).chain(['…']).collect()
    }
}

/// How a node looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// Calls a model.
    Model,
    /// Waits for a person.
    Person,
    /// Renders text.
    Template,
    /// Brings branches together.
    Gather,
    /// An action of the embedding program.
    Custom,
    /// Run inputs and results.
    Boundary,
}

/// A value on its way from its writer to a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The attribute.
    pub(super) attribute: String,
    pub(super) kind: EdgeKind,
}

/// What happens to the value on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// It is read.
    Value,
    /// It is a list, and the reader runs once per element.
    FanOut,
    /// The values of all branches become one list.
    Gather,
}

impl Flow {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut nodes: Vec<Node> = plan.steps.iter().map(|step| node(plan, step)).collect();
        let mut sections: Vec<String> = plan.sections.iter().map(|section| section.name.clone()).collect();
        let mut edges = Vec::new();
        for step in plan.steps.iter().filter(|step| step.enabled) {
            for read in step.reads.iter().filter(|read| read.role != ReadRole::Display) {
                add_edges(plan, read, step.index.get(), &mut edges);
            }
        }
        if !plan.outputs.is_empty() {
            let results = nodes.len();
            nodes.push(results_node(plan, sections.len()));
            sections.push("Results".to_owned());
            for read in &plan.outputs {
                add_edges(plan, read, results, &mut edges);
            }
        }
        Self { nodes, edges, sections }
    }
}

fn node(plan: &Plan, step: &PlanStep) -> Node {
    let is_inputs = step.index == StepIndex::INPUTS;
    Node {
        name: if is_inputs { "Run inputs".to_owned() } else { step.name.clone() },
        details: if is_inputs { Vec::new() } else { details(plan, step) },
        kind: if is_inputs { NodeKind::Boundary } else { kind(&step.action) },
        section: step.section.get(),
        depth: step.scope.len(),
        enabled: step.enabled,
    }
}

fn results_node(plan: &Plan, section: usize) -> Node {
    let names: Vec<&str> = plan.outputs.iter().map(|read| read.name.as_str()).collect();
    Node {
        name: names.join(", "),
        details: Vec::new(),
        kind: NodeKind::Boundary,
        section,
        depth: 0,
        enabled: true,
    }
}

fn kind(action: &Action) -> NodeKind {
    match action {
        Action::Prompt => NodeKind::Model,
        Action::Template | Action::Select | Action::Each | Action::Until => NodeKind::Template,
        Action::Input | Action::Choose | Action::Note => NodeKind::Person,
        Action::Gather => NodeKind::Gather,
        Action::Custom(_) => NodeKind::Custom,
    }
}

fn details(plan: &Plan, step: &PlanStep) -> Vec<String> {
    let what = match (&step.action, &step.model) {
        (Action::Prompt, Some(model)) => format!("prompt · {model}"),
        (Action::Input, _) => "input · a person".to_owned(),
        (Action::Choose, _) => "choose · a person".to_owned(),
        (action, _) => action.name().to_owned(),
    };
    let what = if step.enabled { what } else { format!("{what} · disabled") };
    std::iter::once(what).chain(for_each(plan, step)).collect()
}

/// `for each item in list`, when the step opens a fan-out.
pub(super) fn for_each(plan: &Plan, step: &PlanStep) -> Option<String> {
    let fan_out = plan.fan_out(step.index)?;
    let item = &plan.attribute(fan_out.item).name;
    let list = step.reads.get(fan_out.list_read).map_or("", |read| read.name.as_str());
    let list =
        std::iter::once(list).chain(fan_out.path.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
    Some(format!("for each {item} in {list}"))
}

fn add_edges(plan: &Plan, read: &PlanRead, to: usize, edges: &mut Vec<Edge>) {
    let name = |attribute| plan.attribute(attribute).name.clone();
    let mut add = |from: StepIndex, attribute: String, kind: EdgeKind| {
        let edge = Edge { from: from.get(), to, attribute, kind };
        // An item that its own fan-out step reads is no flow between steps.
        if edge.from != to && !edges.contains(&edge) {
            edges.push(edge);
        }
    };
    match &read.source {
        ReadSource::Value { attribute, writers } => {
            let kind = if read.role == ReadRole::ForEach { EdgeKind::FanOut } else { EdgeKind::Value };
            for writer in writers {
                add(writer.step, name(*attribute), kind);
            }
        }
        ReadSource::Item { attribute, level } => {
            let kind = if read.role == ReadRole::ForEach { EdgeKind::FanOut } else { EdgeKind::Value };
            add(plan.level(*level).opener, name(*attribute), kind);
        }
        ReadSource::Gather { fields, .. } => {
            for field in fields {
                for writer in &field.writers {
                    add(*writer, name(field.attribute), EdgeKind::Gather);
                }
            }
        }
    }
}
