//! Tables without lines. What does not fit the terminal has its cells broken, and what does not fit even then becomes one
//! paragraph for each row.

use super::text::harmless;
use super::wrap::{columns, cut, lines, word_columns};

/// Between two columns.
const GAP: usize = 2;

/// A column is broken into lines of no fewer columns than this.
const COLUMN_MIN: usize = 18;

/// A beginning of a text that says something.
const PREVIEW_MIN: usize = 10;

/// How far the cells of a paragraph stand in.
const INDENT: usize = 4;

/// A table; the first line has the names of the columns.
pub(super) struct Table {
    /// The name of each column, then the rows.
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        let head = head.iter().map(|name| (*name).to_owned()).collect();
        let harmless = |row: Vec<String>| row.iter().map(|cell| harmless(cell).into_owned()).collect();
        Self { rows: std::iter::once(head).chain(rows.into_iter().map(harmless)).collect() }
    }

    /// The table in its own width.
    pub(super) fn lines(&self) -> Vec<String> {
        lay_out(&self.rows)
    }

    /// The table on a terminal of so many columns.
    pub(super) fn lines_within(&self, width: usize) -> Vec<String> {
        match self.limit(width) {
            None => self.paragraphs(width),
            Some(usize::MAX) => self.lines(),
            Some(limit) => {
                let broken = |cell: &String| lines(cell, limit.max(word_columns(cell)), 2).join("\n");
                let rows = self.rows.iter().map(|row| row.iter().map(broken).collect());
                lay_out(&rows.collect::<Vec<_>>())
            }
        }
    }

    /// The table with only the beginnings of the texts in its last column, as far as there is room for them.
    pub(super) fn previews_within(&self, width: usize) -> Vec<String> {
        let widths = widths(&self.rows, cell_columns);
        let before: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        let last = widths.last().copied().unwrap_or(0);
        if before + last.min(PREVIEW_MIN) > width {
            return self.lines_within(width);
        }
        self.lines().iter().map(|line| cut(line, width)).collect()
    }

    /// How wide the columns may be so that all fit, if they can.
    fn limit(&self, width: usize) -> Option<usize> {
        let natural = widths(&self.rows, cell_columns);
        let gaps = GAP * natural.len().saturating_sub(1);
        if natural.iter().sum::<usize>() + gaps <= width {
            return Some(usize::MAX);
        }
        let words = widths(&self.rows, word_columns);
        let total = |limit: usize| {
            let broken = natural.iter().zip(&words).map(|(all, word)| limit.max(*word).min(*all));
            broken.sum::<usize>() + gaps
        };
        (COLUMN_MIN..width).rev().find(|limit| total(*limit) <= width)
    }

    fn paragraphs(&self, width: usize) -> Vec<String> {
        let Some((head, rows)) = self.rows.split_first() else { return Vec::new() };
        let has_lists = rows.iter().flatten().any(|cell| cell.contains('\n'));
        let names = head.iter().skip(1).map(|name| columns(name)).max().unwrap_or(0);
        let mut paragraphs = Vec::new();
        for row in rows {
            let Some((first, cells)) = row.split_first() else { continue };
            paragraphs.extend(lines(first, width, 2));
            let indent = INDENT + first.len() - first.trim_start().len();
            let cells = head.iter().skip(1).zip(cells).filter(|(_, cell)| !cell.is_empty());
            let cells =
                if has_lists { listed(cells, names) } else { packed(cells, width - indent.min(width)) };
            let hang = if has_lists { names + GAP + 2 } else { GAP };
            for line in cells {
                let broken = lines(&line, width.saturating_sub(indent), hang);
                paragraphs.extend(broken.iter().map(|line| format!("{:indent$}{line}", "")));
            }
        }
        paragraphs
    }
}

