//! Runs written out and read back, runs of the program the schema comes from, and snapshots of its page.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::project::Project;

/// A fan-out with a choice, run to its end by the mock model.
fn project() -> Project {
    let project = Project::with_workflow(
        r#"
name: w
model: fast
attributes:
  topic: { input: true }
  note: { input: true, optional: true }
  tags: { type: "string[]", input: true, optional: true }
  ideas: { type: array, items: string, minItems: 2, maxItems: 4 }
sections:
  - name: Main
    steps:
      - name: Find Ideas
        prompt: Ideas for {{topic}} {{#if note}}{{note}}{{/if}}
        outputs: [ideas]
      - name: Draft
        for_each: idea in ideas
        prompt: A text about {{idea}}
        outputs: [draft]
      - name: Pick
        action: choose
        from: draft
        outputs: [final]
"#,
    );
    assert_eq!(project.run(&["run", "w", "--rehearse", "-i", "topic=rain", "--label", "first"]).code, 0);
    project
}

/// A run as data, without the ids, which are new in every database.
fn without_ids(text: &str) -> Json {
    fn strip(value: &mut Json) {
        match value {
            Json::Object(fields) => {
                fields.retain(|key, _| key != "id" && !key.ends_with("_id"));
                fields.values_mut().for_each(strip);
            }
            Json::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    strip(&mut value);
    value
}

#[test]
fn a_run_that_is_exported_imports_as_the_same_rows() {
    let project = project();
    assert_eq!(project.run(&["runs", "export", "last", "-o", "run.json"]).code, 0);
    assert_eq!(project.run(&["workflows", "export", "w", "-o", "w.json"]).code, 0);
    let other = ["--db", "other.db"];
    assert_eq!(project.run(&["workflows", "import", "w.json", other[0], other[1]]).code, 0);
    let imported = project.run(&["runs", "import", "run.json", "--db", "other.db", "--json"]);
    assert_eq!((imported.code, &imported.json()["status"]), (0, &json!("succeeded")), "{imported:?}");
    let again = project.run(&["runs", "export", "last", "--db", "other.db"]).stdout;
    assert_eq!(without_ids(&again), without_ids(&project.read("run.json")));
    let values = project.run(&["runs", "values", "last", "--db", "other.db", "--json"]).json();
    let values = values["values"].as_array().unwrap();
    assert!(values.len() >= 5 && values.iter().all(|value| value["source"] == "import"), "{values:?}");
    let shown = project.run(&["runs", "show", "last", "--db", "other.db"]);
    assert!(shown.stdout.contains("first") && shown.code == 0, "{shown:?}");
    assert_eq!(
        project.run(&["runs", "list", "--db", "other.db", "--json"]).json()["runs"][0]["label"],
        "first"
    );
    // It has ended: there is nothing to go on with.
    let resumed = project.run(&["resume", "last", "--db", "other.db"]);
    assert!(resumed.code != 0 && resumed.stderr.contains("there is nothing to go on with"), "{resumed:?}");
}

#[test]
fn branches_turns_and_candidates_keep_their_numbers() {
    let project = Project::with_workflow(
        r#"
name: w
model: fast
attributes:
  topics: { type: "string[]", input: true }
  draft: { input: true, optional: true }
sections:
  - name: Topics
    for_each: topic in topics
    steps:
      - name: Titles
        variants:
          calm: { temperature: 0.2 }
          bold: { temperature: 0.9 }
        samples: 2
        prompt: A title for {{topic}}
        outputs: [title]
  - name: Turns
    repeat: { until: "false", max: 2 }
    steps:
      - name: Write
        prompt: Write on {{#if draft}}{{draft}}{{/if}}
        outputs: [draft]
"#,
    );
    let ran = project.run(&["run", "w", "--rehearse", "-i", "topics=[\"a\",\"b\"]"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(project.run(&["runs", "export", "last", "-o", "run.json"]).code, 0);
    let first = without_ids(&project.read("run.json"));
    let imported = project.run(&["runs", "import", "run.json"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    assert_eq!(without_ids(&project.run(&["runs", "export", "last"]).stdout), first);
    let titles = project.run(&["runs", "values", "last", "title", "--json"]).json();
    assert_eq!(titles["values"].as_array().unwrap().len(), 8, "2 topics, 2 variants, 2 samples");
}

#[test]
fn everything_recorded_is_one_document() {
    let project = project();
    let document = project.run(&["runs", "export", "last", "--format", "json"]).json();
    assert_eq!(document["format"], "branchline.run/1");
    assert_eq!(document["decisions"][0]["kind"], "automatic");
    let step_runs = document["step_runs"].as_array().unwrap();
    let drafts: Vec<_> =
        step_runs.iter().filter(|row| row["address"].as_str().unwrap().starts_with("main.draft/")).collect();
    assert!(drafts.len() >= 2, "{step_runs:?}");
    assert!(drafts.iter().all(|row| row["attempt_list"][0]["response"].is_string()), "{drafts:?}");
}

/// The definition of another database, with a name that becomes another one here.
fn foreign_definition() -> Json {
    let port = |id: u8, name: &str| json!({ "id": id, "name": name });
    json!({
        "id": 3, "name": "old", "description": "",
        "sections": [{ "id": 10, "name": "Main", "description": null, "order": 1, "steps": [
            { "id": 20, "name": "Make", "description": null, "order": 1, "prompt": "Titles for [my topic]",
              "input_attributes": [port(30, "my topic")], "output_attributes": [port(31, "titles")] },
            { "id": 21, "name": "Make", "description": null, "order": 2, "prompt": "Score [title]",
              "input_attributes": [port(32, "title")], "output_attributes": [port(33, "score")] },
        ] }],
        "attributes": [
            { "id": 30, "name": "my topic", "type": "string", "is_array": false },
            { "id": 31, "name": "titles", "type": "array", "is_array": true },
            { "id": 32, "name": "title", "type": "string", "is_array": false },
            { "id": 33, "name": "score", "type": "integer", "is_array": false },
        ],
    })
}

fn foreign_run(step_runs: &Json) -> String {
    json!({ "id": 7, "workflow_id": 3, "created_at": "2024-08-01", "section_runs": [
        { "id": 70, "section_id": 10, "step_runs": step_runs },
    ] })
    .to_string()
}

#[test]
fn a_run_with_ids_takes_its_names_from_its_definition() {
    let project = Project::empty();
    project.write("workflow_3.json", &foreign_definition().to_string());
    let scores = |number: u8, score: &str| json!({ "id": 80, "step_id": 21, "branch_number": number, "attribute_values": [{ "id": 33, "name": "score", "value": score }] });
    let made = json!({ "id": 79, "step_id": 20, "branch_number": 0, "attribute_values": [{ "id": 31, "value": "1. One\n2. Two" }] });
    project.write("run.json", &foreign_run(&json!([made, scores(0, "5"), scores(1, "7")])));
    assert_eq!(project.run(&["workflows", "import", "workflow_3.json"]).code, 0);
    let imported = project.run(&["runs", "import", "run.json"]);
    let hidden = imported.stdout.split_whitespace().nth(2).unwrap().to_owned();
    assert_snapshot!(imported.shown().replace(&hidden, "[run]"), @"
    Imported run [run]  old@1, succeeded, 4 step runs
    --- stderr
    changed
      step runs: branches count from 0 in the file, and from 1 here
      main.make titles: its text is split into a list of 2 lines
    left out
      run: `created_at` has no place in a run here
    --- exit 0
    ");
    assert_snapshot!(project.run(&["runs", "values", "last"]).stdout, @r#"
    attribute  written by     source  value
    titles     main.make      import  ["One","Two"]
    score      main.make-2/1  import  5
    score      main.make-2/2  import  7
    "#);
    project.write("elsewhere/run.json", &project.read("run.json"));
    assert_snapshot!(project.run(&["runs", "import", "elsewhere/run.json"]).shown(), @"
    --- stderr
    error: `elsewhere/run.json` has ids and no names
      fix:   give its definition with `--definition FILE`, or put it at `elsewhere/workflow_3.json`
    --- exit 2
    ");
    let given = ["runs", "import", "elsewhere/run.json", "--definition", "workflow_3.json"];
    assert_eq!(project.run(&given).code, 0);
}

#[test]
fn what_contradicts_the_workflow_is_refused_as_a_whole() {
    let project = Project::empty();
    project.write("workflow_3.json", &foreign_definition().to_string());
    project.run(&["workflows", "import", "workflow_3.json"]);
    let value = |id: u8, name: &str, value: &str| json!([{ "id": id, "name": name, "value": value }]);
    project.write(
        "run.json",
        &foreign_run(&json!([
            { "id": 1, "step_id": 20, "branch_number": 2, "attribute_values": [] },
            { "id": 2, "step_id": 21, "branch_number": 1, "attribute_values": value(33, "score", "many") },
            { "id": 3, "step_id": 21, "branch_number": 1, "attribute_values": [] },
            { "id": 4, "step_id": 21, "branch_number": 2, "attribute_values": value(31, "titles", "[]") },
            { "id": 5, "step_id": 21, "branch_number": 3, "attribute_values": value(39, "colour", "red") },
            { "id": 6, "step_id": 29, "branch_number": 0, "attribute_values": [] },
        ])),
    );
    assert_snapshot!(project.run(&["runs", "import", "run.json"]).shown(), @"
    --- stderr
    error: `run.json` does not fit old@1: 6 contradictions
      cause: `main.make`: the file has a branch 2, and the step has no branches in the workflow
             the value of `score` in `main.make-2/1` is no `integer`
             `main.make-2/1` has two step runs; only one result can be kept
             `main.make-2/2` has a value of `titles`, which the step does not write
             `main.make-2/3` has a value of `colour`, and the workflow has no such attribute
             the section `Main` has no step `29`
      fix:   give the version it is a run of with `--workflow NAME@VERSION`
    --- exit 3
    ");
    assert_eq!(project.run(&["runs", "list", "--json"]).json()["runs"], json!([]));
}

#[test]
fn a_run_that_was_not_finished_comes_in_as_cancelled() {
    let project = Project::empty();
    project.write("workflow_3.json", &foreign_definition().to_string());
    project.run(&["workflows", "import", "workflow_3.json"]);
    project.write("run.json", &foreign_run(&json!([{ "id": 1, "step_id": 20, "attribute_values": [] }])));
    let imported = project.run(&["runs", "import", "run.json", "--json"]).json();
    assert_eq!(imported["status"], "cancelled");
    let listed = project.run(&["runs", "list", "--json"]).json();
    assert_eq!(listed["runs"][0]["reason"], "imported; 1 of 2 steps have no step run in the file");
}

#[test]
fn a_snapshot_starts_a_run_with_its_values() {
    let project = project();
    let attribute = |name: &str, value: Option<&str>| json!({ "name": name, "type": "string", "is_array": false, "description": null, "title": name, "value": value });
    let snapshot = json!({
        "workflow": "w", "section": "Main", "step": "Pick", "timestamp": "2024-08-01T10:00:00Z",
        "attributes": {
            "topic": attribute("topic", Some("rain")), "tags": attribute("tags", Some("- wet\n- cold")),
            "note": attribute("note", None), "final": attribute("final", Some("done")), "colour": attribute("colour", Some("red")),
        },
    });
    project.write("workflow-export-w-main.json", &snapshot.to_string());
    let ran = project.run(&[
        "runs",
        "import",
        "workflow-export-w-main.json",
        "--rehearse",
        "-i",
        "note=short",
        "--progress",
        "none",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (report, _) = ran.stderr.split_once("w@1  run").unwrap();
    assert_snapshot!(report, @"
    workflow-export-w-main.json  run snapshot, 2 values to begin with
    changed
      attribute tags: its text is split into a list of 2 lines
    left out
      attribute colour: the workflow has no such attribute
      attribute final: steps of the workflow write it, so the value of the snapshot is not needed
    worth knowing
      run: the person was at Main / Pick; a new run begins at the start
    ");
    let values = project.run(&["runs", "values", "last", "--json"]).json();
    let of = |name: &str| {
        let value =
            values["values"].as_array().unwrap().iter().find(|value| value["attribute"] == name).unwrap();
        (value["value"].clone(), value["source"].clone())
    };
    assert_eq!(of("topic"), (json!("rain"), json!("import")));
    assert_eq!(of("tags"), (json!(["wet", "cold"]), json!("import")));
    assert_eq!(of("note"), (json!("short"), json!("input")));
}

#[test]
fn a_file_that_is_no_run_is_refused() {
    let project = Project::empty();
    project.write("x.json", "{\"a\": 1}");
    assert_snapshot!(project.run(&["runs", "import", "x.json"]).shown(), @"
    --- stderr
    error: `x.json` cannot be imported
      cause: it is neither a run with `section_runs` nor a snapshot with `workflow` and `attributes`
    --- exit 3
    ");
    project.write("y.json", "{\"workflow\": \"../nowhere\", \"attributes\": {}}");
    assert_snapshot!(project.run(&["runs", "import", "y.json"]).shown(), @"
    --- stderr
    error: there is no workflow `../nowhere`, neither in the project nor in the database
      fix:   import its workflow first, or say which one it is with `--workflow NAME`
    --- exit 2
    ");
}

#[test]
fn a_definition_is_written_with_ids() {
    let project = project();
    let exported = project.run(&["workflows", "export", "w", "--format", "id-json"]);
    assert_snapshot!(exported.stderr, @"
    left out
      workflow: this form has no place for `model`
      attribute ideas: this form has no place for the shape of its values
      attribute note: this form has no place for `input`, `optional`
      attribute tags: this form has no place for `input`, `optional`
      attribute topic: this form has no place for `input`
      Main / Draft: this form has no place for `for_each`
      Main / Pick: this form has no place for `action`, `choice`
    ");
    let document = exported.json();
    let inputs = document["sections"][0]["steps"][1]["input_attributes"].as_array().unwrap();
    assert_eq!(inputs.iter().map(|input| &input["name"]).collect::<Vec<_>>(), ["idea"]);
    project.write("ids.json", &exported.stdout);
    let again = project.run(&["workflows", "import", "ids.json", "--db", "other.db"]);
    assert_snapshot!(again.shown(), @"
    Saved w@1
    --- stderr
    ids.json  JSON with ids, 5 findings
    recognised
      Main / Draft: reads `idea`, so it runs once for each of `ideas`
      Main / Pick: it has no prompt: a person chooses from `draft`
    worth knowing
      workflow: the ids of the file are not kept; parts are known by their names
      workflow: no step writes `note`, `topic`: asked for when a run starts
      attribute tags: no step reads or writes it
    --- exit 0
    ");
}

#[test]
fn what_a_prompt_calls_an_input_survives_a_file_with_ids() {
    let project = Project::with_workflow(
        r"
name: w
model: fast
attributes:
  topic: { input: true }
  note: { input: true, optional: true }
sections:
  - name: Main
    steps:
      - name: Write
        inputs: { about: topic, remark: { attribute: note, optional: true } }
        prompt: On {{about}} {{#if remark}}{{remark}}{{/if}}
        outputs: [text]
",
    );
    assert_eq!(project.run(&["workflows", "import", "w"]).code, 0);
    let exported = project.run(&["workflows", "export", "w", "--format", "id-json"]);
    project.write("ids.json", &exported.stdout);
    let other = ["--db", "other.db"];
    let again = project.run(&["workflows", "import", "ids.json", other[0], other[1]]);
    assert_eq!(again.code, 0, "{again:?}");
    let step = |ran: &str| {
        let document: Json = serde_json::from_str(ran).unwrap();
        document["sections"][0]["steps"][0].clone()
    };
    let first = project.run(&["workflows", "export", "w"]).stdout;
    let second = project.run(&["workflows", "export", "w", other[0], other[1]]).stdout;
    assert_eq!(step(&second)["inputs"], step(&first)["inputs"]);
    assert_eq!(step(&second)["prompt"], step(&first)["prompt"]);
}
