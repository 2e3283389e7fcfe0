//! Ways to break a good workflow: `check` names the right code at the right place, and no other error.
//!
//! Each edit replaces a text that occurs once in the folder; `‸` in the new text is where the problem has to be found.

mod flow;
mod language;

use std::collections::BTreeMap;

use super::rule::{problems_of, render};
use crate::check::{Diagnostic, Severity};

/// A way to break a workflow: what it is, the edits as old and new text, and the code it has to be found by.
type Mutation = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const MARK: char = '‸';

type Folder = BTreeMap<String, String>;

fn folder<const N: usize>(files: [(&str, &str); N]) -> Folder {
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

fn magazine() -> Folder {
    folder([
        ("workflow.yaml", include_str!("mutation/magazine.yaml")),
        ("prompts/outline.md", include_str!("mutation/outline.md")),
        ("prompts/page.md", include_str!("mutation/page.md")),
        ("prompts/_style.md", "Write plainly.\n"),
    ])
}

/// Everything that multiplies, orders and leaves out step runs.
fn studio() -> Folder {
    folder([("workflow.yaml", include_str!("mutation/studio.yaml"))])
}

/// The demo of the program.
fn demo() -> Folder {
    macro_rules! prompt {
        ($name:literal) => {
            (
                concat!("prompts/", $name),
                include_str!(concat!("../../../../cli/src/sample/demo/prompts/", $name)),
            )
        };
    }
    folder([
        ("workflow.yaml", include_str!("../../../../cli/src/sample/demo/workflow.yaml")),
        prompt!("outline.md"),
        prompt!("first-draft.md"),
        prompt!("rewrite.md"),
        prompt!("judge.md"),
        prompt!("compare.md"),
        prompt!("page.md"),
    ])
}

/// What `init` makes.
fn init() -> Folder {
    folder([
        ("workflow.yaml", include_str!("../../../../cli/src/sample/init/workflow.yaml")),
        ("prompts/write.md", include_str!("../../../../cli/src/sample/init/prompts/write.md")),
    ])
}

/// The workflow of the README.
fn readme() -> Folder {
    let text = include_str!("../../../../../README.md");
    let yaml = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    folder([("workflow.yaml", yaml), ("prompts/first-draft.md", "An article from this talk: {{talk}}\n")])
}

#[test]
fn good_workflows_have_no_problems() {
    for (name, folder) in [
        ("magazine", magazine()),
        ("studio", studio()),
        ("demo", demo()),
        ("init", init()),
        ("readme", readme()),
    ] {
        assert_eq!(render(&problems_of(&folder)), "", "`{name}` is good");
    }
}

/// The folder with its edits, and the place that was marked.
fn broken(mut files: Folder, edits: &[(&str, &str)]) -> Result<(Folder, String), String> {
    for (old, new) in edits {
        let owners: Vec<&mut String> = files.values_mut().filter(|text| text.contains(old)).collect();
        match <[&mut String; 1]>::try_from(owners) {
            Ok([text]) if text.matches(old).count() == 1 => *text = text.replace(old, new),
            _ => return Err(format!("`{old}` does not occur once")),
        }
    }
    let mut place = Err("nothing is marked".to_owned());
    for (path, text) in &mut files {
        let Some(at) = text.find(MARK) else { continue };
        let (line, column) = (
            text[..at].matches('\n').count() + 1,
            text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1,
        );
        text.remove(at);
        place = Ok(format!("{path}:{line}:{column}"));
    }
    Ok((files, place?))
}

/// What is wrong with the answer of the checker, if anything.
fn judge(good: Folder, edits: &[(&str, &str)], code: &str) -> Option<String> {
    let (files, place) = match broken(good, edits) {
        Ok(broken) => broken,
        Err(problem) => return Some(problem),
    };
    let found = problems_of(&files);
    let is_warning = !found.iter().any(Diagnostic::is_error);
    let told = |one: &&Diagnostic| one.severity == Severity::Error || is_warning;
    let told: Vec<String> = found
        .iter()
        .filter(told)
        .map(|one| {
            let at = one.places.first().map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
            format!("{} {}", one.code, at.unwrap_or_default())
        })
        .collect();
    let wanted = format!("{code} {place}");
    (told != [wanted.clone()]).then(|| format!("wanted {wanted}, found\n{}", render(&found)))
}

fn check_all(good: fn() -> Folder, mutations: &[Mutation]) {
    let wrong: Vec<String> = mutations
        .iter()
        .filter_map(|(what, edits, code)| Some(format!("{what}: {}", judge(good(), edits, code)?)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mutations.len(), wrong.join("\n"));
}
