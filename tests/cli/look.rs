//! Verbs that look and change nothing: `graph`, `render`, `explain`, `doctor`.

use insta::assert_snapshot;

use crate::project::Project;

/// A fan-out over a run input, with a nested step and a join.
pub(crate) const FAN_OUT: &str = "\
name: w
model: fast
attributes:
  topics: { type: 'string[]', input: true }
  mood: { input: true, default: calm }
sections:
  - name: Main
    steps:
      - { name: Write, for_each: topic in topics, prompt: 'On {{topic}}, {{mood}}', outputs: [text] }
      - { name: Shorten, prompt: 'Shorter: {{text}}', outputs: [short] }
      - { name: Join, action: template, gather: [short], prompt: '{{short}}', outputs: [page] }
      - { name: Off, enabled: false, prompt: 'Never {{page}}', outputs: [nothing] }
";

#[test]
fn run_inputs_come_from_flags_files_and_the_standard_input() {
    let project = Project::with_workflow(FAN_OUT);
    project.write("topics.txt", "one\ntwo\n\n");
    project.write("inputs.yaml", "topics: [a, b, c, d]\nmood: loud\n");
    let calls =
        |args: &[&str]| project.run(&[&["plan", "w", "--json"], args].concat()).json()["calls"].clone();
    assert_eq!(calls(&["-i", "topics=@topics.txt"]), 4);
    assert_eq!(calls(&["--inputs", "inputs.yaml"]), 8);
    assert_eq!(calls(&["--inputs", "inputs.yaml", "-i", "topics=only"]), 2, "a flag goes before a file");
    let wrong = |args: &[&str]| project.run(&[&["plan", "w"], args].concat()).shown();
    assert_snapshot!(wrong(&["-i", "topic=a"]), @"
    --- stderr
    error: `w` has no input `topic`
      fix:   did you mean `topics`?
    --- exit 2
    ");
    assert_snapshot!(wrong(&["-i", "topics=@nowhere.txt"]), @"
    --- stderr
    error: `nowhere.txt` cannot be read
      cause: No such file or directory (os error 2)
      fix:   give a text file that is there
    --- exit 2
    ");
    assert_snapshot!(wrong(&["-i", "topics=[1]"]), @r#"
    --- stderr
    error: the value for `topics` does not fit its type `string[]`
      cause: at /0: 1 is not of type "string"
      fix:   give a JSON list, such as '["a", "b"]'
    --- exit 2
    "#);
    assert_snapshot!(wrong(&["-i", "topics"]), @"
    --- stderr
    error: `-i topics` has no `=`
      fix:   write `-i name=value` or `-i name=@file`
    --- exit 2
    ");
}

#[test]
fn a_graph_is_text_mermaid_dot_svg_or_json() {
    let project = Project::with_workflow(FAN_OUT);
    assert_snapshot!(project.run(&["graph"]).stdout, @"
    w

    Inputs
           inputs     input              mood?, topics

    Main
      1.1    write    prompt ×n          for each topic in topics: topic, mood → text
      1.2    shorten  prompt ×n          text → short
      1.3  join       template           all short → page
      1.4  off        prompt (disabled)  page → nothing

    Results
        page
    ");
    let graph = project.run(&["graph", "w", "--json"]).json();
    assert_eq!(
        (&graph["format"], &graph["layer"], &graph["nodes"][1]["id"]),
        (&"branchline.graph/1".into(), &"control".into(), &"main.write".into())
    );
    assert!(project.run(&["graph", "w", "--format", "mermaid"]).stdout.starts_with("flowchart"));
    assert!(project.run(&["graph", "w", "--format", "dot"]).stdout.starts_with("digraph"));
    assert_eq!(project.run(&["graph", "w", "-f", "svg", "-o", "w.svg"]).code, 0);
    assert!(project.read("w.svg").contains("<svg"));
    assert_eq!(project.run(&["graph", "w", "-f", "json", "-o", "w.json"]).code, 0);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&project.read("w.json")).unwrap(), graph);
}

#[test]
fn a_graph_marks_the_way_of_an_attribute() {
    let project = Project::with_workflow(FAN_OUT);
    assert_snapshot!(project.run(&["graph", "--layer", "data", "--attribute", "text"]).stdout, @"
    w

    Inputs
      mood         string (run input with a default)  → 1.1
      topics       string[] (run input)               → each 1.1

    Main
    ● 1.1   write  ← for each topic in topics: topic, mood
            topic  string                             → 1.1
    ●       text   string                             → 1.2
    ● 1.2   shorten  ← text
    ○       short  string                             → all 1.3
    ○ 1.3 join  ← all short
    ○     page     string                             → results
      1.4 off (disabled)  ← page

    Results
    ○   page

    ● text, and what writes or reads it   ○ what is made from it
    ");
    assert_snapshot!(project.run(&["graph", "--attribute", "txt"]).shown(), @"
    --- stderr
    error: `w` has no attribute `txt`
      fix:   did you mean `text`?
    --- exit 2
    ");
}

#[test]
fn a_step_is_rendered_with_values_or_with_their_names() {
    let project = Project::with_workflow(FAN_OUT);
    assert_snapshot!(project.run(&["render", "main.write"]).shown(), @"
    On ‹topic›, ‹mood›
    --- stderr
    no value was given for `mood`, `topic`
    --- exit 0
    ");
    assert_snapshot!(project.run(&["render", "write", "-i", "topic={{mood}}", "-i", "mood=calm"]).shown(), @"
    On {{mood}}, calm
    --- exit 0
    ");
    assert_snapshot!(project.run(&["render", "writ"]).shown(), @"
    --- stderr
    error: `w` has no step `writ`
      fix:   did you mean `write`?
    --- exit 2
    ");
}

#[test]
fn the_demo_runs_offline_to_its_end_and_again() {
    let project = Project::empty();
    let ran = project.run(&["demo", "d"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("# Nobody is paid, nothing is promised"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("Created d (12 files)"), "{}", ran.stderr);
    assert!(project.run(&["-C", "d", "check"]).stdout.starts_with("✓ no problems in 1 workflow, 9 steps"));
    let again = project.run(&["demo", "d"]);
    assert_eq!((again.code, again.stdout), (0, ran.stdout));
    let runs = project.run(&["-C", "d", "runs", "list", "--json"]).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn every_code_can_be_explained() {
    let project = Project::empty();
    let codes = project.run(&["explain", "--json"]).json();
    let codes = codes["codes"].as_array().unwrap();
    assert!(codes.len() > 40);
    let first = codes[0]["code"].as_str().unwrap();
    assert!(project.run(&["explain", &first.to_lowercase()]).stdout.starts_with(first));
    assert_eq!(project.run(&["explain", "BL9999"]).code, 2);
}

#[test]
fn a_code_is_explained_by_an_example_and_its_correction() {
    let project = Project::empty();
    assert_snapshot!(project.run(&["explain", "BL0120"]).shown(), @"
    BL0120: the prompt file cannot be read

    The file under `prompt_file` is missing, is not text in UTF-8, or may not be read.

    Wrong: workflow.yaml
        name: example
        model: fast
        sections:
          - name: Text
            steps:
              - name: Write
                prompt_file: prompts/poem.md
                outputs: [poem]

    Wrong: prompts/poems.md
        Write a poem.

    What `check` says
        BL0120: cannot read the prompt file `prompts/poem.md`: there is no such file
          workflow.yaml:7:22
          |         prompt_file: prompts/poem.md
          |                      ^^^^^^^^^^^^^^^
          fix: did you mean `prompts/poems.md`?

    Right: workflow.yaml
        name: example
        model: fast
        sections:
          - name: Text
            steps:
              - name: Write
                prompt_file: prompts/poem.md
                outputs: [poem]

    Right: prompts/poem.md
        Write a poem.
    --- exit 0
    ");
    let page = project.run(&["explain", "BL0120", "--json"]).json();
    assert_eq!(page["right"]["prompts/poem.md"], "Write a poem.\n");
    assert!(page["says"].as_str().unwrap().starts_with("BL0120: "));
}

#[test]
fn the_doctor_says_where_settings_come_from_and_never_a_secret() {
    let project = Project::initialised();
    project.write("branchline.toml", "[models]\nfast = \"openai/gpt-5-mini\"\nslow = \"anthropic/claude\"\n");
    let mut command = project.command();
    let ran =
        project.finish(command.env("OPENAI_API_KEY", "sk-canary").env("BRANCHLINE_DB", "x.db").arg("doctor"));
    assert_snapshot!(ran.shown(), @"
    ✓ program    branchline 0.1.0
    - database   x.db, not made yet: the first run makes it
    ✓ project    branchline.toml, 1 workflow, 0 errors
    ✓ model      fast → openai/gpt-5-mini, OPENAI_API_KEY is set
    ! model      slow → anthropic/claude, ANTHROPIC_API_KEY is not set
                 fix: set ANTHROPIC_API_KEY in the environment
    - models     ready without an alias: mock/…, ollama/…, openai/…
    - setting    database from environment BRANCHLINE_DB
    - setting    parallel calls 16 from default
    - terminal   nobody to ask, progress as lines, no colours
    --- exit 0
    ");
    assert!(!project.path("x.db").exists(), "it looks and changes nothing");
}

#[test]
fn the_doctor_ends_with_the_code_of_what_is_wrong() {
    let project = Project::initialised();
    project.write("notes.db", "no database");
    assert_eq!(project.run(&["doctor", "--db", "notes.db"]).code, 5);
    project.write("workflows/hello/prompts/write.md", "{{topik}}");
    assert_eq!(project.run(&["doctor"]).code, 3);
}

#[test]
fn the_values_of_an_enum_are_said_wherever_one_is_asked_for() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { language: { input: true, enum: [en, de] } }\nsections:\n  - name: Main\n    \
         steps:\n      - { name: Write, prompt: 'In {{language}}', outputs: [text] }\n",
    );
    assert!(project.run(&["plan", "w"]).stdout.contains("language   en | de  needed"));
    let wrong = project.run(&["run", "w", "-i", "language=fr"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("fix:   give a value that is `en | de`"), "{wrong:?}");
}
