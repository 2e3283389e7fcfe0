//! Third phase: how far from the left each slot stands, so that wires are straight where they can be.

use super::{Draft, Slot};

/// Passes over all rows; the last two change less than a pixel.
const SWEEPS: usize = 12;
const SLOT_GAP: f64 = 24.0;
/// A wire that passes a row has no other wish than to be straight.
const WIRE_WEIGHT: f64 = 4.0;
/// A node without a wire stands wherever the others leave room.
const LONELY_WEIGHT: f64 = 0.01;

pub(super) fn place(draft: &mut Draft) {
    for row in 0..draft.rows.len() {
        let wishes = vec![0.0; draft.rows[row].len()];
        settle(draft, row, &wishes);
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let rows: Vec<usize> =
            if down { (1..draft.rows.len()).collect() } else { (0..draft.rows.len()).rev().collect() };
        for row in rows {
            let wishes: Vec<f64> = draft.rows[row].iter().map(|slot| wish(draft, *slot, down)).collect();
            settle(draft, row, &wishes);
        }
    }
    let left = draft.slots.iter().map(|slot| slot.x - slot.width / 2.0).fold(f64::INFINITY, f64::min);
    draft.slots.iter_mut().for_each(|slot| slot.x -= left);
    spread_ends(draft);
}

/// Where a slot would like to stand: below, or above, the mean of what it is connected with.
fn wish(draft: &Draft, slot: usize, down: bool) -> f64 {
    if draft.is_lonely(slot) {
        let row = &draft.rows[draft.slots[slot].row];
        let others = row.iter().filter(|other| !draft.is_lonely(**other)).map(|other| draft.slots[*other].x);
        let (sum, count) = others.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        return if count > 0.0 { sum / count } else { draft.slots[slot].x };
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for segment in draft.side(slot, down) {
        let offset = draft.start_offset(segment);
        let other =
            if down { draft.slots[segment.from].x + offset } else { draft.slots[segment.to].x - offset };
        sum += other;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { draft.slots[slot].x }
}

/// Gives every slot of a row the place nearest to its wish that keeps order and distances.
///
/// With the distances taken off, that is a weighted isotonic regression: neighbours in the wrong order are pooled at
/// their mean.
fn settle(draft: &mut Draft, row: usize, wishes: &[f64]) {
    let mut shifts = Vec::with_capacity(wishes.len());
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    let (mut shift, mut last_width) = (0.0, None);
    for (slot, wish) in draft.rows[row].iter().zip(wishes) {
        let Slot { width, node, .. } = draft.slots[*slot];
        let weight = match node {
            None => WIRE_WEIGHT,
            Some(_) if draft.is_lonely(*slot) => LONELY_WEIGHT,
            Some(_) => 1.0,
        };
        shift += last_width.map_or(0.0, |last: f64| f64::midpoint(last, width) + SLOT_GAP);
        last_width = Some(width);
        shifts.push(shift);
        let mut pool = (wish - shift, weight, 1);
        while let Some(before) = pools.pop_if(|before| before.0 > pool.0) {
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    let places = pools.iter().flat_map(|(place, _, count)| std::iter::repeat_n(*place, *count));
    let places: Vec<f64> = places.zip(shifts).map(|(place, shift)| place + shift).collect();
    for (number, place) in places.into_iter().enumerate() {
        let slot = draft.rows[row][number];
        draft.slots[slot].x = place;
    }
}

/// Spreads the wires that end at one node along its upper edge, in the order they come in.
fn spread_ends(draft: &mut Draft) {
    for node in (0..draft.slots.len()).filter(|slot| draft.slots[*slot].node.is_some()) {
        let mut ends: Vec<(f64, usize)> = draft.ends[node]
            .iter()
            .map(|number| (*number, &draft.segments[*number]))
            .map(|(number, segment)| (draft.slots[segment.from].x + draft.start_offset(segment), number))
            .collect();
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        let step = (draft.slots[node].width * 0.7 / ends.len().max(1) as f64).min(22.0);
        let first = -step * (ends.len().saturating_sub(1) as f64) / 2.0;
        for (place, (_, number)) in ends.into_iter().enumerate() {
            draft.segments[number].to_offset = first + step * place as f64;
        }
    }
}
