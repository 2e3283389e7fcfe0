//! Where everything in the SVG picture stands: a small layered layout, top to bottom.
//!
//! Steps get rows by the depth of their data dependencies, section after section. A value leaves its writer at a port
//! of its own, labelled there, and runs down one wire that forks at the readers; where it passes a row in which it is
//! not read, it has a slot like a node has. So wires cross nothing but each other, and only between rows. The phases
//! are those of Sugiyama, Tagawa and Toda (1981): rows, order within the rows, positions.

mod order;
mod place;
mod rows;

use super::flow::{EdgeKind, Flow, Node};
use super::traffic::Mark;

/// Width of the column with the section names, in pixels like all lengths here.
pub(super) const GUTTER: f64 = 132.0;
/// Height of the heading above the first section.
const HEADING: f64 = 48.0;
/// Space inside a section above and below its rows.
const SECTION_PADDING: f64 = 20.0;
const SECTION_GAP: f64 = 8.0;
/// Space between two rows of one section, where wires change their place.
const CHANNEL: f64 = 40.0;
/// Space below a node for the labels of its ports.
const LABEL_HEIGHT: f64 = 18.0;
const MARGIN: f64 = 16.0;

/// Heights of the lines in a node, and what is above and below them.
pub(super) const LINE_HEIGHT: f64 = 16.0;
const NODE_PADDING: f64 = 20.0;

/// The finished layout.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// One per node.
    pub(super) boxes: Vec<Rectangle>,
    /// One per section.
    pub(super) bands: Vec<Rectangle>,
    pub(super) labels: Vec<Label>,
    pub(super) wires: Vec<Wire>,
}

/// A rectangle by its upper left corner.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The name of a value beside the wire that leaves its writer.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
    pub(super) mark: Mark,
}

/// A piece of a wire between two rows.
pub(super) struct Wire {
    /// Where it begins, where it leaves the row (until there it is straight), and where it meets the next row.
    pub(super) points: [(f64, f64); 3],
    pub(super) kind: EdgeKind,
    pub(super) mark: Mark,
    /// Whether it ends at a reader.
    pub(super) arrow: bool,
}

/// A place in a row: of a node, or of a wire that passes by.
struct Slot {
    node: Option<usize>,
    row: usize,
    width: f64,
    /// The middle.
    x: f64,
}

/// Where a value leaves its writer.
struct Port {
    node: usize,
    label: String,
    mark: Mark,
    /// From the middle of the node.
    offset: f64,
    width: f64,
}

/// A piece of a wire from a slot to one in the next row.
struct Segment {
    port: usize,
    from: usize,
    to: usize,
    kind: EdgeKind,
    mark: Mark,
    /// From the middle of the slot it ends at.
    to_offset: f64,
}

/// The layout while it is made.
#[derive(Default)]
struct Draft {
    /// Node slots first, with the numbers of the nodes.
    slots: Vec<Slot>,
    ports: Vec<Port>,
    segments: Vec<Segment>,
    /// Segments that end, and that begin, at each slot.
    ends: Vec<Vec<usize>>,
    starts: Vec<Vec<usize>>,
    /// Slots of each row from left to right.
    rows: Vec<Vec<usize>>,
}

impl Draft {
    /// How far from the middle of its slot a segment begins.
    fn start_offset(&self, segment: &Segment) -> f64 {
        if self.slots[segment.from].node.is_some() { self.ports[segment.port].offset } else { 0.0 }
    }

    /// Whether nothing is read from the slot and it reads nothing.
    fn is_lonely(&self, slot: usize) -> bool {
        self.starts[slot].is_empty() && self.ends[slot].is_empty()
    }

    /// The segments of a slot on the side that a pass looks at: above when it goes down.
    fn side(&self, slot: usize, down: bool) -> impl Iterator<Item = &Segment> {
        let numbers = if down { &self.ends[slot] } else { &self.starts[slot] };
        numbers.iter().map(|number| &self.segments[*number])
    }
}

/// A way to find places for a flow. The pictures depend on this only.
pub(super) trait Arrange {
    /// Finds a place for everything; nothing may cover anything else.
    fn arrange(&self, flow: &Flow) -> Layout;
}

/// The layered layout of this file.
pub(super) struct Layered;

impl Arrange for Layered {
    fn arrange(&self, flow: &Flow) -> Layout {
        let mut draft = rows::draft(flow);
        order::sort_rows(&mut draft);
        order::sort_ports(&mut draft);
        place::place(&mut draft);
        finish(flow, &draft)
    }
}

