//! The picture as a Mermaid flowchart, for documents that render those.

use std::fmt::Write as _;

use super::flow::{EdgeKind, Flow, Node, NodeKind};
use crate::plan::Plan;

const CLASSES: &str = "  classDef model fill:#dbeafe,stroke:#2563eb,color:#0f172a
  classDef person fill:#fef3c7,stroke:#d97706,color:#0f172a
  classDef template fill:#e2e8f0,stroke:#64748b,color:#0f172a
  classDef custom fill:#ede9fe,stroke:#7c3aed,color:#0f172a
  classDef boundary fill:#f8fafc,stroke:#94a3b8,color:#0f172a
  classDef disabled fill:#f1f5f9,stroke:#cbd5e1,color:#94a3b8,stroke-dasharray:4
";

pub(super) fn render(plan: &Plan) -> String {
    let flow = Flow::new(plan);
    let mut picture = format!("flowchart TD\n  accTitle: {}\n", escape(&plan.workflow));
    for (number, section) in flow.sections.iter().enumerate() {
        push(&mut picture, &format!("  subgraph section{number}[\"{}\"]", escape(section)));
        for (index, node) in flow.nodes.iter().enumerate().filter(|(_, node)| node.section == number) {
            push(&mut picture, &format!("    step{index}{}:::{}", shape(node), class(node)));
        }
        push(&mut picture, "  end");
    }
    for edge in &flow.edges {
        let name = escape(&edge.attribute);
        let arrow = match edge.kind {
            EdgeKind::Value => format!("-->|\"{name}\"|"),
            EdgeKind::FanOut => format!("-->|\"each of {name}\"|"),
            EdgeKind::Gather => format!("==>|\"all {name}\"|"),
        };
        push(&mut picture, &format!("  step{} {arrow} step{}", edge.from, edge.to));
    }
    picture + CLASSES
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{line}");
}

fn shape(node: &Node) -> String {
    let lines = std::iter::once(node.name.as_str()).chain(node.details.iter().map(String::as_str));
    let label = lines.map(escape).collect::<Vec<_>>().join("<br/>") + &" ×n".repeat(node.depth);
    let (open, close) = match node.kind {
        _ if node.depth > 0 => ("[[", "]]"),
        NodeKind::Person => ("[/", "/]"),
        NodeKind::Gather => ("[\\", "/]"),
        NodeKind::Boundary => ("([", "])"),
        NodeKind::Model | NodeKind::Template | NodeKind::Custom => ("[", "]"),
    };
    format!("{open}\"{label}\"{close}")
}

fn class(node: &Node) -> &'static str {
    match node.kind {
        _ if !node.enabled => "disabled",
        NodeKind::Model => "model",
        NodeKind::Person => "person",
        NodeKind::Template | NodeKind::Gather => "template",
        NodeKind::Custom => "custom",
        NodeKind::Boundary => "boundary",
    }
}

/// Text inside a quoted label; Mermaid reads `#name;` as a character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            ';' => escaped.push_str("#59;"),
            '`' => escaped.push_str("#96;"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
