//! The entity relationship diagram, as a stand-alone SVG drawn from the tables.
//!
//! The tables of the contract stand out: what people write on the left, what happened on the right, as in the model.
//! Every other table finds its own place beside them, so that a migration needs no change here.

mod layout;

use std::fmt::Write as _;

use crate::contract;
use crate::database::{Column, ColumnKind, Table};
use layout::{Layout, Line, Place, ROW_HEIGHT, TITLE_HEIGHT};

const STYLE: &str = "\
.erd{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px}
.erd .page{fill:#ffffff}
.erd .heading{font-size:17px;font-weight:600;fill:#1f2328}
.erd .note{font-size:12px;fill:#57606a}
.erd .body{fill:#ffffff;stroke:#afb8c1}
.erd .head{fill:#6e7781}
.erd .contract .body{stroke:#0969da;stroke-width:2}
.erd .contract .head{fill:#0969da}
.erd .name{font-size:13px;font-weight:600;fill:#ffffff}
.erd .column{fill:#57606a}
.erd .column.kept{fill:#1f2328;font-weight:600}
.erd .kind{font-size:11px;fill:#6e7781}
.erd .key{font-size:9.5px;font-weight:600;fill:#9a6700}
.erd .link{fill:none;stroke-width:1.4}
.erd .c0{stroke:#0969da;fill:none}.erd .c1{stroke:#1a7f37;fill:none}.erd .c2{stroke:#9a6700;fill:none}
.erd .c3{stroke:#8250df;fill:none}.erd .c4{stroke:#bf3989;fill:none}.erd .c5{stroke:#1b7c83;fill:none}
.erd .c6{stroke:#bc4c00;fill:none}.erd .c7{stroke:#57606a;fill:none}
";

const DARK_STYLE: &str = "\
.erd .page{fill:#0d1117}
.erd .heading{fill:#f0f6fc}
.erd .note,.erd .kind,.erd .column{fill:#9198a1}
.erd .body{fill:#161b22;stroke:#484f58}
.erd .head{fill:#484f58}
.erd .contract .body{stroke:#1f6feb}
.erd .contract .head{fill:#1f6feb}
.erd .column.kept{fill:#f0f6fc}
.erd .key{fill:#e3b341}
.erd .c0{stroke:#4493f8}.erd .c1{stroke:#3fb950}.erd .c2{stroke:#d29922}.erd .c3{stroke:#ab7df8}
.erd .c4{stroke:#db61a2}.erd .c5{stroke:#39c5cf}.erd .c6{stroke:#f0883e}.erd .c7{stroke:#9198a1}
";

/// Colours of the lines; those to one table have one.
const COLOURS: usize = 8;

const NOTE: &str = "Blue tables and bold columns are the contract; the rest is added beside them. \
    A fork stands at the many rows, a bar at the one they refer to; ? marks what may be absent.";

pub(super) fn render(tables: &[Table]) -> String {
    let layout = layout::layout(tables);
    let Layout { width, height, .. } = layout;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"erd\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>The tables of Branchline</title>\n\
         <!-- Generated from the migrated database by `cargo xtask codegen erd`. -->\n\
         <style>\n{STYLE}@media (prefers-color-scheme:dark){{\n{DARK_STYLE}}}\n</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"heading\" x=\"24\" y=\"34\">The tables of Branchline</text>\n\
         <text class=\"note\" x=\"24\" y=\"54\">{NOTE}</text>\n"
    );
    for line in &layout.lines {
        picture.push_str(&draw_line(line));
    }
    for (table, place) in tables.iter().zip(&layout.places) {
        picture.push_str(&draw_table(table, *place));
    }
    picture + "</svg>\n"
}

fn draw_line(line: &Line) -> String {
    let points: Vec<String> = line.points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let colour = line.colour % COLOURS;
    let [(x, y), .., (end_x, end_y)] = line.points[..] else { return String::new() };
    // Towards the table on the child's side, and away from the one on the parent's side.
    let (fork, bar) = (if line.points[1].0 > x { 9 } else { -9 }, if line.end_is_right { 6 } else { -6 });
    format!(
        "<path class=\"link c{colour}\" d=\"M{}\"/>\n\
         <path class=\"link c{colour}\" d=\"M{x} {}L{} {y}L{x} {}M{} {}v8\"/>\n",
        points.join("L"),
        y - 4,
        x + fork,
        y + 4,
        end_x + bar,
        end_y - 4
    )
}

fn draw_table(table: &Table, place: Place) -> String {
    let Place { x, y, width, height, .. } = place;
    let kept = contract::columns(&table.name);
    let class = if kept.is_empty() { "added" } else { "contract" };
    let mut text = format!(
        "<g class=\"{class}\">\n<rect class=\"body\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>\n\
         <path class=\"head\" d=\"M{x} {}v-{}q0 -4 4 -4h{}q4 0 4 4v{}z\"/>\n\
         <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\n",
        y + TITLE_HEIGHT,
        TITLE_HEIGHT - 4,
        width - 8,
        TITLE_HEIGHT - 4,
        x + 10,
        y + 18,
        table.name
    );
    for (number, column) in table.columns.iter().enumerate() {
        let baseline = y + TITLE_HEIGHT + ROW_HEIGHT * number as i32 + 15;
        let kept = if kept.contains(&column.name.as_str()) { " kept" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "<text class=\"key\" x=\"{}\" y=\"{baseline}\">{}</text>\
             <text class=\"column{kept}\" x=\"{}\" y=\"{baseline}\">{}</text>\
             <text class=\"kind\" x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}</text>",
            x + 8,
            key_mark(column),
            x + 48,
            column.name,
            x + width - 10,
            kind_name(column)
        );
    }
    text + "</g>\n"
}

fn key_mark(column: &Column) -> &'static str {
    match (column.key > 0, column.references.is_some()) {
        (true, true) => "PK FK",
        (true, false) => "PK",
        (false, true) => "FK",
        (false, false) => "",
    }
}

fn kind_name(column: &Column) -> String {
    let name = match column.kind {
        ColumnKind::Id => "id",
        ColumnKind::Text => "text",
        ColumnKind::Document => "JSON",
        ColumnKind::Time => "time",
        ColumnKind::Integer | ColumnKind::BigInteger => "integer",
        ColumnKind::Truth => "true/false",
    };
    format!("{name}{}", if column.nullable { "?" } else { "" })
}
