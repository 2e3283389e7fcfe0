//! What all verbs have in common: help, wrong arguments, settings files, streams.

use std::io::Read as _;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::project::Project;

#[test]
fn a_wrong_argument_ends_with_2() {
    let project = Project::empty();
    for args in [&["chekc"][..], &["check", "--colour"], &[]] {
        let ran = project.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
    }
    assert!(project.run(&["chekc"]).stderr.contains("'check'"));
}

#[test]
fn init_writes_a_project_that_checks_and_never_overwrites() {
    let project = Project::empty();
    assert_snapshot!(project.run(&["init", "a"]).shown(), @"
    Created a/branchline.toml
    Created a/.gitignore
    Created a/workflows/hello/workflow.yaml
    Created a/workflows/hello/prompts/write.md
    Created a/.branchline/workflow.schema.json
    --- exit 0
    ");
    assert_snapshot!(project.run(&["-C", "a", "check"]).shown(), @"
    ✓ no problems in 1 workflow, 3 steps ([n] ms)
    --- exit 0
    ");
    project.write("a/branchline.toml", "# mine\n");
    assert_snapshot!(project.run(&["init", "a"]).shown(), @"
    --- stderr
    error: `a/branchline.toml` is there already; nothing was written
      fix:   give another directory
    --- exit 2
    ");
    assert_eq!(project.read("a/branchline.toml"), "# mine\n");
}

#[test]
fn a_broken_settings_file_is_named_with_its_line() {
    let project = Project::initialised();
    project.write("branchline.toml", "[models]\nfast = \"mock/fast\"\n\n[limit]\nparallel_calls = 3\n");
    assert_snapshot!(project.run(&["check"]).shown(), @"
    --- stderr
    error: [dir]/branchline.toml:4: unknown key `limit`
      fix:   did you mean `limits`?
    --- exit 2
    ");
    assert_eq!(project.run(&["completions", "bash"]).code, 0, "what needs no settings works without them");
}

#[test]
fn errors_are_json_when_the_result_is() {
    let project = Project::empty();
    let ran = project.run(&["check", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        (error["format"].as_str(), error["exit_code"].as_i64()),
        (Some("branchline.error/1"), Some(2))
    );
    assert!(error["error"]["fix"].as_str().unwrap().contains("branchline init"));
}

#[test]
fn completions_complete_the_verbs_in_every_shell() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = project.run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.stdout.contains("branchline") && ran.stdout.contains("check"), "{shell}");
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let project = Project::empty();
    let mut command = project.command();
    let mut child =
        command.args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!((child.wait().unwrap().code(), words.as_str()), (Some(0), ""));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_force_it() {
    let project = Project::initialised();
    let colored = |variables: &[(&str, &str)], args: &[&str]| {
        let ran = project.finish(project.command().envs(variables.iter().copied()).args(args));
        ran.stdout.contains('\u{1b}')
    };
    assert!(!colored(&[], &["check"]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &["check"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &["check"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["check", "--color", "never"]));
    assert!(colored(&[("NO_COLOR", "1")], &["check", "--color", "always"]));
}

#[test]
fn a_workflow_is_named_only_where_there_are_several() {
    let project = Project::initialised();
    let planned = project.run(&["plan", "-i", "topic=rain"]);
    assert!(planned.code == 0 && planned.stdout.starts_with("hello  "), "{planned:?}");
    project.write("workflows/other/workflow.yaml", &project.read("workflows/hello/workflow.yaml"));
    for verb in [&["plan"][..], &["run"], &["graph"], &["render", "writing.write"]] {
        let several = project.run(verb);
        assert_eq!(several.code, 2, "{several:?}");
        assert!(several.stderr.contains("name one of `hello`, `other`"), "{several:?}");
    }
}
