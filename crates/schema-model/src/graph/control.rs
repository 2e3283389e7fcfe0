//! The control layer: steps in order, and for whom each of them waits.

use super::flow::{Edge, EdgeKind, Flow};
use super::step;
use super::traffic::{Mark, Traffic};
use crate::plan::{Plan, StepIndex};

/// Node numbers are step indices; the results of the workflow, if any, are one more node.
pub(super) fn flow(plan: &Plan, traffic: &Traffic) -> Flow {
    let nodes = plan.steps.iter().map(|step| step::node(plan, traffic, step)).collect();
    let mut flow =
        Flow { title: plan.workflow.clone(), nodes, edges: Vec::new(), sections: step::sections(plan) };
    let results = step::results(plan, traffic.results_mark()).map(|node| flow.push(node));
    for transfer in &traffic.transfers {
        let Some(to) = transfer.reader.map(StepIndex::get).or(results) else { continue };
        flow.connect(Edge {
            from: transfer.generation.writer.get(),
            to,
            label: plan.attribute(transfer.generation.attribute).name.clone(),
            kind: transfer.kind.into(),
            mark: traffic.generation_mark(transfer.generation),
        });
    }
    for (step, other) in plan.steps.iter().flat_map(|step| step.after.iter().map(move |other| (step, other)))
    {
        let (from, to) = (other.get(), step.index.get());
        flow.connect(Edge { from, to, label: String::new(), kind: EdgeKind::Order, mark: Mark::None });
    }
    flow
}