fn finish(flow: &Flow, draft: &Draft) -> Layout {
    let (bands, row_tops, row_heights) = stack(flow, draft);
    let right = draft.slots.iter().map(|slot| slot.x + slot.width / 2.0).fold(0.0, f64::max);
    let width = MARGIN + GUTTER + right + SECTION_PADDING + MARGIN;
    let height = bands.last().map_or(0.0, |band| band.y + band.height) + MARGIN;
    let x = |slot: usize| MARGIN + GUTTER + draft.slots[slot].x;
    let boxes: Vec<Rectangle> = (0..flow.nodes.len())
        .map(|node| Rectangle {
            x: x(node) - draft.slots[node].width / 2.0,
            y: row_tops[draft.slots[node].row],
            width: draft.slots[node].width,
            height: node_height(flow, node),
        })
        .collect();
    let labelled = draft.ports.iter().filter(|port| !port.label.is_empty());
    let labels = labelled.map(|port| Label {
        x: x(port.node) + port.offset + 5.0,
        y: boxes[port.node].y + boxes[port.node].height + 13.0,
        text: port.label.clone(),
        mark: port.mark,
    });
    let wires = draft.segments.iter().map(|segment| {
        let (from, to) = (&draft.slots[segment.from], &draft.slots[segment.to]);
        let start = from.node.map_or(row_tops[from.row], |node| boxes[node].y + boxes[node].height);
        let (x_from, x_to) =
            (x(segment.from) + draft.start_offset(segment), x(segment.to) + segment.to_offset);
        let deck = to.node.map_or(0.0, |node| deck_height(&flow.nodes[node]));
        Wire {
            points: [
                (x_from, start),
                (x_from, row_tops[from.row] + row_heights[from.row]),
                (x_to, row_tops[to.row] - deck),
            ],
            kind: segment.kind,
            mark: segment.mark,
            arrow: to.node.is_some(),
        }
    });
    let bands = bands.iter().map(|band| Rectangle { width: width - 2.0 * MARGIN, ..*band }).collect();
    Layout { width, height, labels: labels.collect(), wires: wires.collect(), boxes, bands }
}

/// The bands of the sections (without their width), and the upper edge and height of each row, labels included.
fn stack(flow: &Flow, draft: &Draft) -> (Vec<Rectangle>, Vec<f64>, Vec<f64>) {
    let mut bands: Vec<Rectangle> = Vec::new();
    let (mut tops, mut heights) = (Vec::new(), Vec::new());
    let mut y = HEADING;
    let mut rows = draft.rows.iter().peekable();
    for section in 0..flow.sections.len() {
        let band_top = y;
        y += SECTION_PADDING;
        let of_section = |row: &Vec<usize>| {
            row.iter()
                .any(|slot| draft.slots[*slot].node.is_some_and(|node| flow.nodes[node].section == section))
        };
        let mut first = true;
        while let Some(row) = rows.next_if(|row| of_section(row)) {
            y += if first { 0.0 } else { CHANNEL };
            first = false;
            let nodes = row.iter().filter_map(|slot| draft.slots[*slot].node);
            let height = nodes.map(|node| node_height(flow, node)).fold(0.0, f64::max) + LABEL_HEIGHT;
            tops.push(y);
            heights.push(height);
            y += height;
        }
        y += SECTION_PADDING / 2.0;
        bands.push(Rectangle { x: MARGIN, y: band_top, width: 0.0, height: y - band_top });
        y += SECTION_GAP;
    }
    (bands, tops, heights)
}

fn node_height(flow: &Flow, node: usize) -> f64 {
    NODE_PADDING + LINE_HEIGHT * (1 + flow.nodes[node].details.len()) as f64
}

/// How far the cards behind a node that runs once per element stand out above it.
pub(super) fn deck_height(node: &Node) -> f64 {
    if node.times.is_empty() { 0.0 } else { 8.0 }
}

/// About how wide a text is in a bold sans-serif font of that size, rather too wide than too narrow.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let units: f64 = text
        .chars()
        .map(|character| match character {
            'i' | 'j' | 'l' | 't' | 'f' | 'I' | '.' | ',' | ':' | ' ' | '(' | ')' | '[' | ']' | '/' => 0.40,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '●' | '○' | '→' | '…' => 1.02,
            'A'..='Z' => 0.78,
            // Wide scripts.
            '\u{1100}'.. => 1.05,
            _ => 0.66,
        })
        .sum();
    units * size
}
