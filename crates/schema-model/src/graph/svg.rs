//! The picture as SVG: stand-alone, with its own colours for a light and a dark page.

use std::fmt::Write as _;

use super::flow::{EdgeKind, Flow, Node, NodeKind};
use super::layout::{self, GUTTER, LINE_HEIGHT, Label, Layout, Rectangle, Wire};
use crate::plan::Plan;

/// Every selector begins with the class of the picture, so that it changes nothing on a page it is put into.
const STYLE: &str = "\
.flow-graph{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
.flow-graph .page{fill:#ffffff}
.flow-graph .band{fill:#f6f8fa;stroke:#d8dee4}
.flow-graph .section{font-size:13px;font-weight:600;fill:#57606a}
.flow-graph .heading{font-size:16px;font-weight:600;fill:#1f2328}
.flow-graph .title{font-size:13.5px;font-weight:600;fill:#1f2328}
.flow-graph .detail,.flow-graph .legend{font-size:11px;fill:#57606a}
.flow-graph .times{font-size:12px;font-weight:600;fill:#57606a}
.flow-graph .label{font-size:11px;fill:#0550ae}
.flow-graph .wire{fill:none;stroke:#8c959f;stroke-width:1.4}
.flow-graph .fan-out{stroke:#8250df;stroke-width:2}
.flow-graph .gather{stroke:#1a7f37;stroke-width:2;stroke-dasharray:6 3}
.flow-graph .tip{fill:#8c959f}
.flow-graph .tip.fan-out{fill:#8250df;stroke:none}
.flow-graph .tip.gather{fill:#1a7f37;stroke:none}
.flow-graph .card{stroke-width:1.2}
.flow-graph .sign{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.flow-graph .model .card{fill:#ddf4ff;stroke:#54aeff}
.flow-graph .model .sign{stroke:#0969da}
.flow-graph .person .card{fill:#fff8c5;stroke:#d4a72c}
.flow-graph .person .sign{stroke:#9a6700}
.flow-graph .template .card{fill:#ffffff;stroke:#8c959f}
.flow-graph .template .sign{stroke:#57606a}
.flow-graph .joined .card{fill:#dafbe1;stroke:#4ac26b}
.flow-graph .joined .sign{stroke:#1a7f37}
.flow-graph .custom .card{fill:#fbefff;stroke:#c297ff}
.flow-graph .custom .sign{stroke:#8250df}
.flow-graph .boundary .card{fill:#eaeef2;stroke:#8c959f}
.flow-graph .boundary .sign{stroke:#57606a}
.flow-graph .disabled .card{fill:none;stroke:#afb8c1;stroke-dasharray:4 3}
.flow-graph .disabled .title,.flow-graph .disabled .detail{fill:#8c959f}
.flow-graph .disabled .sign{stroke:#afb8c1}
";

const DARK_STYLE: &str = "\
.flow-graph .page{fill:#0d1117}
.flow-graph .band{fill:#161b22;stroke:#30363d}
.flow-graph .section,.flow-graph .detail,.flow-graph .legend,.flow-graph .times{fill:#9198a1}
.flow-graph .heading,.flow-graph .title{fill:#f0f6fc}
.flow-graph .label{fill:#79c0ff}
.flow-graph .fan-out{stroke:#a371f7}
.flow-graph .gather{stroke:#3fb950}
.flow-graph .tip.fan-out{fill:#a371f7}
.flow-graph .tip.gather{fill:#3fb950}
.flow-graph .model .card{fill:#0c2d6b;stroke:#1f6feb}
.flow-graph .model .sign{stroke:#79c0ff}
.flow-graph .person .card{fill:#4b2900;stroke:#9e6a03}
.flow-graph .person .sign{stroke:#e3b341}
.flow-graph .template .card{fill:#21262d;stroke:#6e7681}
.flow-graph .template .sign{stroke:#9198a1}
.flow-graph .joined .card{fill:#04260f;stroke:#2ea043}
.flow-graph .joined .sign{stroke:#56d364}
.flow-graph .custom .card{fill:#2a1a4a;stroke:#8957e5}
.flow-graph .custom .sign{stroke:#d2a8ff}
.flow-graph .boundary .card{fill:#21262d;stroke:#6e7681}
.flow-graph .boundary .sign{stroke:#9198a1}
.flow-graph .disabled .card{fill:none;stroke:#484f58}
.flow-graph .disabled .title,.flow-graph .disabled .detail{fill:#6e7681}
";

const LEGEND: &str = "Stacked: once per element of a list. Dashed: the values of all branches as one list.";
const LEGEND_HEIGHT: f64 = 24.0;

pub(super) fn render(plan: &Plan) -> String {
    let flow = Flow::new(plan);
    let layout = layout::layout(&flow);
    let has_branches = flow.nodes.iter().any(|node| node.depth > 0);
    let width = layout.width.max(layout::text_width(&plan.workflow, 16.0) + 40.0);
    let height = layout.height + if has_branches { LEGEND_HEIGHT } else { 0.0 };
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow-graph\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{}</title>\n\
         <style>\n{STYLE}@media (prefers-color-scheme:dark){{\n{DARK_STYLE}}}\n</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        escape(&plan.workflow)
    );
    push(&mut picture, &text("heading", 16.0, 30.0, &plan.workflow));
    for (name, band) in flow.sections.iter().zip(&layout.bands) {
        push_section(&mut picture, name, *band);
    }
    draw_flow(&mut picture, &flow, &layout);
    if has_branches {
        push(&mut picture, &text("legend", 16.0, height - 14.0, LEGEND));
    }
    picture + "</svg>\n"
}

fn draw_flow(picture: &mut String, flow: &Flow, layout: &Layout) {
    for wire in &layout.wires {
        push_wire(picture, wire);
    }
    for (node, place) in flow.nodes.iter().zip(&layout.boxes) {
        push_node(picture, node, *place);
    }
    for Label { x, y, text: name } in &layout.labels {
        push(picture, &text("label", *x, *y, name));
    }
}

fn push(picture: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(picture, "{line}");
}

fn text(class: &str, x: f64, y: f64, text: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(text))
}

fn push_section(picture: &mut String, name: &str, band: Rectangle) {
    let Rectangle { x, y, width, height } = band;
    push(
        picture,
        &format!(
            "<rect class=\"band\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\"/>"
        ),
    );
    // As many lines as the section is high, the last one cut.
    let lines_max = ((height - 14.0) / 17.0).max(1.0) as usize;
    let lines = wrap(name, GUTTER - 24.0);
    for (number, line) in lines.iter().take(lines_max).enumerate() {
        let cut = if number + 1 == lines_max && lines.len() > lines_max { "…" } else { "" };
        push(picture, &text("section", x + 14.0, y + 26.0 + 17.0 * number as f64, &format!("{line}{cut}")));
    }
}

/// Breaks a name between words, and inside those that are too long.
fn wrap(name: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if layout::text_width(&format!("{line} {word}"), 13.5) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(String::new()),
        }
        let Some(line) = lines.last_mut().filter(|line| line.is_empty()) else { continue };
        let fitting =
            word.char_indices().take_while(|(at, _)| layout::text_width(&word[..*at], 13.5) < width - 8.0);
        let end = fitting.last().map_or(0, |(at, character)| at + character.len_utf8());
        line.push_str(&word[..end]);
        if end < word.len() {
            lines.push(word[end..].to_owned());
        }
    }
    lines
}

fn push_wire(picture: &mut String, wire: &Wire) {
    let [(x0, y0), (x1, y1), (x2, y2)] = wire.points;
    let class = match wire.kind {
        EdgeKind::Value => "",
        EdgeKind::FanOut => " fan-out",
        EdgeKind::Gather => " gather",
    };
    let end = if wire.arrow { y2 - 5.0 } else { y2 };
    let middle = f64::midpoint(y1, end);
    push(
        picture,
        &format!(
            "<path class=\"wire{class}\" d=\"M{x0:.1} {y0:.1}V{y1:.1}C{x1:.1} {middle:.1} {x2:.1} {middle:.1} {x2:.1} {end:.1}\"/>"
        ),
    );
    if wire.arrow {
        push(picture, &format!("<path class=\"tip{class}\" d=\"M{x2:.1} {y2:.1}l-4 -8h8z\"/>"));
    }
}

fn push_node(picture: &mut String, node: &Node, place: Rectangle) {
    let Rectangle { x, y, width, height } = place;
    let class = if node.enabled { class(node.kind) } else { "disabled" };
    push(picture, &format!("<g class=\"{class}\"><title>{}</title>", escape(&node.name)));
    let cards = if node.depth > 0 { &[8.0, 4.0, 0.0][..] } else { &[0.0] };
    for inset in cards {
        let (left, top, wide) = (x + inset, y - inset, width - 2.0 * inset);
        push(
            picture,
            &format!(
                "<rect class=\"card\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{height:.1}\" rx=\"6\"/>"
            ),
        );
    }
    push(
        picture,
        &format!(
            "<path class=\"sign\" transform=\"translate({:.1} {:.1})\" d=\"{}\"/>",
            x + 12.0,
            y + 13.0,
            sign(node.kind)
        ),
    );
    push(picture, &text("title", x + 36.0, y + 22.0, &node.title()));
    for (number, line) in node.details.iter().enumerate() {
        push(picture, &text("detail", x + 36.0, y + 23.0 + LINE_HEIGHT * (number + 1) as f64, line));
    }
    if node.depth > 0 {
        let times = "×n".repeat(node.depth);
        let left = x + width - 10.0 - layout::text_width(&times, 12.0);
        push(picture, &text("times", left, y + 17.0, &times));
    }
    push(picture, "</g>");
}

fn class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Model => "model",
        NodeKind::Person => "person",
        NodeKind::Template => "template",
        NodeKind::Gather => "joined",
        NodeKind::Custom => "custom",
        NodeKind::Boundary => "boundary",
    }
}

/// What stands left of the title, in a square of 16: a spark, a person, braces, a funnel, a cube, a tray.
fn sign(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Model => "M8 0Q8 8 16 8Q8 8 8 16Q8 8 0 8Q8 8 8 0z",
        NodeKind::Person => "M8 1a3 3 0 0 1 0 6a3 3 0 0 1 0 -6zM2 15q0 -6 6 -6q6 0 6 6",
        NodeKind::Template => "M6 2q-3 0 -3 3t-2 3q2 0 2 3t3 3M10 2q3 0 3 3t2 3q-2 0 -2 3t-3 3",
        NodeKind::Gather => "M1 2h14l-5 6v6l-4 -2v-4z",
        NodeKind::Custom => "M8 1l6 3v7l-6 4l-6 -4v-7zM2 4l6 4l6 -4M8 8v7",
        NodeKind::Boundary => "M1 9v5h14v-5M8 1v8M5 6l3 3l3 -3",
    }
}

/// Text in XML; characters that XML forbids even when escaped become the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
