//! `schema`: what editors are told is true of what the program writes and shows.

use branchline_schema_model::definition::document::read_value;
use serde_json::Value as Json;

use crate::project::Project;
use crate::readme::blocks;

const FIRST_LINE: &str = "# yaml-language-server: $schema=";

fn complaints(schema: &str, yaml: &str) -> Vec<String> {
    let schema: Json = serde_json::from_str(schema).unwrap();
    let value = read_value("workflow.yaml", yaml).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn samples_name_a_schema_that_is_there_and_fits() {
    let project = Project::initialised();
    project.run(&["demo"]);
    for workflow in ["workflows/hello", "branchline-demo/workflows/talk-to-article"] {
        let yaml = project.read(&format!("{workflow}/workflow.yaml"));
        let schema = yaml.lines().next().unwrap().strip_prefix(FIRST_LINE).unwrap();
        let schema = project.read(&format!("{workflow}/{schema}"));
        assert_eq!(schema, project.run(&["schema"]).stdout);
        assert_eq!(complaints(&schema, &yaml), Vec::<String>::new());
    }
}

#[test]
fn the_workflow_of_the_readme_fits() {
    let schema = Project::empty().run(&["schema"]).stdout;
    for yaml in blocks("yaml") {
        assert_eq!(complaints(&schema, yaml), Vec::<String>::new());
    }
}

#[test]
fn a_project_that_was_there_gets_the_schema_of_this_program() {
    let project = Project::empty();
    project.write(".branchline/workflow.schema.json", "{}");
    assert_eq!(project.run(&["init"]).code, 0);
    assert_eq!(project.read(".branchline/workflow.schema.json"), project.run(&["schema"]).stdout);
}

#[cfg(unix)]
#[test]
fn the_folder_of_the_database_stays_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Project::initialised();
    let folder = project.path(".branchline").metadata().unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}
