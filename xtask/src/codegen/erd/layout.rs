//! Where tables stand and how lines run between them.
//!
//! Tables stand in columns with gutters between them. A line leaves its table at the row of the reference, runs up or
//! down a gutter, and enters at the key of its goal; to a column further away it takes a lane above all tables. Lines
//! to one table share their way in a gutter and their lane, and no two goals share either, so that no line covers a
//! table, a text or a line with another goal.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::{Column, Table};

pub(super) const ROW_HEIGHT: i32 = 20;
pub(super) const TITLE_HEIGHT: i32 = 26;
/// With the title and the border a multiple of [`ROW_HEIGHT`], so that all rows of a column stand on one grid.
const TABLE_GAP: i32 = 28;
/// Neighbouring columns stand on different grids, so that lines from left and right into a gutter never meet.
const COLUMN_SHIFT: i32 = 7;
const MARGIN: i32 = 24;
/// Below the heading and its note.
const LANES_TOP: i32 = 78;
/// Between lines in a lane or a gutter.
const TRACK: i32 = 10;
/// Between a table and the first line beside it, with room for the fork.
const TRACK_MARGIN: i32 = 20;

/// Definition on the left, execution on the right, in the order of the contract. Other tables follow to the right.
const COLUMNS: [&[&str]; 4] = [
    &["attributes", "input_attributes", "output_attributes"],
    &["workflows", "sections", "steps"],
    &["workflow_runs", "section_runs", "step_runs"],
    &["attribute_values"],
];

/// The finished layout, in pixels.
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// One per table.
    pub(super) places: Vec<Place>,
    pub(super) lines: Vec<Line>,
}

/// Where a table stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    column: usize,
}

/// From a reference to the key it refers to.
pub(super) struct Line {
    pub(super) points: Vec<(i32, i32)>,
    /// The same for all lines to one table, and no other.
    pub(super) colour: usize,
    /// Whether it enters that table from the right.
    pub(super) end_is_right: bool,
}

/// A reference, and the gutters it runs in. Gutter `n` is left of column `n`.
struct Route {
    table: usize,
    row: usize,
    goal: usize,
    start_gutter: usize,
    end_gutter: usize,
}

pub(super) fn layout(tables: &[Table]) -> Layout {
    let columns = columns(tables);
    let routes = routes(tables, &columns);
    // The tracks of each gutter and the lanes, each known by its goal.
    let mut gutters: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); columns.len() + 1];
    let mut lanes: BTreeSet<usize> = BTreeSet::new();
    for route in &routes {
        gutters[route.start_gutter].insert(route.goal);
        gutters[route.end_gutter].insert(route.goal);
        if route.start_gutter != route.end_gutter {
            lanes.insert(route.goal);
        }
    }
    let tables_top = LANES_TOP + TRACK * lanes.len() as i32 + TRACK;
    let (places, gutter_lefts, width) = place(tables, &columns, &gutters, tables_top);
    let track = |gutter: usize, goal: usize| {
        gutter_lefts[gutter] + TRACK_MARGIN + TRACK * gutters[gutter].range(..goal).count() as i32
    };
    let goals: BTreeSet<usize> = routes.iter().map(|route| route.goal).collect();
    let drawn = routes.iter().map(|route| {
        let lane = LANES_TOP + TRACK * lanes.range(..route.goal).count() as i32;
        let tracks = [track(route.start_gutter, route.goal), track(route.end_gutter, route.goal)];
        Line {
            points: points(tables, &places, route, tracks, lane),
            colour: goals.range(..route.goal).count(),
            end_is_right: route.end_gutter > places[route.goal].column,
        }
    });
    let height = places.iter().map(|place| place.y + place.height).max().unwrap_or(tables_top) + MARGIN;
    Layout { width, height, lines: drawn.collect(), places }
}

fn table_height(table: &Table) -> i32 {
    TITLE_HEIGHT + ROW_HEIGHT * table.columns.len() as i32 + 6
}

/// The tables of each column from top to bottom.
fn columns(tables: &[Table]) -> Vec<Vec<usize>> {
    let number = |name: &str| tables.iter().position(|table| table.name == name);
    let mut columns: Vec<Vec<usize>> =
        COLUMNS.iter().map(|names| names.iter().filter_map(|name| number(name)).collect()).collect();
    let height = |column: &[usize]| -> i32 {
        column.iter().map(|table| table_height(&tables[*table]) + TABLE_GAP).sum()
    };
    let limit = columns.iter().map(|column| height(column)).max().unwrap_or(0);
    let placed: BTreeSet<usize> = columns.iter().flatten().copied().collect();
    for table in (0..tables.len()).filter(|table| !placed.contains(table)) {
        let last = columns.len() - 1;
        let full = height(&columns[last]) + table_height(&tables[table]) > limit;
        if full && !columns[last].is_empty() {
            columns.push(vec![table]);
        } else {
            columns[last].push(table);
        }
    }
    columns
}

