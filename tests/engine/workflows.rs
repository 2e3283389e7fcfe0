//! Five workflows of the kind people build (`tests/fixtures/workflows`) run offline to their end: each step in the
//! branches and turns it should have, and with the same values whether one call is in flight or sixty-four.

mod book;
mod content;
mod proposal;
mod report;
mod story;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest, Task};
use branchline_runtime::provider::mock::{MockAnswers, MockConfig, MockModel};
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::definition::document::read;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{ErrorClass, StepRunAddress, WorkflowRunStatus};
use serde_json::Value as Json;

use crate::house::House;

/// How a workflow is run: what the model answers where its answer matters, and what people say.
struct Scenario {
    folder: &'static str,
    inputs: Json,
    answers: Json,
    fail: &'static [&'static str],
    person: fn(&Task) -> Answer,
}

impl Scenario {
    /// Runs it with one call at a time and with many; both come to the same values.
    async fn run(&self) -> (House, WorkflowRunId) {
        let (one, one_run) = self.run_with(1).await;
        let (many, many_run) = self.run_with(64).await;
        assert_eq!(one.texts(one_run).await, many.texts(many_run).await);
        assert_eq!(one.bindings(one_run).await, many.bindings(many_run).await);
        (many, many_run)
    }

    async fn run_with(&self, parallel_calls: u32) -> (House, WorkflowRunId) {
        let (house, run, rest) = self.rest_of(parallel_calls).await;
        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded), "{}", house.failures(run).await);
        (house, run)
    }

    /// Runs it, people answering, until nobody is asked any more.
    async fn rest_of(&self, parallel_calls: u32) -> (House, WorkflowRunId, RunRest) {
        let house = House::with_provider(Arc::new(MockModel::new(self.model())));
        let saved = house.engine.workflow_save(&fixture(self.folder)).await.unwrap();
        let options = RunOptions {
            inputs: serde_json::from_value(self.inputs.clone()).unwrap(),
            model: Some("test/any".into()),
            parallel_calls: Some(parallel_calls),
            ..RunOptions::default()
        };
        let run = house.engine.run_start(saved.workflow.id, options).await.unwrap();
        let mut rest = house.engine.run_rest(run).await.unwrap();
        while rest == RunRest::Waiting {
            let tasks = house.engine.task_list(Some(run)).await.unwrap();
            assert!(!tasks.is_empty(), "it waits for nobody");
            for task in tasks {
                let answer = (self.person)(&task);
                house.engine.task_answer(task.step_run.id, answer, Author::default()).await.unwrap();
            }
            rest = house.engine.run_rest(run).await.unwrap();
        }
        (house, run, rest)
    }

    fn model(&self) -> MockConfig {
        let mut answers = MockAnswers::default();
        for (address, answer) in self.answers.as_object().unwrap() {
            answers.insert(address, answer.clone()).unwrap();
        }
        let fail = self.fail.iter().map(|address| ((*address).to_owned(), vec![ErrorClass::BadRequest]));
        // Times of a call that let branches overtake each other.
        MockConfig { answers, fail: fail.collect(), latency_ms: Some((0, 4)), ..MockConfig::default() }
    }
}

/// One of the workflows, its folder read as it is.
fn fixture(name: &str) -> Workflow {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/workflows").join(name);
    let mut files = BTreeMap::new();
    for folder in ["", "prompts/"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                let name = format!("{folder}{}", entry.file_name().to_str().unwrap());
                files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let document = read(&files, "workflow.yaml");
    assert!(document.diagnostics.is_empty(), "{:#?}", document.diagnostics);
    document.workflow.unwrap()
}

/// One line per step and state: how many step runs, and where they are.
async fn places(house: &House, run: WorkflowRunId) -> String {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for view in house.step_runs(run).await {
        let address: StepRunAddress = view.address.parse().unwrap();
        let step = format!("{}.{} {}", address.section, address.step, view.step_run.status);
        let place =
            view.address.replacen(&address.section, "", 1).replacen(&format!(".{}", address.step), " ", 1);
        match lines.iter_mut().find(|(known, _)| *known == step) {
            Some((_, places)) => places.push(place.trim().to_owned()),
            None => lines.push((step, vec![place.trim().to_owned()])),
        }
    }
    let shown = lines.iter().map(|(step, places)| match places.as_slice() {
        [only] if only.is_empty() => step.clone(),
        _ => format!("{step} {}: {}", places.len(), places.join(", ")),
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// The one value of an attribute that stands last in reference order.
async fn last_value(house: &House, run: WorkflowRunId, attribute: &str) -> String {
    let values = house.values(run).await;
    values.into_iter().rfind(|one| one.attribute == attribute).unwrap().value.value
}
