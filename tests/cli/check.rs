//! `check`: every kind of mistake with its code, its place and a fix.

use insta::assert_snapshot;

use crate::project::Project;

/// What `check` says of a workflow with one section of these steps.
fn check_steps(attributes: &str, steps: &str) -> String {
    let yaml = format!("name: w\nattributes:\n{attributes}sections:\n  - name: Main\n    steps:\n{steps}");
    Project::with_workflow(&yaml).run(&["check"]).shown()
}

const TOPIC: &str = "  topic: { input: true }\n";

#[test]
fn an_unknown_key_has_a_suggestion() {
    assert_snapshot!(check_steps(TOPIC, "      - { name: Write, prompt: 'On {{topic}}', outputs: [text], promt_file: x.md }\n"), @"
    error[BL0110]: unknown key `promt_file` in this step
      ╭▸ workflows/w/workflow.yaml:7:65
      │
    7 │       - { name: Write, prompt: 'On {{topic}}', outputs: [text], promt_file: x.md }
      │                                                                 ━━━━━━━━━━
      │
      ╰ fix: did you mean `prompt_file`? Allowed keys: `action`, `choice`, `default`, `description`, `enabled`, `for_each`, `from`, `gather`, `inputs`, `max`, `max_tokens`, `min`, `model`, `name`, `outputs`, `own_text`, `parallel`, `parameters`, `prompt`, `prompt_file`, `retry`, `seed`, `show`, `stop`, `temperature`, `timeout`, `timeout_ms`, `top_p`, `with`

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_missing_prompt_file_has_a_place() {
    assert_snapshot!(check_steps(TOPIC, "      - { name: Write, prompt_file: prompts/write.md, outputs: [text] }\n"), @"
    error[BL0120]: cannot read the prompt file `prompts/write.md`: there is no such file
      ╭▸ workflows/w/workflow.yaml:7:37
      │
    7 │       - { name: Write, prompt_file: prompts/write.md, outputs: [text] }
      │                                     ━━━━━━━━━━━━━━━━
      │
      ╰ fix: create the file, or write the text under `prompt`

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_file_that_is_no_yaml() {
    assert_snapshot!(Project::with_workflow("name: w\nsections: [\n").run(&["check"]).shown(), @"
    error[BL0101]: a bracket that is not closed, or a comma that is missing
      ╭▸ workflows/w/workflow.yaml:2:11
      │
    2 │ sections: [
      │           ━
      │
      ╰ fix: close the bracket or add the comma

    1 error in 1 workflow, 0 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn only_the_first_twenty_are_shown_unless_all_are_wanted() {
    let keys: String = (1..=25).map(|number| format!("odd_{number}: 1\n")).collect();
    let yaml = format!(
        "name: w\n{keys}sections:\n  - {{ name: A, steps: [{{ name: B, prompt: c, outputs: [d] }}] }}\n"
    );
    let project = Project::with_workflow(&yaml);
    let shown = project.run(&["check"]);
    assert_eq!((shown.code, shown.stdout.matches("error[").count()), (3, 20));
    assert!(shown.stdout.contains("… and 5 more in workflows/w/workflow.yaml (--all)"), "{}", shown.stdout);
    assert_eq!(project.run(&["check", "--all"]).stdout.matches("error[").count(), 25);
    assert_eq!(project.run(&["check", "--json"]).json()["errors"], 25);
}

#[test]
fn a_path_that_is_no_workflow_ends_with_2() {
    assert_snapshot!(Project::initialised().run(&["check", "nowhere"]).shown(), @"
    --- stderr
    error: there is no workflow at `nowhere`
      fix:   give a workflow file, its folder, or a project with `workflows/*/workflow.yaml`
    --- exit 2
    ");
    assert_snapshot!(Project::empty().run(&["check"]).shown(), @"
    --- stderr
    error: there is no workflow here, `workflows/*/workflow.yaml` in the project
      fix:   make one with `branchline init`, or give the path of a workflow file or folder
    --- exit 2
    ");
}
