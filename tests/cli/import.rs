//! Files of the program the schema comes from: imported, exported, imported again, and run to the end.

use insta::assert_snapshot;

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
