//! Pictures of a workflow, drawn from its plan: text for a terminal, Mermaid for a document, DOT for Graphviz, SVG for
//! a page, JSON to draw something of one's own.
//!
//! The control layer has one node per step of the definition (never one per branch), sections around them, and an
//! edge from the step that writes a value to each step that waits for it. What fans out, what brings branches together
//! again and where a person is asked can be told from the nodes themselves. The data layer puts the attributes between
//! the steps; an attribute that is overwritten is one node for each step that writes it. In both, everything that one
//! attribute flows through can be marked, and what is made from it in a lighter tone.

mod control;
mod data;
mod dot;
mod flow;
mod json;
mod layout;
mod mermaid;
mod step;
mod svg;
mod text;
mod traffic;

use serde::Serialize;

use crate::plan::{AttributeIndex, Plan};
use flow::Flow;
use traffic::Traffic;

/// What a picture shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Steps, and which of them waits for which.
    #[default]
    Control,
    /// Steps and attributes, and who writes and reads what.
    Data,
}

/// A workflow ready to be drawn.
pub struct Picture<'a> {
    plan: &'a Plan,
    layer: Layer,
    traffic: Traffic,
    flow: Flow,
}

impl<'a> Picture<'a> {
    /// A picture of a layer, with everything marked that `attribute` flows through.
    pub fn new(plan: &'a Plan, layer: Layer, attribute: Option<AttributeIndex>) -> Self {
        let traffic = Traffic::new(plan, attribute);
        let flow = match layer {
            Layer::Control => control::flow(plan, &traffic),
            Layer::Data => data::flow(plan, &traffic),
        };
        Self { plan, layer, traffic, flow }
    }

    /// An indented list: in the control layer one step a line, in the data layer each step with what it writes below.
    pub fn text(&self) -> String {
        text::render(self.plan, self.layer, &self.traffic)
    }

    /// A Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        mermaid::render(&self.flow)
    }

    /// A digraph for Graphviz.
    pub fn dot(&self) -> String {
        dot::render(&self.flow)
    }

    /// A stand-alone SVG picture, light or dark as the reader prefers.
    pub fn svg(&self) -> String {
        svg::render(&self.flow)
    }

    /// Sections, nodes and edges: `branchline.graph/1`.
    pub fn json(&self) -> serde_json::Value {
        json::render(self.plan, self.layer, &self.traffic, &self.flow)
    }
}

#[cfg(test)]
mod tests;
