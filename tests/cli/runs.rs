//! `runs`: what has been run, for people and for programs.

use serde_json::json;

use crate::project::Project;
use crate::run::{only_run, project, run};

#[test]
fn the_list_has_the_newest_first_and_can_be_narrowed() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended", "--label", "old"]).code, 0);
    assert_eq!(run(&project, &["--label", "new"]).code, 12);
    let labels = |flags: &[&str]| {
        let list = project.run(&[&["runs", "list", "--json"], flags].concat()).json();
        assert_eq!(list["format"], "branchline.runs/1");
        list["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&[]), ["new", "old"]);
    assert_eq!(labels(&["--status", "succeeded"]), ["old"]);
    assert_eq!(labels(&["--limit", "1"]), ["new"]);
    assert_eq!(labels(&["--limit", "1", "--before", &only_run(&project)]), ["old"]);
    assert_eq!(labels(&["--workflow", "other"]), [""; 0]);
    let table = project.run(&["runs", "list"]).stdout;
    assert!(table.contains("? waiting") && table.contains("✓ succeeded") && table.contains("w@1"), "{table}");
}

#[test]
fn one_branch_is_shown_with_what_it_read_asked_and_wrote() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let id = only_run(&project);
    let shown = project.run(&["runs", "show", &format!("{id}:main.write/2")]).stdout;
    for part in
        ["main.write/2  ✓ done", "title", "prompt (user)\nWrite: B\n", "answer (mock/fast)\ntwo\n", "wrote\n"]
    {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }
    let json = project.run(&["runs", "show", "last:main.write/2", "--json"]).json();
    assert_eq!(json["format"], "branchline.step-run/1");
    assert_eq!(json["inputs"]["title"][0]["source"], "item");
    assert_eq!(json["attempts"][0]["request"]["messages"][0]["content"], "Write: B");
    let branches = project.run(&["runs", "show", "last:main.write"]).stdout;
    assert!(branches.contains("main.write/1") && branches.contains("main.write/3"), "{branches}");
    assert_eq!(project.run(&["runs", "show", "last:main.wirte"]).code, 2);
}

#[test]
fn a_step_without_branches_and_the_step_that_paused_the_run_are_told_apart_from_what_is_to_come() {
    let project = project("fail = { \"main.write/2\" = [\"unauthorized\"] }\n");
    assert_eq!(run(&project, &["--unattended"]).code, 15);
    let paused = project.run(&["runs", "show"]).stdout;
    assert!(paused.contains("failed (1)\n  main.write/2  "), "{paused}");
    assert!(!paused.contains("no branches"), "{paused}");

    let empty = Project::with_workflow(
        "name: w\nattributes: { items: { type: 'string[]', input: true } }\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Line, for_each: item in items, action: template, prompt: '{{item}}', outputs: [line] }\n",
    );
    assert_eq!(empty.run(&["run", "w", "-i", "items=[]"]).code, 0);
    let shown = empty.run(&["runs", "show"]).stdout;
    assert!(shown.contains("main.line  - no branches"), "{shown}");
}

#[test]
fn values_come_in_short_in_full_and_as_json() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    assert_eq!(project.run(&["runs", "values", "last", "page"]).stdout, "rain: one of one\ntwo\nthree\n");
    let texts = project.run(&["runs", "values", "last", "text"]).stdout;
    assert!(texts.starts_with("# text (main.write/1)\n\none\n\n# text (main.write/2)\n\ntwo\n"), "{texts}");
    assert_eq!(project.run(&["runs", "values", "last", "page", "-o", "page.md"]).code, 0);
    assert_eq!(project.read("page.md"), "rain: one of one\ntwo\nthree\n");
    let all = project.run(&["runs", "values"]).stdout;
    assert!(all.contains("run input") && !all.contains("inputs.inputs"), "{all}");
    let values = project.run(&["runs", "values", "last", "titles", "--json"]).json();
    assert_eq!(values["format"], "branchline.values/1");
    let value = &values["values"][0];
    assert_eq!((&value["value"], &value["type"]), (&json!(["A", "B", "C"]), &json!("string[]")));
    assert_eq!((&value["source"], &value["address"]), (&json!("model"), &json!("main.titles")));
    let unknown = project.run(&["runs", "values", "last", "tittles"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean `titles`?"), "{}", unknown.stderr);
}

#[test]
fn the_log_has_every_event_without_a_gap() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let log = project.run(&["runs", "log", "last", "--json"]).json();
    assert_eq!(log["format"], "branchline.events/1");
    let events = log["events"].as_array().unwrap();
    for (number, event) in (1..).zip(events) {
        assert_eq!(event["sequence"], number);
    }
    assert_eq!(events.last().unwrap()["status"], "succeeded");
    let followed = project.run(&["runs", "log", "last", "--json", "--follow"]);
    assert_eq!(followed.stdout.lines().count(), events.len(), "a followed log ends with its run");
    assert!(project.run(&["runs", "log"]).stdout.contains("fanned_out"));
}

#[test]
fn a_run_is_found_by_the_ending_of_its_id() {
    let project = project("");
    assert_eq!(project.run(&["runs", "show"]).code, 2, "there is no last run yet");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let id = only_run(&project);
    assert_eq!(project.run(&["runs", "show", &id[2..]]).code, 0);
    assert_eq!(project.run(&["runs", "show", "zzzz"]).code, 2);
}

#[test]
fn branches_are_shown_with_their_names() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { parts: { type: 'string[]', input: true }, marks: 'string[]' }\n\
         sections:\n  - name: Part\n    for_each: part in parts\n    label: 'about {{part}}'\n    steps:\n      \
         - { name: Draft, prompt: '{{part}}', outputs: [draft] }\n  - name: Main\n    steps:\n      \
         - { name: Write, for_each: one in parts, label: 'on {{one}}', prompt: 'Write: {{one}}', outputs: [text] }\n      \
         - { name: Judge, prompt: '{{text}}', outputs: [verdict] }\n",
    );
    let fails = "[models]\nfast = \"mock/x\"\n\n[mock]\nfail = { \"main.judge/2\" = [\"refused\"] }\n";
    project.write("branchline.toml", fails);
    let ran = project.run(&["run", "w", "-i", "parts=rain\nsnow"]);
    assert_eq!(ran.code, 10);
    for line in
        ["part/2.draft (about snow) done", "main.write/1 (on rain) done", "✗ main.judge/2 (on snow)  "]
    {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
    let shown = |what: &str| project.run(&["runs", "show", what]).stdout;
    assert!(shown("last").contains("  main.judge/2 (on snow)  "), "{}", shown("last"));
    assert!(shown("last:part.draft").contains("part/2.draft  about snow"), "{}", shown("last:part.draft"));
    assert!(shown("last:main.write").contains("main.write/1  on rain"), "{}", shown("last:main.write"));
    assert!(
        shown("last:main.write/1").contains("main.write/1  on rain  ✓ done"),
        "{}",
        shown("last:main.write/1")
    );
    let json = project.run(&["runs", "show", "--json"]).json();
    assert_eq!(json["failures"][0]["label"], "on snow");
}
