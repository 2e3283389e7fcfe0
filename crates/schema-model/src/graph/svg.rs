//! The picture as SVG: stand-alone, with its own colours for a light and a dark page.

mod style;

use std::fmt::Write as _;

use super::flow::{EdgeKind, Flow, Node, NodeKind};
use super::layout::{self, Arrange as _, GUTTER, LINE_HEIGHT, Label, Layered, Layout, Rectangle, Wire};
use super::traffic::Mark;

const LEGEND_LINE_HEIGHT: f64 = 18.0;

pub(super) fn render(flow: &Flow) -> String {
    let layout = Layered.arrange(flow);
    let legend = legend(flow);
    let wide = legend.iter().map(|line| layout::text_width(line, 11.0)).fold(0.0, f64::max);
    let width = layout.width.max(layout::text_width(&flow.title, 16.0) + 40.0).max(wide + 40.0);
    let height = layout.height + LEGEND_LINE_HEIGHT * legend.len() as f64 + 6.0;
    let marked = if flow.is_marked() { " marked" } else { "" };
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow-graph{marked}\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{}</title>\n\
         <style>\n{}@media (prefers-color-scheme:dark){{\n{}}}\n</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        escape(&flow.title),
        style::STYLE,
        style::DARK_STYLE
    );
    push(&mut picture, &text("heading", 16.0, 30.0, &flow.title));
    for (name, band) in flow.sections.iter().zip(&layout.bands) {
        push_section(&mut picture, name, *band);
    }
    draw_flow(&mut picture, flow, &layout);
    for (number, line) in legend.iter().enumerate() {
        push(
            &mut picture,
            &text("legend", 16.0, layout.height + 4.0 + LEGEND_LINE_HEIGHT * number as f64, line),
        );
    }
    picture + "</svg>\n"
}

/// What the reader of this picture has to know.
fn legend(flow: &Flow) -> Vec<&'static str> {
    let has = |kind: EdgeKind| flow.edges.iter().any(|edge| edge.kind == kind);
    let lines = [
        (
            flow.nodes.iter().any(|node| !node.times.is_empty()),
            "Stacked: in branches. ×n: one for each element of a list; ×6: that many candidates.",
        ),
        (
            flow.nodes.iter().any(|node| node.times.contains('↻')),
            "↻3: in turns, one after another, at most 3.",
        ),
        (has(EdgeKind::Condition), "Dotted line: looked at by a condition."),
        (has(EdgeKind::Gather), "Dashed line: the values of all branches as one list."),
        (flow.is_marked(), "● thick: the attribute, and what writes or reads it. ○ what is made from it."),
    ];
    lines.into_iter().filter(|(shown, _)| *shown).map(|(_, line)| line).collect()
}

fn draw_flow(picture: &mut String, flow: &Flow, layout: &Layout) {
    for wire in &layout.wires {
        push_wire(picture, wire);
    }
    for (node, place) in flow.nodes.iter().zip(&layout.boxes) {
        push_node(picture, node, *place);
    }
    for Label { x, y, text: name, mark } in &layout.labels {
        push(picture, &text(&format!("label{}", mark_class(*mark)), *x, *y, name));
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
    let kind = match wire.kind {
        EdgeKind::Value => "",
        EdgeKind::FanOut => " fan-out",
        EdgeKind::Gather => " gather",
        EdgeKind::Write => " write",
        EdgeKind::Condition | EdgeKind::Order | EdgeKind::Earlier => " condition",
    };
    let class = format!("{kind}{}", mark_class(wire.mark));
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
    let mark = mark_class(node.mark);
    push(picture, &format!("<g class=\"{class}{mark}\"><title>{}</title>", escape(&node.name)));
    let radius = if node.kind == NodeKind::Attribute { height / 2.0 } else { 6.0 };
    let cards = if node.times.is_empty() { &[0.0][..] } else { &[8.0, 4.0, 0.0] };
    for inset in cards {
        let (left, top, wide) = (x + inset, y - inset, width - 2.0 * inset);
        push(
            picture,
            &format!(
                "<rect class=\"card\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{height:.1}\" rx=\"{radius:.0}\"/>"
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
    if !node.times.is_empty() {
        // Clear of the round end of an attribute.
        let (right, down) = if node.kind == NodeKind::Attribute { (16.0, 22.0) } else { (10.0, 17.0) };
        let left = x + width - right - layout::text_width(&node.times, 12.0);
        push(picture, &text("times", left, y + down, &node.times));
    }
    push(picture, "</g>");
}

fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::None => "",
        Mark::Made => " made",
        Mark::Flow => " flow",
    }
}

fn class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Model => "model",
        NodeKind::Person => "person",
        NodeKind::Template | NodeKind::Level => "template",
        NodeKind::Join => "joined",
        NodeKind::Custom => "custom",
        NodeKind::Attribute => "attribute",
        NodeKind::Boundary => "boundary",
    }
}

/// What stands left of the title, in a square of 16: a spark, a person, braces, a funnel, a turn, a cube, a sheet, a tray.
fn sign(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Model => "M8 0Q8 8 16 8Q8 8 8 16Q8 8 0 8Q8 8 8 0z",
        NodeKind::Person => "M8 1a3 3 0 0 1 0 6a3 3 0 0 1 0 -6zM2 15q0 -6 6 -6q6 0 6 6",
        NodeKind::Template => "M6 2q-3 0 -3 3t-2 3q2 0 2 3t3 3M10 2q3 0 3 3t2 3q-2 0 -2 3t-3 3",
        NodeKind::Join => "M1 2h14l-5 6v6l-4 -2v-4z",
        NodeKind::Level => "M13 5a6 6 0 1 0 1 5M14 2v4h-4",
        NodeKind::Custom => "M8 1l6 3v7l-6 4l-6 -4v-7zM2 4l6 4l6 -4M8 8v7",
        NodeKind::Attribute => "M4 2h8l3 3v9h-11zM7 7h5M7 10h5",
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
