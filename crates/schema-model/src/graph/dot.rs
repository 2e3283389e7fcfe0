//! The picture in the DOT language, for Graphviz to lay out.

use std::fmt::Write as _;

use super::flow::{Edge, EdgeKind, Flow, Node, NodeKind};
use super::traffic::Mark;

const DEFAULTS: &str =
    "  graph [rankdir=TB, newrank=true, labelloc=t, fontname=\"Helvetica\", nodesep=0.3, ranksep=0.5]
  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=11, fontcolor=\"#0f172a\"]
  edge [color=\"#64748b\", fontname=\"Helvetica\", fontsize=9, fontcolor=\"#334155\"]
";

pub(super) fn render(flow: &Flow) -> String {
    let title = quote(&flow.title);
    let mut picture = format!("digraph {title} {{\n{DEFAULTS}  label={title}\n");
    for (number, section) in flow.sections.iter().enumerate() {
        push(&mut picture, &format!("  subgraph cluster_{number} {{"));
        push(&mut picture, &format!("    label={}", quote(section)));
        push(&mut picture, "    style=\"filled,rounded\"\n    color=\"#cbd5e1\"\n    fillcolor=\"#f8fafc\"");
        for (index, node) in flow.nodes.iter().enumerate().filter(|(_, node)| node.section == number) {
            push(&mut picture, &format!("    node{index} [{}]", node_attributes(node)));
        }
        push(&mut picture, "  }");
    }
    for edge in &flow.edges {
        push(
            &mut picture,
            &format!("  node{} -> node{}{}", edge.from, edge.to, bracketed(&edge_attributes(edge))),
        );
    }
    picture + "}\n"
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{line}");
}

fn bracketed(attributes: &[String]) -> String {
    if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) }
}

fn node_attributes(node: &Node) -> String {
    let times = if node.times.is_empty() { String::new() } else { format!(" {}", node.times) };
    let heading = node.heading() + &times;
    let lines = std::iter::once(heading.as_str()).chain(node.details.iter().map(String::as_str));
    let label = lines.map(escape).collect::<Vec<_>>().join("\\n");
    let (fill, stroke) = colours(node);
    let shape = match node.kind {
        NodeKind::Person => ", shape=house",
        NodeKind::Join => ", shape=invtrapezium",
        NodeKind::Level => ", shape=hexagon, style=filled",
        NodeKind::Attribute => ", shape=ellipse, style=filled",
        NodeKind::Model | NodeKind::Template | NodeKind::Custom | NodeKind::Boundary => "",
    };
    let disabled = if node.enabled { "" } else { ", style=\"dashed,rounded\", fontcolor=\"#64748b\"" };
    // A second outline, like the cards of a stack.
    let stack = if node.times.is_empty() { "" } else { ", peripheries=2" };
    let mark = match node.mark {
        Mark::None => "",
        Mark::Made => ", penwidth=2",
        Mark::Flow => ", penwidth=4, fontname=\"Helvetica-Bold\"",
    };
    format!("label=\"{label}\", fillcolor=\"{fill}\", color=\"{stroke}\"{shape}{disabled}{stack}{mark}")
}

/// The fill and the outline of a node.
fn colours(node: &Node) -> (&'static str, &'static str) {
    let (fill, stroke) = match node.kind {
        NodeKind::Model => ("#dbeafe", "#2563eb"),
        NodeKind::Person => ("#fef3c7", "#d97706"),
        NodeKind::Template | NodeKind::Level => ("#e2e8f0", "#64748b"),
        NodeKind::Join => ("#dcfce7", "#16a34a"),
        NodeKind::Custom => ("#ede9fe", "#7c3aed"),
        NodeKind::Attribute => ("#ffffff", "#64748b"),
        NodeKind::Boundary => ("#f1f5f9", "#94a3b8"),
    };
    match node.mark {
        Mark::None => (fill, stroke),
        Mark::Made => (fill, "#f472b6"),
        Mark::Flow => (fill, "#be185d"),
    }
}

fn edge_attributes(edge: &Edge) -> Vec<String> {
    let mut attributes = Vec::new();
    let words = edge.kind.words(&edge.label);
    if !words.is_empty() {
        attributes.push(format!("label={}", quote(&words)));
    }
    match edge.kind {
        EdgeKind::Value | EdgeKind::Write => {}
        EdgeKind::FanOut => attributes.push("penwidth=2".to_owned()),
        EdgeKind::Gather => attributes.push("style=dashed".to_owned()),
        EdgeKind::Condition | EdgeKind::Order => attributes.push("style=dotted".to_owned()),
        // It goes back, so it must not decide who stands above whom.
        EdgeKind::Earlier => attributes.push("style=dotted, constraint=false".to_owned()),
    }
    // Of two widths the last one counts.
    match edge.mark {
        Mark::None => {}
        Mark::Made => attributes.push("color=\"#f472b6\", penwidth=2".to_owned()),
        Mark::Flow => attributes.push("color=\"#be185d\", penwidth=4".to_owned()),
    }
    attributes
}

fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

/// Text between quotes. A backslash would begin one of the escapes of DOT, and `&` the name of a character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '&' => escaped.push_str("&amp;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
