//! Values of the type `file`: what steps write, what is given, and that nothing reads a path as a text.

use std::collections::BTreeMap;
use std::fs;

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest};
use branchline_runtime::error::EngineError;
use branchline_schema_model::run::WorkflowRunStatus;
use serde_json::json;

use super::house::{House, TestModel, workflow};

const REPORTS: &str = r#"
name: reports
model: test/any
attributes:
  photo: { type: file, input: true }
  places: { type: "string[]", input: true }
  report: file
  letter: file
  index: string
outputs: [index, letter]
sections:
  - name: Write
    steps:
      - name: Report
        for_each: place in places
        action: template
        prompt: "Report on {{place}}"
        outputs: [report]
      - { name: Index, action: template, gather: [report], prompt: "{{photo}} {{join report}}", outputs: [index] }
      - { name: Letter, prompt: "A letter about {{photo}}", outputs: [letter] }
"#;

fn options(photo: &str) -> RunOptions {
    let inputs = [("photo", json!(photo)), ("places", json!(["Oslo", "../Rome"]))];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value));
    RunOptions { inputs: BTreeMap::from(inputs), ..RunOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_writes_a_file_keeps_its_text_below_the_project_and_gives_the_path() {
    let house = House::new(TestModel::with_list_of(1));
    fs::write(house.folder.path().join("photo.png"), [0_u8, 159, 146, 150]).unwrap();
    let (run, rest) = house.run(REPORTS, options("photo.png")).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    let values = house.values(run).await;
    let value = |address: &str| {
        values.iter().rfind(|one| one.address == address).map(|one| one.value.value.clone()).unwrap()
    };
    let read = |path: &str| fs::read_to_string(house.folder.path().join(path)).unwrap();

    let reports =
        [1, 2].map(|branch| format!(".branchline/artifacts/{run}/write.report/{branch}/report.txt"));
    assert_eq!([value("write.report/1"), value("write.report/2")], reports);
    assert_eq!(reports.each_ref().map(|path| read(path)), ["Report on Oslo", "Report on ../Rome"]);
    // A file is a path wherever it is read.
    assert_eq!(value("write.index"), format!("photo.png {}, {}", reports[0], reports[1]));
    assert_eq!(read(&value("write.letter")), "write.letter of (A letter about photo.png)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_given_has_to_be_there() {
    let house = House::new(TestModel::with_list_of(1));
    let saved = house.engine.workflow_save(&workflow(REPORTS)).await.unwrap();
    let problem = house.engine.run_start(saved.workflow.id, options("photo.png")).await.unwrap_err();
    let EngineError::Inputs { problems } = problem else { panic!("{problem:?}") };
    assert_eq!(problems, ["`photo` names the file `photo.png`, which is not there"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_only_name_a_file_that_is_there() {
    let house = House::new(TestModel::with_list_of(1));
    let yaml = r"
name: ask
attributes: { photo: file }
sections:
  - name: Ask
    steps:
      - { name: Photo, action: input, outputs: [photo] }
";
    let (run, rest) = house.run(yaml, RunOptions::default()).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let answer = || Answer::Values(BTreeMap::from([("photo".to_owned(), json!("photo.png"))]));
    let problem = house.engine.task_answer(task.step_run.id, answer(), Author::default()).await.unwrap_err();
    let EngineError::Answer { message } = problem else { panic!("{problem:?}") };
    assert_eq!(message, "`photo` names the file `photo.png`, which is not there");
    fs::write(house.folder.path().join("photo.png"), "x").unwrap();
    house.engine.task_answer(task.step_run.id, answer(), Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
}
