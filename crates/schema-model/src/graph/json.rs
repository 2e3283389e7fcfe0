//! The picture as JSON: nodes and edges by id, to draw something of one's own.

use serde_json::{Value as Json, json};

use super::Layer;
use super::flow::{Edge, Flow, Node};
use super::traffic::Traffic;
use crate::plan::Plan;

pub(super) fn render(plan: &Plan, layer: Layer, traffic: &Traffic, flow: &Flow) -> Json {
    let sections = (0..).zip(&flow.sections).map(|(number, name)| json!({ "number": number, "name": name }));
    json!({
        "format": "branchline.graph/1",
        "workflow": plan.workflow,
        "layer": layer,
        "attribute": traffic.attribute.map(|attribute| &plan.attribute(attribute).name),
        "sections": sections.collect::<Vec<_>>(),
        "nodes": flow.nodes,
        "edges": flow.edges.iter().map(|edge| edge_json(&flow.nodes, edge)).collect::<Vec<_>>(),
    })
}

fn edge_json(nodes: &[Node], edge: &Edge) -> Json {
    json!({
        "from": nodes[edge.from].id, "to": nodes[edge.to].id, "kind": edge.kind, "label": edge.label,
        "mark": edge.mark,
    })
}
