//! `fmt`: files are laid out, and never harmed.

use insta::assert_snapshot;

use crate::project::Project;

const UGLY: &str = "# mine\nsections:\n- steps: [{prompt: 'On {{topic}}', name: \"Write\",   outputs: [text]}]\n  name: Main\n  # done\nname:   w\nattributes: {topic: {input: true}}\n";

#[test]
fn a_file_is_laid_out_once() {
    let project = Project::with_workflow(UGLY);
    assert_snapshot!(project.run(&["fmt", "--check"]).shown(), @"
    Would change workflows/w/workflow.yaml
    1 file in 1 workflow
    --- exit 20
    ");
    assert_eq!(project.read("workflows/w/workflow.yaml"), UGLY);
    assert_eq!(
        project.run(&["fmt", "--check", "--json"]).json()["files"][0]["changed"][0],
        "workflows/w/workflow.yaml"
    );
    assert_snapshot!(project.run(&["fmt", "w"]).shown(), @"
    Changed workflows/w/workflow.yaml
    1 file in 1 workflow
    --- exit 0
    ");
    assert_snapshot!(project.read("workflows/w/workflow.yaml"), @"
    # mine
    name: w
    attributes:
      topic: { input: true }
    sections:
      - name: Main
        steps:
          - name: Write
            prompt: On {{topic}}
            outputs: [text]
      # done
    ");
    assert_snapshot!(project.run(&["fmt", "--check", "workflows/w/workflow.yaml"]).shown(), @"
    ✓ nothing to change in 1 workflow
    --- exit 0
    ");
}

#[test]
fn a_file_with_mistakes_stays_and_the_others_do_not_wait_for_it() {
    let project = Project::with_workflow(UGLY);
    let broken = "name: [v\nsections:  []\n";
    project.write("workflows/v/workflow.yaml", broken);
    assert_snapshot!(project.run(&["fmt"]).shown(), @"
    error[BL0101]: a bracket that is not closed, or a comma that is missing
      ╭▸ workflows/v/workflow.yaml:2:9
      │
    2 │ sections:  []
      │         ━
      │
      ╰ fix: close the bracket or add the comma

    Changed workflows/w/workflow.yaml
    1 file in 2 workflows, 1 left as it is
    --- exit 3
    ");
    assert_eq!(project.read("workflows/v/workflow.yaml"), broken);
    assert_eq!(project.run(&["fmt", "--check", "w"]).code, 0);
}

#[test]
fn a_prompt_is_no_workflow_file() {
    let project = Project::initialised();
    let before = project.read("workflows/hello/prompts/write.md");
    assert_snapshot!(project.run(&["fmt", "workflows/hello/prompts/write.md"]).shown(), @"
    --- stderr
    error: `workflows/hello/prompts/write.md` is no workflow file
      fix:   give a `.yaml` or `.json` file, or the folder of a workflow
    --- exit 2
    ");
    assert_eq!(project.read("workflows/hello/prompts/write.md"), before);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let project = Project::with_workflow(UGLY);
    let file = project.path("workflows/w/workflow.yaml");
    std::fs::rename(&file, project.path("workflows/w/real.yaml")).unwrap();
    symlink("real.yaml", &file).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(project.run(&["fmt"]).code, 0);
    assert!(file.symlink_metadata().unwrap().is_symlink());
    let real = project.path("workflows/w/real.yaml").metadata().unwrap();
    assert_eq!(real.permissions().mode() & 0o777, 0o640);
    assert_eq!(project.names("workflows/w"), ["real.yaml", "workflow.yaml"]);
}

#[test]
fn what_the_program_writes_is_laid_out_already() {
    assert_eq!(Project::initialised().run(&["fmt", "--check"]).code, 0);
    let project = Project::empty();
    project.run(&["demo"]);
    assert_eq!(project.run(&["-C", "branchline-demo", "fmt", "--check"]).code, 0);
}
