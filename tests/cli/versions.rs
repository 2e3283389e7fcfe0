//! Stored versions: saved once, shown, written out and read back without loss.

use insta::assert_snapshot;

use crate::project::Project;

#[test]
fn equal_content_is_saved_once_and_changed_content_is_the_next_version() {
    let project = Project::initialised();
    assert_eq!(project.run(&["workflows", "import", "hello"]).stdout, "Saved hello@1\n");
    assert_eq!(project.run(&["workflows", "import", "workflows/hello"]).stdout, "Unchanged hello@1\n");
    project.write("workflows/hello/prompts/write.md", "Write one line about {{topic}}.\n");
    assert_eq!(project.run(&["workflows", "import", "hello"]).stdout, "Saved hello@2\n");
    let listed = project.run(&["workflows", "list", "--all", "--json"]).json();
    let versions: Vec<_> =
        listed["workflows"].as_array().unwrap().iter().map(|row| row["version"].clone()).collect();
    assert_eq!(versions, [2, 1]);
}

#[test]
fn what_is_exported_imports_as_the_same_content() {
    let project = Project::initialised();
    project.run(&["workflows", "import", "hello"]);
    let hash = |database: &str| {
        project.run(&["workflows", "show", "hello", "--json", "--db", database]).json()["content_hash"]
            .clone()
    };
    let database = ".branchline/branchline.db";
    assert_eq!(project.run(&["workflows", "export", "hello", "-o", "hello.json"]).code, 0);
    assert_eq!(
        project.run(&["workflows", "import", "hello.json", "--db", "other.db"]).stdout,
        "Saved hello@1\n"
    );
    assert_eq!(hash("other.db"), hash(database));
    let exported = project.run(&["workflows", "export", "hello", "--db", "other.db"]);
    assert_eq!(exported.stdout, project.read("hello.json"));
}

#[test]
fn a_folder_that_is_exported_imports_as_the_same_content() {
    let project = Project::initialised();
    project.run(&["workflows", "import", "hello"]);
    let export = ["workflows", "export", "hello", "--format", "folder", "-o", "copy/hello"];
    assert_eq!(project.run(&export).code, 0);
    assert_eq!(project.read("copy/hello/prompts/write.md"), project.read("workflows/hello/prompts/write.md"));
    assert_eq!(project.run(&["workflows", "import", "copy/hello"]).stdout, "Unchanged hello@1\n");
    let again = project.run(&export);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already; nothing was written"), "{}", again.stderr);
}

#[test]
fn a_version_is_shown_with_its_steps_and_attributes() {
    let project = Project::initialised();
    project.run(&["workflows", "import", "hello"]);
    let shown = project.run(&["workflows", "show", "hello@1"]).stdout;
    let (_, steps) = shown.split_once("\n\n").unwrap();
    assert_snapshot!(steps, @"
    step                  action  reads   writes
    inputs.inputs         input           topic
    writing.write         prompt  topic   text
    writing.find-titles   prompt  text    titles
    writing.pick-a-title  choose  titles  title

    attribute  type      default  description
    text       string
    title      string
    titles     string[]
    topic      string             What the text is about
    ");
}

#[test]
fn a_definition_with_a_mistake_is_not_saved() {
    let project = Project::initialised();
    project.write("workflows/hello/prompts/write.md", "Write about {{topik}}.\n");
    assert_snapshot!(project.run(&["workflows", "import", "hello"]).shown(), @"
    --- stderr
    error[BL0220]: there is no attribute `topik`
      ╭▸ workflows/hello/prompts/write.md:1:15
      │
    1 │ Write about {{topik}}.
      │               ━━━━━
      │
      ⸬  workflows/hello/workflow.yaml:7:3
      │
    7 │   topic: { input: true, description: What the text is about }
      │   ───── declared here
      │
      ╰ fix: did you mean `topic`?

    error: `workflows/hello/workflow.yaml` has 1 error
      fix:   mend it; `branchline check workflows/hello/workflow.yaml` shows warnings too
    --- exit 3
    ");
    assert_eq!(
        project.names(".branchline"),
        ["workflow.schema.json"],
        "nothing was written, not even a database"
    );
    let error = project.run(&["workflows", "import", "hello", "--json"]).stderr;
    let error: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(error["error"]["diagnostics"][0]["places"][0]["file"], "prompts/write.md");
}
