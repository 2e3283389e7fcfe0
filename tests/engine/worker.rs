//! Many engines on one database: they share the runs, and values are the same whoever drives.

use std::sync::Arc;

use branchline_runtime::action::built_in;
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Author, Engine, EngineConfig, RunOptions, RunRest, WorkNews};
use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::WorkflowRunStatus;
use serde_json::json;

use crate::article::ARTICLE;
use crate::house::{House, TestModel, inputs, workflow};

const RUNS: usize = 6;

fn article() -> RunOptions {
    RunOptions { unattended: true, ..inputs([("transcript", json!("a \"talk\" & <more>, ä"))]) }
}

/// Another engine on the same database.
fn another(house: &House, model: &Arc<TestModel>, runs_max: usize) -> Engine {
    let catalog = ModelCatalog::new(&ProjectConfig::parse("", "branchline.toml").unwrap(), |_| None);
    let catalog = catalog.with_provider("test", model.clone());
    let config = EngineConfig { runs_max, ..EngineConfig::default() };
    Engine::start(config, house.store.store(), built_in(Arc::new(catalog)))
}

/// Leaves runs of the article to so many engines; what each run came to.
async fn shared(house: House, model: Arc<TestModel>, workers: usize) -> Vec<Vec<String>> {
    let saved = house.engine.workflow_save(&workflow(ARTICLE)).await.unwrap();
    let mut runs: Vec<WorkflowRunId> = Vec::new();
    for _ in 0..RUNS {
        runs.push(house.engine.run_queue(saved.workflow.id, article()).await.unwrap());
    }
    let mut working = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let engine = another(&house, &model, 2);
        working.spawn(async move {
            let mut taken = Vec::new();
            engine
                .work(true, |news| match news {
                    WorkNews::TookUp(run) => taken.push(run),
                    WorkNews::Rested(_, rest) => {
                        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
                    }
                    WorkNews::Blind(error) => panic!("{error}"),
                })
                .await
                .unwrap();
            taken
        });
    }
    let mut taken: Vec<WorkflowRunId> = working.join_all().await.concat();
    taken.sort();
    runs.sort();
    assert_eq!(taken, runs, "each run is taken up once");
    let mut values = Vec::new();
    for run in runs {
        values.push(house.texts(run).await);
    }
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_the_same_with_1_and_with_4_workers_on_both_databases() {
    let mut told = Vec::new();
    for (is_server, workers) in [(false, 1), (false, 4), (true, 1), (true, 4)] {
        let model = TestModel::with_list_of(3);
        let house = if is_server {
            House::on_postgres(model.clone(), 4).await
        } else {
            House::on_sqlite(model.clone(), 4)
        };
        told.extend(shared(house, model, workers).await);
    }
    assert_eq!(told.len(), 4 * RUNS);
    assert!(told[0].len() > 2);
    assert!(told.iter().all(|texts| *texts == told[0]));
}

const QUESTION: &str = r#"
name: question
attributes:
  topic: { input: true }
sections:
  - name: Ask
    steps:
      - { name: Question, action: input, outputs: [opinion] }
      - { name: After, prompt: "{{topic}} {{opinion}}", outputs: [text] }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_without_room_leaves_everything_to_others() {
    let model = TestModel::with_list_of(3);
    let house = House::new(model.clone());
    let front = another(&house, &model, 0);
    let saved = front.workflow_save(&workflow(QUESTION)).await.unwrap();
    let run = front.run_start(saved.workflow.id, inputs([("topic", json!("rain"))])).await.unwrap();
    let status = || async { house.store.run_fetch(run).await.unwrap().run };
    assert_eq!((status().await.status, status().await.owner_id), (WorkflowRunStatus::Pending, None));
    house.engine.work(true, |_| {}).await.unwrap();
    front.run_pause(run, Author::default()).await.unwrap();
    house.engine.work(true, |_| {}).await.unwrap();
    assert_eq!(status().await.status, WorkflowRunStatus::Paused);
    assert!(!front.run_resume(run, Author::default()).await.unwrap());
    house.engine.work(true, |_| {}).await.unwrap();
    assert_eq!(status().await.status, WorkflowRunStatus::Running);
    front.run_cancel(run, Author::default()).await.unwrap();
    house.engine.work(true, |_| {}).await.unwrap();
    assert_eq!(status().await.status, WorkflowRunStatus::Cancelled);
}
