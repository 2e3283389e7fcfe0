//! Files of the program the schema comes from: imported, exported, imported again, and run to the end.

use insta::assert_snapshot;
use serde_json::json;

use crate::project::Project;

const FILES: [(&str, &str, &str); 3] = [
    (
        "workflow.json",
        "YouTube Transcript to Medium Article",
        include_str!("../fixtures/import/workflow.json"),
    ),
    (
        "workflow.yaml",
        "YouTube Transcript to Medium Article",
        include_str!("../fixtures/import/workflow.yaml"),
    ),
    ("a2.json", "youtube_script_writer", include_str!("../fixtures/import/youtube_script_writer.json")),
];

fn project() -> Project {
    let project = Project::empty();
    project.write("branchline.toml", "[models]\nfast = \"mock/fast\"\n");
    for (file, _, text) in FILES {
        project.write(file, text);
    }
    project
}

#[test]
fn what_was_made_of_a_file_is_said() {
    let project = project();
    assert_snapshot!(project.run(&["workflows", "import", "workflow.json"]).shown(), @"
    Saved YouTube Transcript to Medium Article@1
    --- stderr
    workflow.json  minimal JSON, 5 findings
    recognised
      Analysis / Update Draft with Intro: reads `intro_variation`, so it runs once for each of `intro_variations`
      Analysis / Combine Intro Analysis: it has no prompt: it makes a list of the `intro_analysis` of all branches
    changed
      attribute intro_variations: type `array` with `is_array: false` becomes `string[]`
      attribute intro_analysis_combined: it is a list of the `intro_analysis` of all branches
    worth knowing
      workflow: no step writes `transcript`: asked for when a run starts
    --- exit 0
    ");
    assert_snapshot!(project.run(&["workflows", "import", "workflow.yaml", "--quiet"]).shown(), @"
    Unchanged YouTube Transcript to Medium Article@1
    --- exit 0
    ");
    let report = project.run(&["workflows", "import", "a2.json", "--json"]).json();
    assert_eq!(report["workflows"][0]["form"], "full-json");
    assert_eq!(report["workflows"][0]["report"]["findings"][0]["kind"], "changed");
}

#[test]
fn each_file_survives_every_way_out_and_back() {
    for (file, name, _) in FILES {
        let project = project();
        project.run(&["workflows", "import", file]);
        let show = |database: &str| {
            project.run(&["workflows", "show", name, "--json", "--db", database]).json()["content_hash"]
                .clone()
        };
        let hash = show(".branchline/branchline.db");
        assert!(hash.is_string(), "{file}");
        assert_eq!(project.run(&["workflows", "export", name, "-o", "out.json"]).code, 0);
        assert_eq!(project.run(&["workflows", "export", name, "--format", "folder", "-o", "out"]).code, 0);
        assert_eq!(project.run(&["workflows", "import", file, "-o", "direct"]).code, 0);
        for (from, database) in [("out.json", "b.db"), ("out", "c.db"), ("direct", "d.db")] {
            assert_eq!(project.run(&["workflows", "import", from, "--db", database]).code, 0);
            assert_eq!(show(database), hash, "{file} by {from}");
        }
        assert_eq!(project.run(&["check", "out"]).code, 0, "{file}");
    }
}

#[test]
fn each_file_runs_to_the_end() {
    for (file, name, _) in FILES {
        let project = project();
        project.run(&["workflows", "import", file]);
        let ran = project.run(&["run", name, "--rehearse", "--json"]);
        assert_eq!((ran.code, &ran.json()["status"]), (0, &"succeeded".into()), "{file}: {ran:?}");
    }
}

#[test]
fn a_ruby_program_is_not_run() {
    let project = Project::empty();
    project.write("w.rbx", "Agent.create(:w) { system('touch touched') }\n");
    assert_snapshot!(project.run(&["workflows", "import", "w.rbx"]).shown(), @"
    --- stderr
    error: `w.rbx` cannot be imported
      cause: it is a Ruby program, which is never run here
      fix:   export it as JSON with the Ruby program, and import that
    --- exit 3
    ");
    assert!(!project.path("touched").exists());
}

#[test]
fn what_cannot_be_checked_is_written_to_be_mended() {
    let project = Project::empty();
    let text = r#"{"name": "w", "sections": [], "attributes": {"a": {"name": "a", "type": "string", "is_array": false}}, "prompts": {}}"#;
    project.write("w.json", text);
    assert_snapshot!(project.run(&["workflows", "import", "w.json"]).shown(), @"
    --- stderr
    w.json  minimal JSON, 1 finding
    worth knowing
      attribute a: no step reads or writes it
    error[BL0281]: the workflow has no steps
     │
     ╰ fix: add a section with a step

    error: `w.json` imports with 1 error
      fix:   write it as files with `-o FOLDER` and mend them there
    --- exit 3
    ");
    let written = project.run(&["workflows", "import", "w.json", "-o", "w"]);
    assert_eq!(written.code, 3, "{written:?}");
    assert!(project.read("w/workflow.yaml").starts_with("name: w\n"));
}

/// Intros, an article per intro, a section that goes on with one of them, something to paste and something to do.
#[test]
fn what_was_recognised_runs_to_the_end() {
    let step = |name: &str, order: u8, inputs: &[&str], outputs: &[&str], prompt: &str| json!({ "name": name, "order": order, "input_attributes": inputs, "output_attributes": outputs, "prompt": prompt });
    let names = ["talk", "intros", "intro", "draft", "score", "score_combined", "final", "feedback"];
    let attributes: serde_json::Map<_, _> = names
        .iter()
        .map(|name| {
            let kind = if *name == "intros" { "array" } else { "string" };
            ((*name).to_owned(), json!({ "name": name, "type": kind, "is_array": false }))
        })
        .collect();
    let file = json!({ "name": "talk", "attributes": attributes, "prompts": {}, "sections": [
        { "name": "Analysis", "order": 1, "steps": [
            step("Intros", 1, &["talk"], &["intros"], "Intros for [talk]"),
            step("Draft", 2, &["talk", "intro"], &["draft"], "Open [talk] with [intro]"),
            step("Score", 3, &["draft"], &["score"], "Score [draft]"),
            step("Combine Score", 4, &[], &["score_combined"], ""),
        ] },
        { "name": "Writing", "order": 2, "steps": [
            step("Polish", 1, &["draft"], &["final"], "Polish [draft]"),
            step("Ask a Friend", 2, &["final"], &["feedback"], ""),
            step("Look at it", 3, &["final", "feedback"], &[], ""),
            step("Publish", 4, &[], &[], ""),
        ] },
    ] });
    let project = Project::empty();
    project.write("talk.json", &file.to_string());
    assert_eq!(project.run(&["workflows", "import", "talk.json"]).code, 0);
    let ran = project.run(&["run", "talk", "--rehearse"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let shown = project.run(&["runs", "show", "last", "--json"]).json();
    let steps: Vec<_> =
        shown["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(
        steps[4..],
        [
            "writing.choose-draft",
            "writing.polish",
            "writing.ask-a-friend",
            "writing.look-at-it",
            "writing.publish",
        ]
    );
    let list =
        project.run(&["runs", "values", "last", "score_combined", "--json"]).json()["values"][0]["value"]
            .clone();
    let drafts = project.run(&["runs", "values", "last", "draft", "--json"]).json()["values"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(list.as_array().unwrap().len() + 1, drafts, "one draft per intro, and the chosen one");
}

#[test]
fn poem_prompts_are_read_beside_the_workflow_and_nowhere_else() {
    let project = Project::empty();
    project.write("secret.hbs", "secret");
    project.write("poem/prompts/hello.hbs", "Hello {{firstName}}{{#if title}}, {{title}}{{/if}}");
    project.write(
        "poem/launch.yaml",
        "name: launch
version: 1.0
steps:
  - { id: hello, prompt: ./prompts/hello.hbs, inputs: [firstName, title], outputs: [greeting] }
  - { id: other, prompt: ../secret.hbs, inputs: [greeting], outputs: [reply] }
",
    );
    assert_snapshot!(project.run(&["workflows", "import", "poem/launch.yaml", "-o", "out"]).shown(), @"
    --- stderr
    poem/launch.yaml  POEM workflow, 3 findings
    recognised
      Steps / other: it has no prompt: a person gives `reply`
    not understood, kept as text
      Steps / other: there is no prompt file `../secret.hbs` in the folder of the workflow
    worth knowing
      workflow: no step writes `firstName`, `title`: asked for when a run starts
    Wrote out/prompts/hello.hbs
    Wrote out/workflow.yaml
    --- exit 0
    ");
    assert_eq!(project.read("out/prompts/hello.hbs"), project.read("poem/prompts/hello.hbs"));
    assert!(!project.read("out/workflow.yaml").contains("secret\n"));
}

#[test]
fn a_file_of_another_program_is_not_run_as_it_is() {
    let project = project();
    let ran = project.run(&["run", "workflow.json", "--rehearse"]);
    assert_eq!(ran.code, 3);
    let fix =
        "another program seems to have written it (minimal JSON): branchline workflows import workflow.json";
    assert!(ran.stderr.contains(fix), "{ran:?}");
}
