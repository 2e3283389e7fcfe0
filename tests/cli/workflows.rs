//! The workflows of `tests/fixtures/workflows` rehearsed by the real program: no key, no network, nobody there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::project::Project;

/// The fixtures in a project of their own, with the project file beside them.
fn project() -> Project {
    let project = Project::empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/workflows");
    copy(&project, &root, "");
    project
}

fn copy(project: &Project, from: &Path, to: &str) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = format!("{to}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            copy(project, &entry.path(), &format!("{name}/"));
        } else {
            project.write(&name, &fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn whole_workflows_are_rehearsed() {
    let project = project();
    let mut shown = String::new();
    for name in ["w1-report", "w2-book", "w3-story", "w4-content", "w5-proposal"] {
        let path = format!("{name}/workflow.yaml");
        let checked = project.run(&["check", &path]);
        let ran = project.run(&["run", &path, "--rehearse", "--json"]);
        let result = ran.json();
        let outputs = result["outputs"].as_object().into_iter().flatten();
        let outputs = outputs.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        writeln!(shown, "{name}: check {} · run {} {} · {outputs}", checked.code, ran.code, result["status"])
            .unwrap();
    }
    assert_snapshot!(shown, @r#"
    w1-report: check 0 · run 0 "succeeded" · feedback, plan, report
    w2-book: check 0 · run 0 "succeeded" · book, chapters
    w3-story: check 0 · run 0 "succeeded" · chapter_texts, pictures, story
    w4-content: check 0 · run 0 "succeeded" · final_text, picture_list, post, tags
    w5-proposal: check 0 · run 0 "succeeded" · proposal, receipt, statuses
    "#);
}
