//! First phase: which row a node stands in, and a slot in every row that a wire passes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Port, Segment, Slot, text_width};
use crate::graph::flow::{Edge, EdgeKind, Flow};
use crate::graph::traffic::Mark;

/// More nodes in a row make the picture wider than a page; independent steps beyond that go to the next row. Only a
/// section of many nodes has longer rows, so that it is not a tower.
const ROW_NODES: usize = 4;

/// More wires of one kind from one node than this are drawn as one.
const BUNDLES_MAX: usize = 8;
/// Labels with more names than this only count them.
const NAMES_MAX: usize = 6;

const PORT_GAP: f64 = 16.0;
const NODE_WIDTH_MIN: f64 = 150.0;
/// Left of the text stands the sign of the action, right of it the mark of a fan-out.
const NODE_MARGIN: f64 = 76.0;
/// What the margin has room for: `×n`.
const TIMES_WIDTH: f64 = 16.0;
const WIRE_WIDTH: f64 = 10.0;

pub(super) fn draft(flow: &Flow) -> Draft {
    let node_rows = rows_of_nodes(flow);
    let row_count = node_rows.iter().max().map_or(0, |last| last + 1);
    let mut draft = Draft { rows: vec![Vec::new(); row_count], ..Draft::default() };
    for (node, row) in node_rows.iter().enumerate() {
        add_slot(&mut draft, Some(node), *row, node_width(flow, node));
    }
    for (number, bundle) in bundles(flow).iter().enumerate() {
        let label = bundle.label();
        let width = text_width(&label, 11.0) + PORT_GAP;
        draft.ports.push(Port { node: bundle.from, label, mark: bundle.mark, offset: 0.0, width });
        add_wire(&mut draft, number, bundle);
    }
    for port in &draft.ports {
        draft.slots[port.node].width =
            draft.slots[port.node].width.max(2.0 * PORT_GAP + ports_width(&draft.ports, port.node));
    }
    draft
}

fn ports_width(ports: &[Port], node: usize) -> f64 {
    ports.iter().filter(|port| port.node == node).map(|port| port.width).sum()
}

/// The row of each node: below all it reads, section after section.
fn rows_of_nodes(flow: &Flow) -> Vec<usize> {
    let mut rows = vec![0; flow.nodes.len()];
    let mut next_row = 0;
    for section in 0..flow.sections.len() {
        let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
        let count = flow.nodes.iter().filter(|node| node.section == section).count();
        let row_nodes_max = ROW_NODES.max((2 * count).isqrt());
        for node in (0..flow.nodes.len()).filter(|node| flow.nodes[*node].section == section) {
            let same = forward_edges(flow)
                .filter(|edge| edge.to == node && flow.nodes[edge.from].section == section);
            let mut row = same.map(|edge| rows[edge.from] + 1).fold(next_row, usize::max);
            while filled.get(&row).is_some_and(|count| *count >= row_nodes_max) {
                row += 1;
            }
            *filled.entry(row).or_default() += 1;
            rows[node] = row;
        }
        next_row = filled.keys().last().map_or(next_row, |last| last + 1);
    }
    rows
}

/// Edges that are drawn: what comes from an earlier turn or branch is told in words, at its reader.
fn forward_edges(flow: &Flow) -> impl Iterator<Item = &Edge> {
    flow.edges.iter().filter(|edge| edge.kind != EdgeKind::Earlier)
}

/// What one wire carries from one node, and to whom.
struct Bundle<'a> {
    from: usize,
    kind: EdgeKind,
    mark: Mark,
    attributes: Vec<&'a str>,
    targets: BTreeSet<usize>,
}

impl Bundle<'_> {
    fn label(&self) -> String {
        let names = match self.attributes.as_slice() {
            [first, second, third, _, ..] if self.attributes.len() <= NAMES_MAX => {
                format!("{first}, {second}, {third} +{}", self.attributes.len() - 3)
            }
            names if names.len() <= NAMES_MAX => names.join(", "),
            names => format!("{} values", names.len()),
        };
        self.kind.words(&names)
    }
}

/// The wires of the flow: values that go from one node to the same readers share one, and where that still leaves too
/// many, all values of one kind do.
fn bundles(flow: &Flow) -> Vec<Bundle<'_>> {
    let looks = EdgeKind::ALL.into_iter().flat_map(|kind| Mark::ALL.map(|mark| (kind, mark)));
    let looks: Vec<(EdgeKind, Mark)> = looks.collect();
    let mut bundles = Vec::new();
    for (from, (kind, mark)) in
        (0..flow.nodes.len()).flat_map(|node| looks.iter().map(move |look| (node, *look)))
    {
        let mut targets: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let alike = |edge: &&Edge| (edge.from, edge.kind, edge.mark) == (from, kind, mark);
        for edge in forward_edges(flow).filter(alike) {
            targets.entry(&edge.label).or_default().insert(edge.to);
        }
        let mut of_node: Vec<Bundle<'_>> = Vec::new();
        for (attribute, targets) in targets {
            match of_node.iter_mut().find(|bundle| bundle.targets == targets) {
                Some(bundle) => bundle.attributes.push(attribute),
                None => of_node.push(Bundle { from, kind, mark, attributes: vec![attribute], targets }),
            }
        }
        if of_node.len() > BUNDLES_MAX {
            let attributes = of_node.iter().flat_map(|bundle| bundle.attributes.iter().copied()).collect();
            let targets = of_node.iter().flat_map(|bundle| bundle.targets.iter().copied()).collect();
            of_node = vec![Bundle { from, kind, mark, attributes, targets }];
        }
        bundles.append(&mut of_node);
    }
    bundles
}

fn add_slot(draft: &mut Draft, node: Option<usize>, row: usize, width: f64) -> usize {
    draft.starts.push(Vec::new());
    draft.ends.push(Vec::new());
    draft.slots.push(Slot { node, row, width, x: 0.0 });
    draft.rows[row].push(draft.slots.len() - 1);
    draft.slots.len() - 1
}

/// One wire down to the last reader, with a segment to each reader from the row before it.
fn add_wire(draft: &mut Draft, port: usize, bundle: &Bundle<'_>) {
    let Bundle { mut from, kind, mark, .. } = *bundle;
    let targets = &bundle.targets;
    let last = targets.iter().map(|target| draft.slots[*target].row).max().unwrap_or(0);
    for row in draft.slots[from].row + 1..=last {
        for &to in targets {
            if draft.slots[to].row == row {
                add_segment(draft, Segment { port, from, to, kind, mark, to_offset: 0.0 });
            }
        }
        if row < last {
            let to = add_slot(draft, None, row, WIRE_WIDTH);
            add_segment(draft, Segment { port, from, to, kind, mark, to_offset: 0.0 });
            from = to;
        }
    }
}

fn add_segment(draft: &mut Draft, segment: Segment) {
    draft.starts[segment.from].push(draft.segments.len());
    draft.ends[segment.to].push(draft.segments.len());
    draft.segments.push(segment);
}

fn node_width(flow: &Flow, node: usize) -> f64 {
    let node = &flow.nodes[node];
    let details = node.details.iter().map(|line| text_width(line, 11.0)).fold(0.0, f64::max);
    let times = text_width(&node.times, 12.0);
    (text_width(&node.title(), 13.5).max(details) + NODE_MARGIN + (times - TIMES_WIDTH).max(0.0))
        .max(NODE_WIDTH_MIN)
}
