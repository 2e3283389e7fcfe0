//! Answers and cancels that meet a run at an awkward moment.

use std::sync::Arc;
use std::time::Duration;

use branchline_runtime::action::{StepCall, StepExecutor, StepFailure, StepOutput, built_in};
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Answer, Author, Engine, EngineConfig, RunOptions, RunRest};
use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{ErrorClass, WorkflowRunStatus};
use branchline_schema_model::store::NewRun;
use branchline_schema_model::time::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;

use crate::article::ARTICLE;
use crate::house::{House, TestModel, inputs, workflow};

const BRANCHES: &str = r#"
name: branches
attributes:
  words: { type: "string[]", input: true }
sections:
  - name: Work
    steps:
      - { name: Each, for_each: word in words, prompt: "Say {{word}}", outputs: [said] }
"#;

const QUESTIONS: &str = r#"
name: questions
sections:
  - name: Ask
    steps:
      - { name: One, action: input, outputs: [one] }
      - { name: Two, action: input, outputs: [two] }
      - { name: Three, action: input, outputs: [three] }
      - { name: Four, action: input, outputs: [four] }
      - { name: All, prompt: "{{one}} {{two}} {{three}} {{four}}", outputs: [all] }
"#;

const CALL_AND_QUESTION: &str = r#"
name: call-and-question
attributes:
  topic: { input: true }
sections:
  - name: Ask
    steps:
      - { name: Call, ACTION prompt: "About {{topic}}", outputs: [text] }
      - { name: Question, action: input, outputs: [opinion] }
      - { name: Both, prompt: "{{opinion}}", outputs: [both] }
"#;

