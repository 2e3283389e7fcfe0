//! What every test here needs: a database, an engine with a model of its own, and a look at the rows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use branchline_persistence::testing::postgres::new_database;
use branchline_persistence::{Database, OpenOptions, SqliteStore};
use branchline_runtime::action::{ActionRegistry, built_in};
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Engine, EngineConfig, RunOptions, RunRest};
use branchline_runtime::provider::{
    CallFailure, Completion, CompletionRequest, ModelCatalog, ModelProvider, OnToken,
};
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::definition::document::read;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use branchline_schema_model::store::{StepRunFilter, StepRunView, ValueFilter, ValueView};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A model that answers by the step's address, counts its calls, and fails when told to.
#[derive(Default)]
pub(crate) struct TestModel {
    pub(crate) calls: Mutex<Vec<String>>,
    pub(crate) failures: Mutex<BTreeMap<String, Vec<ErrorClass>>>,
    pub(crate) list_length: usize,
}

impl TestModel {
    pub(crate) fn with_list_of(list_length: usize) -> Arc<Self> {
        Arc::new(Self { list_length, ..Self::default() })
    }

    pub(crate) fn calls_of(&self, address: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|called| *called == address).count()
    }

    pub(crate) fn call_count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub(crate) fn fail(&self, address: &str, classes: &[ErrorClass]) {
        self.failures.lock().unwrap().insert(address.to_owned(), classes.to_vec());
    }

    fn answer(&self, request: &CompletionRequest) -> String {
        let prompt = &request.messages.last().unwrap().content;
        let text = format!("{} of ({})", request.address, prompt);
        let Some(schema) = &request.output_schema else { return text };
        let required = schema["required"].as_array().unwrap();
        let output = |name: &Json| {
            let name = name.as_str().unwrap();
            let items = (1..=self.list_length).map(|number| json!(format!("{name} {number}")));
            let is_list = schema["properties"][name]["type"] == "array";
            let value = if is_list { items.collect() } else { json!(format!("{name} of {text}")) };
            (name.to_owned(), value)
        };
        Json::Object(required.iter().map(output).collect()).to_string()
    }
}

#[async_trait::async_trait]
impl ModelProvider for TestModel {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        self.calls.lock().unwrap().push(request.address.clone());
        // Lets siblings overtake each other.
        tokio::task::yield_now().await;
        let failure = self.failures.lock().unwrap().get_mut(&request.address).and_then(Vec::pop);
        if let Some(class) = failure {
            return Err(CallFailure {
                failure: Failure::new(class, "told to fail"),
                model: None,
                request_id: None,
                response: None,
                usage: Usage::default(),
                was_sent: true,
            });
        }
        let text = self.answer(request);
        on_token(&text);
        let usage = Usage { input_tokens: 10, output_tokens: 5, ..Usage::default() };
        Ok(Completion { text, model: format!("test/{model}"), request_id: None, usage })
    }
}

/// A project folder with its database and an engine on it.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) store: Database,
    pub(crate) engine: Engine,
}

impl House {
    pub(crate) fn new(model: Arc<TestModel>) -> Self {
        Self::at(tempfile::tempdir().unwrap(), model)
    }

    pub(crate) fn with_provider(model: Arc<dyn ModelProvider>) -> Self {
        Self::with_actions(tempfile::tempdir().unwrap(), model, |actions| actions)
    }

    pub(crate) fn at(folder: TempDir, model: Arc<TestModel>) -> Self {
        Self::with_actions(folder, model, |actions| actions)
    }

    pub(crate) fn with_actions(
        folder: TempDir,
        model: Arc<dyn ModelProvider>,
        add: impl FnOnce(ActionRegistry) -> ActionRegistry,
    ) -> Self {
        let store = SqliteStore::open(&folder.path().join("test.db"), OpenOptions::default()).unwrap();
        let calls = EngineConfig::default().parallel_calls;
        Self::on(store.into(), folder, model, calls, add)
    }

    /// On a new PostgreSQL database.
    pub(crate) async fn on_postgres(model: Arc<TestModel>, calls: u32) -> Self {
        let store = Database::open(&new_database().await, OpenOptions::default()).await.unwrap();
        Self::on(store, tempfile::tempdir().unwrap(), model, calls, |actions| actions)
    }