/// One line for each line of a cell, with the name of the column before the first.
fn listed<'a>(cells: impl Iterator<Item = (&'a String, &'a String)>, names: usize) -> Vec<String> {
    let lines = cells.flat_map(|(name, cell)| {
        let lines = cell.split('\n').filter(|line| !line.is_empty()).enumerate();
        lines.map(move |(number, line)| {
            let name = if number == 0 { name.as_str() } else { "" };
            format!("{name:names$}  {line}")
        })
    });
    lines.collect()
}

/// The cells one behind the other, as many on a line as fit. The first of them says for itself what it is.
fn packed<'a>(cells: impl Iterator<Item = (&'a String, &'a String)>, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (number, (name, cell)) in cells.enumerate() {
        let cell = if number == 0 || name.is_empty() { cell.clone() } else { format!("{name} {cell}") };
        match lines.last_mut() {
            Some(line) if columns(line) + 3 + columns(&cell) <= width => *line = format!("{line} · {cell}"),
            _ => lines.push(cell),
        }
    }
    lines
}

fn lay_out(rows: &[Vec<String>]) -> Vec<String> {
    let widths = widths(rows, cell_columns);
    let mut laid_out = Vec::new();
    for row in rows {
        let height = row.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(0);
        for number in 0..height {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let text = cell.split('\n').nth(number).unwrap_or_default();
                line.push_str(text);
                line.extend(std::iter::repeat_n(' ', width - columns(text) + GAP));
            }
            laid_out.push(line.trim_end().to_owned());
        }
    }
    laid_out
}

/// The widest cell of each column.
fn widths(rows: &[Vec<String>], width: fn(&str) -> usize) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        for (number, cell) in row.iter().enumerate() {
            match widths.get_mut(number) {
                None => widths.push(width(cell)),
                Some(widest) => *widest = width(cell).max(*widest),
            }
        }
    }
    widths
}

fn cell_columns(cell: &str) -> usize {
    cell.split('\n').map(columns).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn table() -> Table {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        Table::new(
            &["step", "what", "calls", "cost"],
            [
                row(["writing.write-it", "prompt fast, n(openings) branches", "n(openings)", "unknown"]),
                row(["  writing.judge", "prompt strong", "1–3", "$0.0012–$0.0100"]),
                row(["join", "template", "–", ""]),
            ],
        )
    }

    #[test]
    fn a_table_is_broken_where_it_does_not_fit_and_taken_apart_where_that_is_not_enough() {
        assert_snapshot!(table().lines_within(100).join("\n"), @"
        step              what                               calls        cost
        writing.write-it  prompt fast, n(openings) branches  n(openings)  unknown
          writing.judge   prompt strong                      1–3          $0.0012–$0.0100
        join              template                           –
        ");
        assert_snapshot!(table().lines_within(72).join("\n"), @"
        step              what                      calls        cost
        writing.write-it  prompt fast, n(openings)  n(openings)  unknown
                            branches
          writing.judge   prompt strong             1–3          $0.0012–$0.0100
        join              template                  –
        ");
        assert_snapshot!(table().lines_within(44).join("\n"), @"
        writing.write-it
            prompt fast, n(openings) branches
            calls n(openings) · cost unknown
          writing.judge
              prompt strong · calls 1–3
              cost $0.0012–$0.0100
        join
            template · calls –
        ");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for width in 28..100 {
            let lines = table().lines_within(width);
            assert!(lines.iter().all(|line| columns(line) <= width), "{width}: {lines:?}");
        }
    }

    #[test]
    fn lists_in_cells_keep_a_line_for_each_item() {
        let row = ["main.join", "short ← all branches of main.shorten\nmood ← default", "page\nother"];
        let table = Table::new(&["step", "reads", "writes"], [row.map(str::to_owned).to_vec()]);
        assert_snapshot!(table.lines_within(100).join("\n"), @"
        step       reads                                 writes
        main.join  short ← all branches of main.shorten  page
                   mood ← default                        other
        ");
        assert_snapshot!(table.lines_within(36).join("\n"), @"
        main.join
            reads   short ← all branches of
                      main.shorten
                    mood ← default
            writes  page
                    other
        ");
    }
}
