//! A server on a free port, a client for it, and the workflows the tests run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_runtime::action::{ActionRegistry, StepCall, StepExecutor, StepFailure, StepOutput, built_in};
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Engine, EngineConfig};
use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::store::Store;
use branchline_server::{AppState, serve};
use futures_util::{Stream, StreamExt};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::sse::{self, Event};

/// Nothing here takes longer than this unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Asks a person to pick one of the titles a model wrote, then goes on.
pub(crate) fn pick_a_title() -> Json {
    json!({
        "format": "branchline.workflow/1",
        "name": "pick-a-title",
        "description": "Three titles, one of them picked by a person.",
        "attributes": { "topic": { "input": true }, "titles": { "type": "string[]" } },
        "sections": [{
            "name": "Write",
            "steps": [
                { "name": "Titles", "prompt": "Three titles about {{topic}}", "outputs": ["titles"] },
                { "name": "Pick", "action": "choose", "choice": { "from": "titles" }, "outputs": ["title"] },
                { "name": "Line", "action": "template", "prompt": "Chosen: {{title}}", "outputs": ["line"] }
            ]
        }]
    })
}

/// One branch per word; each branch passes the [`Gate`] once.
pub(crate) fn branches() -> Json {
    json!({
        "format": "branchline.workflow/1",
        "name": "branches",
        "attributes": {
            "words": { "type": "string[]", "input": true },
            "count": { "type": "integer", "input": true, "default": 3 },
            "shouts": { "type": "string[]" }
        },
        "sections": [{
            "name": "Work",
            "steps": [
                {
                    "name": "Each", "action": "pass_gate", "for_each": { "item": "word", "list": "words" },
                    "label": "word {{word}}", "prompt": "{{word}}",
                    "outputs": ["shout"]
                },
                { "name": "All", "action": "gather", "gather": [{ "name": "shouts", "attributes": ["shout"] }], "outputs": ["shouts"] },
                { "name": "Count", "action": "template", "prompt": "{{count}}", "outputs": ["counted"] }
            ]
        }]
    })
}

/// Asks a person which of the words that went through the [`Gate`] shall be kept.
pub(crate) fn pick_branches() -> Json {
    json!({
        "format": "branchline.workflow/1",
        "name": "pick-branches",
        "attributes": { "words": { "type": "string[]", "input": true }, "kept": { "type": "string[]" } },
        "sections": [{
            "name": "Work",
            "steps": [
                {
                    "name": "Each", "action": "pass_gate", "for_each": { "item": "word", "list": "words" }, "prompt": "{{word}}",
                    "outputs": ["shout"]
                },
                { "name": "Pick", "action": "choose", "choice": { "from": "shout" }, "outputs": ["kept"] }
            ]
        }]
    })
}

/// An action that writes its input in capitals once the test has let it through.
pub(crate) struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Gate {
    /// Lets `count` more calls through.
    pub(crate) fn open(&self, count: usize) {
        self.0.add_permits(count);
    }
}

#[async_trait]
impl StepExecutor for Gate {
    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        self.0.acquire().await.expect("the gate is never closed").forget();
        let word = call.inputs["word"].as_str().unwrap_or_default().to_uppercase();
        Ok(StepOutput { values: [("shout".to_owned(), Json::from(word))].into(), ..StepOutput::default() })
    }
}

/// A running server. Its folder goes with it.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) folder: TempDir,
    client: reqwest::Client,
    shutdown: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Arc::new(Gate::default());
        let (engine, store) = engine(&folder.path().join("server.db"), gate.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shutdown = CancellationToken::new();
        let state = AppState::new(engine.clone(), store.clone());
        let serving = tokio::spawn(serve(listener, state, shutdown.clone()));
        Self { port, engine, store, gate, folder, client: client(), shutdown, serving }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}/api/v1{path}", self.port)).timeout(PATIENCE)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Json) {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> (StatusCode, Json) {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Saves a workflow.
    pub(crate) async fn save(&self, document: &Json) {
        let (status, body) = self.post("/workflows", document).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
    }

    /// Starts a run and gives its id.
    pub(crate) async fn start_run(&self, body: &Json) -> String {
        let (status, body) = self.post("/runs", body).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        text(&body["id"])
    }

    /// The stream of a run, from an event on.
    pub(crate) async fn stream(
        &self,
        run: &str,
        last_event_id: Option<u64>,
    ) -> impl Stream<Item = Event> + Unpin + Send + use<> {
        let mut request = self.request(Method::GET, &format!("/runs/{run}/stream"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        sse::events(response)
    }

    /// Reads the stream of a run until it says what is waited for.
    pub(crate) async fn until(&self, run: &str, is_wanted: impl Fn(&Json) -> bool) -> Json {
        let mut events = self.stream(run, None).await;
        while let Some(event) = events.next().await {
            if is_wanted(&event.json()) {
                return event.json();
            }
        }
        panic!("the run ended without it");
    }

    /// The one open task of a run, once it waits.
    pub(crate) async fn task(&self, run: &str) -> Json {
        self.until(run, |event| event["event"] == "step_waiting").await;
        let (status, body) = self.get(&format!("/runs/{run}/tasks")).await;
        assert_eq!((status, body["items"].as_array().unwrap().len()), (StatusCode::OK, 1), "{body}");
        body["items"][0].clone()
    }

    /// Stops as on a signal and waits for the end.
    pub(crate) async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        self.serving.await.unwrap().unwrap();
        self.engine.shutdown(PATIENCE).await;
        self.folder
    }
}

pub(crate) fn engine(database: &Path, gate: Arc<Gate>) -> (Engine, Arc<dyn Store>) {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(database, OpenOptions::default()).unwrap());
    let catalog = ModelCatalog::new(&ProjectConfig::default(), |_| None);
    let actions: ActionRegistry = built_in(Arc::new(catalog)).with("pass_gate", gate);
    (Engine::start(EngineConfig::default(), store.clone(), actions), store)
}

pub(crate) fn client() -> reqwest::Client {
    // Fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Json) {
    let response = request.send().await.unwrap();
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("not JSON: {body}")))
}

pub(crate) fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