fn values(name: &str) -> Answer {
    Answer::Values([(name.to_owned(), json!("yes"))].into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_never_began_is_cancelled_without_beginning() {
    let model = TestModel::with_list_of(3);
    let house = House::new(Arc::clone(&model));
    let saved = house.engine.workflow_save(&workflow(BRANCHES)).await.unwrap();
    let options = inputs([("words", json!(["a", "b"]))]);
    // As its process left it that died right after creating it.
    let run = house
        .store
        .run_create(NewRun {
            id: "0190b3c8-0000-7000-8000-000000000001".parse::<WorkflowRunId>().unwrap(),
            workflow_id: saved.workflow.id,
            label: None,
            options: serde_json::to_value(&options).unwrap(),
            idempotency_key: None,
            created_at: Timestamp::default(),
        })
        .await
        .unwrap();
    house.engine.run_cancel(run, Author::default()).await.unwrap();
    let rest = house.engine.run_rest(run).await.unwrap();
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Cancelled));
    assert_eq!((model.call_count(), house.count("SELECT count(*) FROM step_runs")), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_run_that_nobody_drives_calls_no_model_and_leaves_no_attempt_open() {
    let model = TestModel::with_list_of(5);
    let house = House::new(Arc::clone(&model));
    let saved = house.engine.workflow_save(&workflow(ARTICLE)).await.unwrap();
    let options =
        RunOptions { unattended: true, parallel_calls: Some(1), ..inputs([("transcript", json!("talk"))]) };
    let run = house.engine.run_start(saved.workflow.id, options).await.unwrap();
    house.engine.shutdown(Duration::from_secs(30)).await;
    let calls = model.call_count();

    let House { folder, .. } = house;
    let next = House::at(folder, Arc::clone(&model));
    next.engine.run_cancel(run, Author::default()).await.unwrap();
    let rest = next.engine.run_rest(run).await.unwrap();
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Cancelled));
    assert_eq!(model.call_count(), calls);
    assert_eq!(next.count("SELECT count(*) FROM step_attempts WHERE ended_at IS NULL"), 0);
    let live = "SELECT count(*) FROM step_runs WHERE status NOT IN ('succeeded', 'skipped', 'cancelled')";
    assert_eq!(next.count(live), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_given_at_the_same_time_all_count() {
    for _ in 0..5 {
        let model = TestModel::with_list_of(1);
        let house = House::new(Arc::clone(&model));
        let (run, rest) = house.run(QUESTIONS, inputs([])).await;
        assert_eq!(rest, RunRest::Waiting);
        let mut answering = tokio::task::JoinSet::new();
        for task in house.engine.task_list(Some(run)).await.unwrap() {
            let (engine, id, answer) = (house.engine.clone(), task.step_run.id, values(&task.fields[0].name));
            answering.spawn(async move { engine.task_answer(id, answer, Author::default()).await });
        }
        while let Some(answered) = answering.join_next().await {
            assert!(answered.unwrap().unwrap().is_some(), "the decision is there when the answer is taken");
        }
        let rest = house.engine.run_rest(run).await.unwrap();
        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
        assert_eq!((model.call_count(), house.count("SELECT count(*) FROM decisions")), (1, 4));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wake_a_paused_run() {
    let model = TestModel::with_list_of(1);
    let house = House::new(Arc::clone(&model));
    model.fail("ask.call", &[ErrorClass::Unauthorized]);
    let (run, rest) =
        house.run(&CALL_AND_QUESTION.replace("ACTION", ""), inputs([("topic", json!("bees"))])).await;
    assert!(matches!(rest, RunRest::Paused(_)), "{rest:?}");
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let decision = house.engine.task_answer(task.step_run.id, values("opinion"), Author::default()).await;
    assert!(decision.unwrap().is_some());
    assert!(matches!(house.engine.run_rest(run).await.unwrap(), RunRest::Paused(_)));
    assert_eq!(model.call_count(), 1, "nobody has said that the key is mended");
    house.engine.run_resume(run, Author::default()).await.unwrap();
    let rest = house.engine.run_rest(run).await.unwrap();
    assert_eq!((rest, model.call_count()), (RunRest::Ended(WorkflowRunStatus::Succeeded), 3));
}

/// Answers once it is let through.
struct Gate(Arc<Semaphore>);

#[async_trait::async_trait]
impl StepExecutor for Gate {
    async fn execute(&self, _: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        self.0.acquire().await.expect("the gate is never closed").forget();
        Ok(StepOutput { values: [("text".to_owned(), Json::from("done"))].into(), ..StepOutput::default() })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_left_for_an_owner_that_comes_to_rest_is_found() {
    let gate = Arc::new(Semaphore::new(0));
    let other = House::new(TestModel::with_list_of(1));
    // An owner that looks for messages so rarely that it comes to rest without a look.
    let catalog = ModelCatalog::new(&ProjectConfig::parse("", "branchline.toml").unwrap(), |_| None);
    let owner = Engine::start(
        EngineConfig { message_poll_ms: 3_600_000, ..EngineConfig::default() },
        other.store.store(),
        built_in(Arc::new(catalog)).with("gate", Arc::new(Gate(Arc::clone(&gate)))),
    );
    let yaml = CALL_AND_QUESTION.replace("ACTION", "action: gate,");
    let saved = owner.workflow_save(&workflow(&yaml)).await.unwrap();
    let options = RunOptions { model: Some("mock".into()), ..inputs([("topic", json!("bees"))]) };
    let mut notices = owner.notices();
    let run = owner.run_start(saved.workflow.id, options).await.unwrap();
    while other.store.task_list(Some(run)).await.unwrap().is_empty() {
        notices.recv().await.unwrap();
    }
    let message = branchline_schema_model::store::NewRunMessage {
        id: "0190b3c8-0000-7000-8000-000000000002".parse().unwrap(),
        run_id: run,
        unique_key: "answer".to_owned(),
        kind: branchline_schema_model::store::MessageKind::Answer {
            step_run_id: other.store.task_list(Some(run)).await.unwrap()[0].step_run.id,
            answer: json!([values("opinion"), Author::default()]),
        },
        created_at: Timestamp::default(),
    };
    assert!(other.store.message_insert(message).await.unwrap());
    gate.add_permits(1);
    let rest = owner.run_rest(run).await.unwrap();
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_take_nothing_from_the_attempts_of_a_step() {
    let model = TestModel::with_list_of(1);
    let house = House::new(Arc::clone(&model));
    // Taken from the end: three times without a key, then two faults of the server, then an answer.
    let (key, server) = (ErrorClass::Unauthorized, ErrorClass::ServerError);
    model.fail("work.each/1", &[server, server, key, key, key]);
    let (run, mut rest) = house.run(BRANCHES, inputs([("words", json!(["a"]))])).await;
    for _ in 0..3 {
        assert!(matches!(rest, RunRest::Paused(_)), "{rest:?}");
        house.engine.run_resume(run, Author::default()).await.unwrap();
        rest = house.engine.run_rest(run).await.unwrap();
    }
    assert_eq!((rest, model.call_count()), (RunRest::Ended(WorkflowRunStatus::Succeeded), 6));
}
