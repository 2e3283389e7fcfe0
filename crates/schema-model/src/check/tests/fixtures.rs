//! Whole workflows of the kind people build, under `tests/fixtures/workflows`: none has an error, and the kinds of
//! warnings are known here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{read_dir, read_to_string};
use std::path::Path;

use expect_test::expect;

use crate::check::{CheckContext, check};
use crate::definition::document;

fn files_of(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for (prefix, folder) in [("", folder.to_owned()), ("prompts/", folder.join("prompts"))] {
        // Prompts may all stand in the workflow itself.
        for entry in read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap();
                files.insert(format!("{prefix}{name}"), read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_fixtures_have_no_problem_that_is_not_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/workflows");
    let mut folders: Vec<_> = read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut shown = String::new();
    for folder in folders {
        let read = document::read(&files_of(&folder), "workflow.yaml");
        let name = folder.file_name().unwrap().to_str().unwrap();
        let checked = read.workflow.map(|workflow| check(&workflow, &read.sources, &CheckContext::default()));
        let plan = checked.as_ref().and_then(|checked| checked.plan.as_ref());
        let counts = plan.map(|plan| (plan.steps.len(), plan.levels.len(), plan.attributes.len()));
        writeln!(shown, "{name}: (steps, levels, attributes) = {counts:?}").unwrap();
        let problems = read.diagnostics.iter().chain(checked.iter().flat_map(|one| &one.diagnostics));
        let mut warnings = BTreeMap::<_, u32>::new();
        for problem in problems {
            if problem.is_error() {
                writeln!(shown, "  {problem}").unwrap();
            } else {
                *warnings.entry(problem.code).or_default() += 1;
            }
        }
        for (code, count) in warnings {
            writeln!(shown, "  warning {code} × {count}").unwrap();
        }
    }
    expect![[r"
        launch-optimizer: (steps, levels, attributes) = Some((39, 0, 51))
          warning BL0301 × 1
          warning BL0302 × 231
        w1-report: (steps, levels, attributes) = Some((15, 4, 16))
        w2-book: (steps, levels, attributes) = Some((7, 1, 10))
        w3-story: (steps, levels, attributes) = Some((10, 1, 12))
        w4-content: (steps, levels, attributes) = Some((33, 3, 42))
        w5-proposal: (steps, levels, attributes) = Some((15, 1, 12))
    "]]
    .assert_eq(&shown);
}
