//! Pictures of a workflow, drawn from its plan: text for a terminal, Mermaid for a document, SVG for a page.
//!
//! All three show the same thing: one node per step of the definition (never one per branch), sections around them,
//! and an edge from the step that writes an attribute to each step that reads it. What fans out, what brings branches
//! together again and where a person is asked can be told from the nodes themselves.

mod flow;
mod layout;
mod mermaid;
mod svg;
mod text;

use crate::plan::Plan;

/// The workflow as an indented list, one step a line: address, action, what it reads → what it writes.
pub fn text(plan: &Plan) -> String {
    text::render(plan)
}

/// The workflow as a Mermaid flowchart.
pub fn mermaid(plan: &Plan) -> String {
    mermaid::render(plan)
}

/// The workflow as a stand-alone SVG picture, light or dark as the reader prefers.
pub fn svg(plan: &Plan) -> String {
    svg::render(plan)
}

#[cfg(test)]
mod tests;
