//! A wrong and a right example for each code, as `explain` shows them.
//!
//! A new code needs a file `check/example/BLxxxx.txt`, or the crate does not compile: write the sections
//! `-- wrong/workflow.yaml --` and `-- right/workflow.yaml --` (further files of the folder as `-- wrong/PATH --`).
//! `UPDATE_EXPECT=1 cargo test -p branchline-schema-model --lib example` then writes `-- says --`, what the checker says
//! about the wrong one; it has to be this code and no other, and nothing about the right one.

/// The example of one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The files of a folder with the problem, as path and text.
    pub wrong: Vec<(&'static str, &'static str)>,
    /// What is said about it: code, places, fix.
    pub says: &'static str,
    /// The files once the problem is corrected.
    pub right: Vec<(&'static str, &'static str)>,
}

impl Example {
    /// Reads the text form: sections that begin with a line `-- NAME --`.
    pub(super) fn parse(text: &'static str) -> Self {
        let mut example = Self { wrong: Vec::new(), says: "", right: Vec::new() };
        for (name, body) in sections(text) {
            match name.split_once('/') {
                Some(("wrong", path)) => example.wrong.push((path, body)),
                Some(("right", path)) => example.right.push((path, body)),
                _ => example.says = body,
            }
        }
        example
    }
}

fn sections(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut heads = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        heads.extend(name.map(|name| (name, at, at + line.len())));
        at += line.len();
    }
    let ends = heads.iter().skip(1).map(|(_, start, _)| *start).chain([text.len()]);
    heads.iter().zip(ends).map(|((name, _, body), end)| (*name, &text[*body..end])).collect()
}