fn routes(tables: &[Table], columns: &[Vec<usize>]) -> Vec<Route> {
    let column_of: BTreeMap<usize, usize> = columns
        .iter()
        .enumerate()
        .flat_map(|(column, tables)| tables.iter().map(move |table| (*table, column)))
        .collect();
    let mut routes = Vec::new();
    for (table, of_table) in tables.iter().enumerate() {
        for (row, Column { references, .. }) in of_table.columns.iter().enumerate() {
            let goal = tables.iter().position(|other| Some(&other.name) == references.as_ref());
            let Some(goal) = goal else { continue };
            let (from, to) = (column_of[&table], column_of[&goal]);
            // Out of the side that faces the goal, and in at the side that faces the start.
            let (start_gutter, end_gutter) = match from.cmp(&to) {
                std::cmp::Ordering::Less => (from + 1, to),
                std::cmp::Ordering::Equal => (from, to),
                std::cmp::Ordering::Greater => (from, to + 1),
            };
            routes.push(Route { table, row, goal, start_gutter, end_gutter });
        }
    }
    routes
}

/// The places of the tables, the left edges of the gutters, and the whole width.
fn place(
    tables: &[Table],
    columns: &[Vec<usize>],
    gutters: &[BTreeSet<usize>],
    top: i32,
) -> (Vec<Place>, Vec<i32>, i32) {
    let mut places = vec![Place::default(); tables.len()];
    let mut gutter_lefts = Vec::new();
    let mut x = 0;
    for (column, of_column) in columns.iter().enumerate() {
        gutter_lefts.push(x);
        x += gutter_width(&gutters[column]);
        let width = of_column.iter().map(|table| table_width(&tables[*table])).max().unwrap_or(0);
        let mut y = top + COLUMN_SHIFT * (column % 2) as i32;
        for table in of_column {
            let height = table_height(&tables[*table]);
            places[*table] = Place { x, y, width, height, column };
            y += height + TABLE_GAP;
        }
        x += width;
    }
    gutter_lefts.push(x);
    x += gutter_width(&gutters[columns.len()]);
    (places, gutter_lefts, x)
}

fn gutter_width(tracks: &BTreeSet<usize>) -> i32 {
    if tracks.is_empty() { MARGIN } else { 2 * TRACK_MARGIN + TRACK * (tracks.len() as i32 - 1) }
}

/// Key mark, the longest name and type, and what is between them, in a font of 12 pixels.
fn table_width(table: &Table) -> i32 {
    let longest = table.columns.iter().map(|column| column.name.len()).max().unwrap_or(0) as i32;
    (48 + longest * 8 + 84).max(table.name.len() as i32 * 9 + 20)
}

fn points(tables: &[Table], places: &[Place], route: &Route, tracks: [i32; 2], lane: i32) -> Vec<(i32, i32)> {
    let (start, goal) = (places[route.table], places[route.goal]);
    let [start_track, end_track] = tracks;
    let middle =
        |place: Place, row: usize| place.y + TITLE_HEIGHT + ROW_HEIGHT * row as i32 + ROW_HEIGHT / 2 + 1;
    let key = tables[route.goal].columns.iter().position(|column| column.key > 0).unwrap_or(0);
    let (y, end_y) = (middle(start, route.row), middle(goal, key));
    let side =
        |place: Place, gutter: usize| if gutter > place.column { place.x + place.width } else { place.x };
    let (x, end_x) = (side(start, route.start_gutter), side(goal, route.end_gutter));
    let mut points = vec![(x, y), (start_track, y)];
    if route.start_gutter != route.end_gutter {
        points.extend([(start_track, lane), (end_track, lane)]);
    }
    points.extend([(end_track, end_y), (end_x, end_y)]);
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader must be able to rely on after every migration.
    #[test]
    fn no_line_crosses_a_table() {
        let tables = crate::database::tables(&mut crate::database::migrated().unwrap()).unwrap();
        let layout = layout(&tables);
        assert!(layout.lines.len() > 10, "the sections, steps and runs refer to each other");
        for line in &layout.lines {
            for pair in line.points.windows(2) {
                let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
                for place in &layout.places {
                    let beside = x0.max(x1) <= place.x || x0.min(x1) >= place.x + place.width;
                    let above_or_below = y0.max(y1) < place.y || y0.min(y1) > place.y + place.height;
                    assert!(beside || above_or_below, "{pair:?} crosses {place:?}");
                }
            }
        }
    }
}
