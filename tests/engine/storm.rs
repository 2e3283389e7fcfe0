//! Providers under pressure, over real HTTP: rate limits, outages and a key that is refused, met by many branches.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_runtime::action::built_in;
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Author, Engine, EngineConfig, RunRest};
use branchline_runtime::provider::ModelCatalog;
use branchline_runtime::testing::{Call, ModelServer, Reply};
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::WorkflowRunStatus;
use branchline_schema_model::store::RunReader as _;
use serde_json::json;

use crate::house::{inputs, workflow};

const BRANCHES: usize = 60;

const MANY: &str = r#"
name: many
model: openai/some-model
attributes: { topics: { type: "string[]", input: true }, note: string }
sections:
  - name: Main
    steps:
      - name: Note
        for_each: topic in topics
        parallel: 16
        timeout: 700ms
        prompt: "A note on {{topic}}"
        outputs: [note]
"#;

struct Storm {
    server: ModelServer,
    store: Arc<SqliteStore>,
    engine: Engine,
    run: WorkflowRunId,
    rest: RunRest,
    _folder: tempfile::TempDir,
}

/// Runs the branches to their rest against a server that answers with `reply`.
async fn storm(settings: &str, reply: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Storm {
    let server = ModelServer::start(reply).await.unwrap();
    let config = format!("[providers.openai]\nbase_url = \"{}/v1\"\n{settings}\n", server.url());
    let config = ProjectConfig::parse(&config, "branchline.toml").unwrap();
    let catalog = ModelCatalog::new(&config, |name| name.ends_with("_KEY").then(|| "sk-canary".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("test.db"), OpenOptions::default()).unwrap());
    let engine = Engine::start(EngineConfig::default(), store.clone(), built_in(Arc::new(catalog)));
    let saved = engine.workflow_save(&workflow(MANY)).await.unwrap();
    let topics: Vec<String> = (1..=BRANCHES).map(|number| format!("topic {number}")).collect();
    let mut options = inputs([("topics", json!(topics))]);
    options.model = None;
    let run = engine.run_start(saved.workflow.id, options).await.unwrap();
    let rest = engine.run_rest(run).await.unwrap();
    Storm { server, store, engine, run, rest, _folder: folder }
}

impl Storm {
    fn count(&self, query: &str) -> i64 {
        branchline_persistence::testing::query_number(self.store.path(), query).unwrap()
    }

    fn attempts_that(&self, condition: &str) -> i64 {
        self.count(&format!("SELECT count(*) FROM step_attempts WHERE {condition}"))
    }
}

/// Refuses more than `per_second` calls within a second, and asks to come back in one.
fn limited(per_second: usize) -> impl Fn(&Call) -> Reply + Send + Sync + 'static {
    let recent = Mutex::new(VecDeque::new());
    move |call| {
        let mut recent = recent.lock().unwrap();
        let now = Instant::now();
        while recent.front().is_some_and(|at| now.duration_since(*at) > Duration::from_secs(1)) {
            recent.pop_front();
        }
        if recent.len() >= per_second {
            let told = json!({ "error": { "message": "slow down", "type": "requests" } });
            return Reply::error(429, &told).header("retry-after", "1");
        }
        recent.push_back(now);
        Reply::shaped(call)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_fails_nothing_and_is_told_once_for_all() {
    let storm = storm("", limited(20)).await;
    assert_eq!(storm.rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(storm.attempts_that("outcome = 'succeeded'"), BRANCHES as i64);
    let refused = storm.server.calls().len() - BRANCHES;
    assert!(refused >= 1, "the limit was never met");
    // Up to sixteen calls are under way when the first is refused; after it all wait, and fewer go out together.
    assert!(refused <= BRANCHES / 2, "{refused} calls were refused");
    assert_eq!(storm.attempts_that("error_class NOT IN ('rate_limited')"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_of_the_project_file_keeps_within_the_account() {
    let storm = storm("requests_per_minute = 1200", limited(30)).await;
    assert_eq!(storm.rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(storm.server.calls().len(), BRANCHES, "no call was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_turn_is_not_counted_as_time_of_the_step() {
    let storm =
        storm("parallel_calls = 1", |call| Reply::shaped(call).after(Duration::from_millis(60))).await;
    assert_eq!(storm.rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    // The last of sixteen waits for 900 ms, and may take 700.
    assert_eq!(storm.server.calls().len(), BRANCHES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_reaches_the_provider_a_few_times_and_fails_no_branch() {
    let is_paid = Arc::new(AtomicU32::new(0));
    let paid = Arc::clone(&is_paid);
    let storm = storm("", move |call| match paid.load(Ordering::Relaxed) {
        0 => Reply::error(402, &json!({ "error": { "message": "no credit left" } })),
        _ => Reply::shaped(call),
    })
    .await;
    assert!(
        matches!(&storm.rest, RunRest::Paused(why) if why.contains("no credit left")),
        "{:?}",
        storm.rest
    );
    assert!(storm.server.calls().len() <= 16, "{} calls", storm.server.calls().len());
    assert_eq!(storm.count("SELECT count(*) FROM step_runs WHERE status = 'failed'"), 0);

    is_paid.store(1, Ordering::Relaxed);
    storm.engine.run_resume(storm.run, Author::default()).await.unwrap();
    let rest = storm.engine.run_rest(storm.run).await.unwrap();
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(storm.attempts_that("outcome = 'succeeded'"), BRANCHES as i64);
    assert!(storm.store.run_fetch(storm.run).await.is_ok());
}
