//! The program itself: what it refuses, and that a run outlives it.

use std::process::Stdio;
use std::sync::Arc;

use axum::Json as JsonBody;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_schema_model::id::SchedulerId;
use branchline_schema_model::store::RunStore;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use crate::support::{PATIENCE, answer, client, text};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_branchline-server"));
    command.args(arguments).env_remove("BRANCHLINE_DB").kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().to_str().unwrap();
    for (address, reason) in [
        ("0.0.0.0:0", "can be reached from other machines"),
        ("[::]:0", "can be reached from other machines"),
        ("192.0.2.1:4180", "can be reached from other machines"),
        ("example.org:80", "is not an address"),
    ] {
        let output = command(&["--project", project, "--listen", address]).output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{address}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(reason), "{address}: {output:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was created");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("notes.db");
    std::fs::write(&database, "not a database, but long enough to look like one ".repeat(100)).unwrap();
    let output =
        command(&["--listen", "127.0.0.1:0", "--db", database.to_str().unwrap()]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
}

/// A model server that answers as many calls as it has permits.
#[derive(Clone)]
struct Model {
    arrived: Arc<Semaphore>,
    permits: Arc<Semaphore>,
}

impl Model {
    /// Starts it and gives the base URL.
    async fn start() -> (Self, String) {
        let model = Self { arrived: Arc::new(Semaphore::new(0)), permits: Arc::new(Semaphore::new(0)) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router =
            axum::Router::new().route("/v1/chat/completions", post(complete)).with_state(model.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        (model, base_url)
    }
}

async fn complete(State(model): State<Model>, JsonBody(request): JsonBody<Json>) -> impl IntoResponse {
    model.arrived.add_permits(1);
    model.permits.acquire().await.expect("the permits are never closed").forget();
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
    if request["stream"] == true {
        let piece = json!({ "id": "c-1", "model": "tiny", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "a page" }, "finish_reason": null }] });
        let end = json!({ "id": "c-1", "model": "tiny", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }], "usage": usage });
        let body = format!("data: {piece}\n\ndata: {end}\n\ndata: [DONE]\n\n");
        ([("content-type", "text/event-stream")], body).into_response()
    } else {
        let message = json!({ "role": "assistant", "content": "a page" });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        JsonBody(json!({ "id": "c-1", "model": "tiny", "choices": [choice], "usage": usage })).into_response()
    }
}

/// Starts the program and gives it with its address.
async fn serve(project: &str) -> (Child, String) {
    let mut child =
        command(&["--project", project, "--listen", "127.0.0.1:0"]).stderr(Stdio::inherit()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line =
        tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().expect("a first line");
    let address = line.strip_prefix("listening ").unwrap_or_else(|| panic!("unexpected first line: {line}"));
    (child, format!("{address}/api/v1"))
}

async fn terminate(child: &Child) {
    let pid = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
}

#[tokio::test]
async fn a_run_outlives_the_program() {
    let (model, base_url) = Model::start().await;
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().to_str().unwrap();
    let config = format!("[providers.local]\nkind = \"openai\"\nbase_url = \"{base_url}\"\n");
    std::fs::write(folder.path().join("branchline.toml"), config).unwrap();
    let (mut child, api) = serve(project).await;
    let post = |path: String, body: Json| answer(client().request(Method::POST, path).json(&body));
    let (status, body) = post(format!("{api}/workflows"), pages()).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    let start = json!({ "workflow": "pages", "inputs": { "titles": ["a", "b", "c"] }, "parallel_calls": 1 });
    let (status, run) = post(format!("{api}/runs"), start).await;
    assert_eq!(status, StatusCode::CREATED, "{run}");
    let id = text(&run["id"]);
    let stream = client().get(format!("{api}/runs/{id}/stream")).send().await.unwrap();

    model.arrived.acquire().await.unwrap().forget();
    terminate(&child).await;
    // The open stream ends when the shutdown begins; only then the call in flight may come back.
    let events = tokio::time::timeout(PATIENCE, stream.text()).await.unwrap().unwrap();
    assert!(events.contains("event: step_started"));
    model.permits.add_permits(3);
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
    let database = folder.path().join(".branchline/branchline.db");
    let store = SqliteStore::open(&database, OpenOptions::default()).unwrap();
    let me: SchedulerId = id.parse().unwrap();
    assert_eq!(store.run_orphans(me, 10).await.unwrap(), [id.parse().unwrap()], "the run is not at its end");
    drop(store);

    let (mut child, api) = serve(project).await;
    let stream = client().get(format!("{api}/runs/{id}/stream")).send().await.unwrap();
    let events = tokio::time::timeout(PATIENCE, stream.text()).await.unwrap().unwrap();
    assert!(events.contains(r#""status":"succeeded""#), "{events}");
    let (_, run) = answer(client().get(format!("{api}/runs/{id}"))).await;
    assert_eq!(
        (&run["status"], &run["calls"]),
        (&json!("succeeded"), &json!(3)),
        "no call was repeated: {run}"
    );
    assert_eq!(model.arrived.available_permits(), 2, "one call before the stop, two after it");
    terminate(&child).await;
    assert!(tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
}

fn pages() -> Json {
    json!({
        "format": "branchline.workflow/1",
        "name": "pages",
        "model": "local/tiny",
        "attributes": { "titles": { "type": "string[]", "input": true } },
        "sections": [{ "name": "Write", "steps": [{
            "name": "Page", "for_each": { "item": "title", "list": "titles" },
            "prompt": "Write the page {{title}}", "outputs": ["page"]
        }] }]
    })
}