    /// On a new SQLite database, with so many calls at the same time.
    pub(crate) fn on_sqlite(model: Arc<TestModel>, calls: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("test.db"), OpenOptions::default()).unwrap();
        Self::on(store.into(), folder, model, calls, |actions| actions)
    }

    fn on(
        store: Database,
        folder: TempDir,
        model: Arc<dyn ModelProvider>,
        parallel_calls: u32,
        add: impl FnOnce(ActionRegistry) -> ActionRegistry,
    ) -> Self {
        let config = ProjectConfig::parse("", "branchline.toml").unwrap();
        let catalog = ModelCatalog::new(&config, |_| None).with_provider("test", model);
        let project = Some(folder.path().to_owned());
        let config = EngineConfig { project, parallel_calls, ..EngineConfig::default() };
        let engine = Engine::start(config, store.store(), add(built_in(Arc::new(catalog))));
        Self { folder, store, engine }
    }

    /// Runs a workflow until it needs the engine no longer.
    pub(crate) async fn run(&self, yaml: &str, options: RunOptions) -> (WorkflowRunId, RunRest) {
        let saved = self.engine.workflow_save(&workflow(yaml)).await.unwrap();
        let run = self.engine.run_start(saved.workflow.id, options).await.unwrap();
        let rest = self.engine.run_rest(run).await.unwrap();
        (run, rest)
    }

    pub(crate) async fn step_runs(&self, run: WorkflowRunId) -> Vec<StepRunView> {
        let filter = StepRunFilter { limit: 1_000, ..StepRunFilter::default() };
        self.store.step_run_list(run, &filter).await.unwrap()
    }

    pub(crate) async fn values(&self, run: WorkflowRunId) -> Vec<ValueView> {
        self.store.value_list(run, &ValueFilter::default()).await.unwrap()
    }

    /// One line per step run: its address, state, and which step runs wrote what it read.
    pub(crate) async fn bindings(&self, run: WorkflowRunId) -> String {
        let values = self.values(run).await;
        let writer_of = |id| values.iter().find(|one| one.value.id == id).map_or("?", |one| &one.address);
        let mut lines = Vec::new();
        for view in self.step_runs(run).await {
            let reads: Vec<String> = view
                .step_run
                .inputs
                .iter()
                .map(|(name, ids)| {
                    format!("{name}={}", ids.iter().map(|id| writer_of(*id)).collect::<Vec<_>>().join("+"))
                })
                .collect();
            lines.push(
                format!("{} {} {}", view.address, view.step_run.status, reads.join(" "))
                    .trim_end()
                    .to_owned(),
            );
        }
        lines.join("\n")
    }

    /// What went wrong, one line per step run with an error.
    pub(crate) async fn failures(&self, run: WorkflowRunId) -> String {
        let views = self.step_runs(run).await;
        let lines = views.iter().filter_map(|view| {
            Some(format!("{} {}: {:?}", view.address, view.step_run.status, view.step_run.error.as_ref()?))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Every value as `address attribute = text`, for comparing runs.
    pub(crate) async fn texts(&self, run: WorkflowRunId) -> Vec<String> {
        let values = self.values(run).await;
        values.iter().map(|one| format!("{} {} = {}", one.address, one.attribute, one.value.value)).collect()
    }

    /// One number out of the database, by plain SQL.
    pub(crate) fn count(&self, query: &str) -> i64 {
        branchline_persistence::testing::query_number(&self.folder.path().join("test.db"), query).unwrap()
    }
}

pub(crate) fn workflow(yaml: &str) -> Workflow {
    let files = BTreeMap::from([("workflow.yaml".to_owned(), yaml.to_owned())]);
    let document = read(&files, "workflow.yaml");
    assert!(document.diagnostics.is_empty(), "{:#?}", document.diagnostics);
    document.workflow.unwrap()
}

pub(crate) fn inputs<const N: usize>(values: [(&str, Json); N]) -> RunOptions {
    let inputs = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    RunOptions { inputs, model: Some("test/any".into()), ..RunOptions::default() }
}
