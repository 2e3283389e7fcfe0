//! The picture as a Mermaid flowchart, for documents that render those.

use std::fmt::Write as _;

use super::flow::{Edge, EdgeKind, Flow, Node, NodeKind};
use super::traffic::Mark;

const CLASSES: &str = "  classDef model fill:#dbeafe,stroke:#2563eb,color:#0f172a
  classDef person fill:#fef3c7,stroke:#d97706,color:#0f172a
  classDef template fill:#e2e8f0,stroke:#64748b,color:#0f172a
  classDef join fill:#dcfce7,stroke:#16a34a,color:#0f172a
  classDef custom fill:#ede9fe,stroke:#7c3aed,color:#0f172a
  classDef attribute fill:#ffffff,stroke:#64748b,color:#0f172a
  classDef boundary fill:#f8fafc,stroke:#94a3b8,color:#0f172a
  classDef disabled fill:#f1f5f9,stroke:#cbd5e1,color:#94a3b8,stroke-dasharray:4
";

const MARK_CLASSES: &str = "  classDef flow stroke:#be185d,stroke-width:4px
  classDef made stroke:#f472b6,stroke-width:3px,stroke-dasharray:6 3
";

pub(super) fn render(flow: &Flow) -> String {
    let mut picture = format!("flowchart TD\n  accTitle: {}\n", escape(&flow.title));
    for (number, section) in flow.sections.iter().enumerate() {
        push(&mut picture, &format!("  subgraph section{number}[\"{}\"]", escape(section)));
        for (index, node) in flow.nodes.iter().enumerate().filter(|(_, node)| node.section == number) {
            push(&mut picture, &format!("    node{index}{}:::{}", shape(node), class(node)));
        }
        push(&mut picture, "  end");
    }
    for edge in &flow.edges {
        push(&mut picture, &format!("  node{} {} node{}", edge.from, arrow(edge), edge.to));
    }
    picture.push_str(CLASSES);
    if flow.is_marked() {
        push_marks(&mut picture, flow);
    }
    picture
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{line}");
}

fn shape(node: &Node) -> String {
    let heading = node.heading();
    let lines = std::iter::once(heading.as_str()).chain(node.details.iter().map(String::as_str));
    let times = if node.times.is_empty() { String::new() } else { format!(" {}", node.times) };
    let label = lines.map(escape).collect::<Vec<_>>().join("<br/>") + &times;
    let (open, close) = match node.kind {
        NodeKind::Attribute | NodeKind::Boundary => ("([", "])"),
        NodeKind::Level => ("{{", "}}"),
        _ if !node.times.is_empty() => ("[[", "]]"),
        NodeKind::Person => ("[/", "/]"),
        NodeKind::Join => ("[\\", "/]"),
        NodeKind::Model | NodeKind::Template | NodeKind::Custom => ("[", "]"),
    };
    format!("{open}\"{label}\"{close}")
}

fn class(node: &Node) -> &'static str {
    match node.kind {
        _ if !node.enabled => "disabled",
        NodeKind::Model => "model",
        NodeKind::Person => "person",
        NodeKind::Template | NodeKind::Level => "template",
        NodeKind::Join => "join",
        NodeKind::Custom => "custom",
        NodeKind::Attribute => "attribute",
        NodeKind::Boundary => "boundary",
    }
}

fn arrow(edge: &Edge) -> String {
    let line = match edge.kind {
        EdgeKind::Value | EdgeKind::FanOut | EdgeKind::Write => "-->",
        EdgeKind::Gather => "==>",
        EdgeKind::Condition | EdgeKind::Order | EdgeKind::Earlier => "-.->",
    };
    let words = edge.kind.words(&edge.label);
    if words.is_empty() { line.to_owned() } else { format!("{line}|\"{}\"|", escape(&words)) }
}

/// Classes of marked nodes, and styles of marked edges, which Mermaid knows by their number only.
fn push_marks(picture: &mut String, flow: &Flow) {
    picture.push_str(MARK_CLASSES);
    let marks = [
        (Mark::Flow, "flow", "stroke:#be185d,stroke-width:4px"),
        (Mark::Made, "made", "stroke:#f472b6,stroke-width:3px,stroke-dasharray:6 3"),
    ];
    for (mark, class, style) in marks {
        let nodes = flow.nodes.iter().enumerate().filter(|(_, node)| node.mark == mark);
        let nodes: Vec<String> = nodes.map(|(index, _)| format!("node{index}")).collect();
        if !nodes.is_empty() {
            push(picture, &format!("  class {} {class}", nodes.join(",")));
        }
        let edges = flow.edges.iter().enumerate().filter(|(_, edge)| edge.mark == mark);
        let edges: Vec<String> = edges.map(|(index, _)| index.to_string()).collect();
        if !edges.is_empty() {
            push(picture, &format!("  linkStyle {} {style}", edges.join(",")));
        }
    }
}

/// Text inside a quoted label; Mermaid reads `#name;` as a character. What would begin a list in Markdown is told by
/// its number too: Mermaid shows an error in place of such a label.
fn escape(text: &str) -> String {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let is_list = text.chars().nth(digits + 1).is_some_and(char::is_whitespace);
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.chars().enumerate() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            ';' => escaped.push_str("#59;"),
            '`' => escaped.push_str("#96;"),
            '.' | ')' | '-' | '+' | '*' if is_list && at == digits => {
                let _ = write!(escaped, "#{};", character as u32);
            }
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
