//! Actions of the embedding program: what they are given, and what their mistakes cost.

use std::sync::Arc;

use branchline_runtime::action::{StepCall, StepExecutor, StepFailure, StepOutput};
use branchline_runtime::engine::{RunOptions, RunRest};
use branchline_schema_model::run::{StepRunStatus, WorkflowRunStatus};
use serde_json::json;

use crate::house::{House, TestModel};

/// Writes the element of its branch in capitals; panics at a `!`.
struct Shout;

#[async_trait::async_trait]
impl StepExecutor for Shout {
    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        let given: Vec<&str> = call.inputs.keys().map(String::as_str).collect();
        assert_eq!(given, ["word"], "a branch that is handed the whole list costs the square of it");
        let word = call.inputs["word"].as_str().unwrap_or_default();
        assert_ne!(word, "!", "an action may be wrong");
        let values = [("loud".to_owned(), json!(word.to_uppercase()))].into();
        Ok(StepOutput { values, ..StepOutput::default() })
    }
}

const LOUD: &str = r#"
name: loud
attributes:
  words: { type: "string[]", input: true }
  all: string[]
sections:
  - name: Main
    steps:
      - name: Shout
        action: shout
        for_each: word in words
        retry: 1
        outputs: [loud]
      - name: All
        action: gather
        gather: [loud]
        outputs: [all]
"#;

fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    House::with_actions(folder, TestModel::with_list_of(0), |actions| actions.with("shout", Arc::new(Shout)))
}

fn words(words: &[&str]) -> RunOptions {
    RunOptions { inputs: [("words".to_owned(), json!(words))].into(), ..RunOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_step_is_given_the_element_of_its_branch() {
    let house = house();
    let (run, rest) = house.run(LOUD, words(&["a", "b"])).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert!(house.texts(run).await.contains(&r#"main.all all = ["A","B"]"#.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_fails_its_own_step_run_and_nothing_else() {
    use StepRunStatus::{Failed, Succeeded};
    let house = house();
    let (run, rest) = house.run(LOUD, words(&["a", "!", "c"])).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Failed));
    let statuses: Vec<_> = house.step_runs(run).await.iter().map(|view| view.step_run.status).collect();
    assert_eq!(statuses, [Succeeded, Succeeded, Failed, Succeeded]);
}
