//! Second phase: the order in each row, so that few wires cross.

use super::Draft;

/// Passes over all rows; more than a few change nothing.
const SWEEPS: usize = 8;

/// Sorts each row by the middle of what its slots are connected with, down and up in turn, and keeps the best.
pub(super) fn sort_rows(draft: &mut Draft) {
    let mut best = (crossings(draft), draft.rows.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let rows: Vec<usize> =
            if down { (1..draft.rows.len()).collect() } else { (0..draft.rows.len()).rev().collect() };
        for row in rows {
            sort_row(draft, row, down);
        }
        let now = crossings(draft);
        if now < best.0 {
            best = (now, draft.rows.clone());
        }
    }
    draft.rows = best.1;
}

fn sort_row(draft: &mut Draft, row: usize, down: bool) {
    let positions = positions(draft);
    let middle = |slot: usize| {
        let neighbours =
            draft.side(slot, down).map(|segment| positions[if down { segment.from } else { segment.to }]);
        mean(neighbours).unwrap_or(positions[slot])
    };
    let mut keyed: Vec<(f64, usize)> = draft.rows[row].iter().map(|slot| (middle(*slot), *slot)).collect();
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    draft.rows[row] = keyed.into_iter().map(|(_, slot)| slot).collect();
}

/// Sorts the ports of each node by where their wires go, and spaces them along its lower edge.
pub(super) fn sort_ports(draft: &mut Draft) {
    let positions = positions(draft);
    let goal = |port: usize| {
        let wires = draft.side(draft.ports[port].node, false).filter(|segment| segment.port == port);
        mean(wires.map(|segment| positions[segment.to])).unwrap_or(0.0)
    };
    let mut sorted: Vec<(usize, f64, usize)> =
        draft.ports.iter().enumerate().map(|(number, port)| (port.node, goal(number), number)).collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    for of_node in sorted.chunk_by(|one, other| one.0 == other.0) {
        let total: f64 = of_node.iter().map(|(_, _, port)| draft.ports[*port].width).sum();
        let half = draft.slots[of_node[0].0].width / 2.0;
        // The label stands right of its wire: a single wire leaves in the middle if its label has room there.
        let mut left = if of_node.len() == 1 { (half - total).min(0.0) } else { -total / 2.0 };
        for (_, _, port) in of_node {
            draft.ports[*port].offset = left;
            left += draft.ports[*port].width;
        }
    }
}

/// The place of each slot in its row, as a fraction of the row, so that rows of different length compare.
fn positions(draft: &Draft) -> Vec<f64> {
    let mut positions = vec![0.0; draft.slots.len()];
    for row in &draft.rows {
        for (place, slot) in row.iter().enumerate() {
            positions[*slot] = (place as f64 + 0.5) / row.len() as f64;
        }
    }
    positions
}

fn crossings(draft: &Draft) -> usize {
    let positions = positions(draft);
    let mut count = 0;
    for row in &draft.rows {
        let below: Vec<(f64, f64)> = row
            .iter()
            .flat_map(|slot| draft.side(*slot, false))
            .map(|segment| (positions[segment.from], positions[segment.to]))
            .collect();
        for (number, one) in below.iter().enumerate() {
            let crosses = |other: &&(f64, f64)| (one.0 - other.0) * (one.1 - other.1) < 0.0;
            count += below[number + 1..].iter().filter(crosses).count();
        }
    }
    count
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
