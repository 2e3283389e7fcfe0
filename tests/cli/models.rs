//! `models`: what there is, and whether it answers.

use crate::run::project;

#[test]
fn aliases_and_providers_are_listed_with_the_variable_of_their_key() {
    let project = project("");
    let list = project.run(&["models", "list", "--json"]).json();
    assert_eq!(list["format"], "branchline.models/1");
    assert_eq!((&list["models"][0]["alias"], &list["models"][0]["is_ready"]), (&"fast".into(), &true.into()));
    let table = project.run(&["models", "list"]).stdout;
    assert!(table.contains("✗ OPENAI_API_KEY is not set"), "{table}");
}

#[test]
fn a_price_is_what_the_project_says_free_or_unknown() {
    let project = project("");
    project.write(
        "branchline.toml",
        "[models]\nfast = [\"openai/gpt-5-mini\", \"mock/fast\"]\nslow = \"openai/gpt-5\"\n\
         [prices]\nas_of = 2026-09-01\n\"openai/gpt-5-mini\" = { input = 0.25, output = 2.0 }\n\
         [context]\n\"openai/gpt-5-mini\" = 400_000\n",
    );
    let table = project.run(&["models", "list"]).stdout;
    let line = |start: &str| table.lines().find(|line| line.starts_with(start)).unwrap_or(&table).to_owned();
    assert!(line("fast").ends_with("0.25 / 2 (2026-09-01)  400000"), "{table}");
    assert!(line("  then (2)").ends_with("free"), "{table}");
    assert!(line("slow").ends_with("unknown"), "{table}");
    let list = project.run(&["models", "list", "--json"]).json();
    assert_eq!(
        (&list["models"][0]["price"]["output"], &list["models"][2]["price"]),
        (&2.0.into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_test_ends_with_4_when_a_model_does_not_answer() {
    let project = project("");
    assert_eq!(project.run(&["models", "test"]).code, 0);
    let failed = project.run(&["models", "test", "mock", "openai/gpt-5-mini", "--json"]);
    let models = failed.json();
    assert_eq!((failed.code, &models["models"][0]["ok"]), (4, &true.into()));
    assert!(
        models["models"][1]["failure"]["message"].as_str().unwrap().contains("OPENAI_API_KEY"),
        "{models}"
    );
    assert_eq!(project.run(&["models", "test", "fats"]).code, 2);
}
