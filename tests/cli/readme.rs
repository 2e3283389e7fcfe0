//! What the README shows has to be true.

use std::collections::BTreeMap;

use branchline_persistence::testing::query_number;
use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::document::read;

use crate::project::Project;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language.
pub(crate) fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_workflows_check_without_a_word() {
    let workflows = blocks("yaml");
    assert_eq!(workflows.len(), 2);
    for yaml in workflows {
        let files = BTreeMap::from([
            ("workflow.yaml".to_owned(), yaml.to_owned()),
            ("prompts/first-draft.md".to_owned(), "Turn this talk into an article: {{talk}}".to_owned()),
        ]);
        let document = read(&files, "workflow.yaml");
        let checked = check(&document.workflow.unwrap(), &document.sources, &CheckContext::default());
        let problems = [document.diagnostics, checked.diagnostics].concat();
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[test]
fn the_settings_are_read() {
    let [toml] = blocks("toml")[..] else { panic!("one project file is shown") };
    branchline_runtime::config::ProjectConfig::parse(toml, "branchline.toml").unwrap();
}

#[test]
fn every_query_finds_something_in_the_database_of_the_demo() {
    let project = Project::empty();
    project.run(&["demo"]);
    let database = project.path("branchline-demo/.branchline/branchline.db");
    let queries = blocks("sql");
    assert_eq!(queries.len(), 4);
    for query in queries {
        let query = query.trim().trim_end_matches(';');
        let rows = query_number(&database, &format!("SELECT count(*) FROM ({query})")).unwrap();
        assert!(rows > 0, "nothing found by\n{query}");
    }
}
