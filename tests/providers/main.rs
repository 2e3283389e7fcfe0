//! Model providers over real HTTP, in the three wire formats.

#![expect(clippy::unwrap_used, reason = "a test ends where its preparation fails")]

mod answers;
mod broken;
mod refused;
mod requests;

use branchline_runtime::config::ProjectConfig;
use branchline_runtime::provider::{CallFailure, Completion, CompletionRequest, Message, ModelCatalog, Role};
use branchline_runtime::testing::{Call, ModelServer, Reply};
use branchline_schema_model::definition::ModelParameters;
use serde_json::{Value as Json, json};

/// One model of each wire format.
const MODELS: [&str; 3] = ["openai/gpt-test", "anthropic/claude-test", "gemini/gemini-test"];

/// The key of every provider; it must not be seen anywhere but in the headers of a call.
const CANARY: &str = "sk-canary-4711";

/// Silence that counts as a timeout: long, so that only tests of silence meet it on a busy machine.
const IDLE_TIMEOUT_MS: u64 = 60_000;

/// A server that answers as `script` says, and a catalogue whose providers all live there.
async fn serve(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> (ModelServer, ModelCatalog) {
    let server = ModelServer::start(script).await.unwrap();
    let catalog = catalog(server.url(), IDLE_TIMEOUT_MS, |_| Some(CANARY.to_owned()));
    (server, catalog)
}

fn catalog(url: &str, idle_timeout_ms: u64, env: impl Fn(&str) -> Option<String>) -> ModelCatalog {
    let entry = |name: &str, path: &str| {
        format!("[providers.{name}]\nbase_url = \"{url}{path}\"\nidle_timeout_ms = {idle_timeout_ms}\n")
    };
    let text = [entry("openai", "/v1"), entry("anthropic", ""), entry("gemini", "/v1beta")].concat();
    let config = ProjectConfig::parse(&text, "branchline.toml").unwrap();
    // The environment of whoever runs the tests must not move the providers.
    ModelCatalog::new(&config, move |name| if name.ends_with("_BASE_URL") { None } else { env(name) })
}

fn request(prompt: &str, output_schema: Option<Json>) -> CompletionRequest {
    let message = |role, content: &str| Message { role, content: content.to_owned() };
    CompletionRequest {
        messages: vec![message(Role::System, "You are an editor."), message(Role::User, prompt)],
        parameters: ModelParameters::default(),
        output_schema,
        idempotency_key: "0199-call".to_owned(),
        address: "analysis.outline".to_owned(),
    }
}

/// Calls `model`; gives the outcome and what was streamed before it.
async fn ask(catalog: &ModelCatalog, model: &str) -> (Result<Completion, CallFailure>, String) {
    let mut streamed = String::new();
    let result = catalog
        .complete(model, &request("Outline the talk", None), &mut |piece| streamed.push_str(piece))
        .await;
    if let Err(failure) = &result {
        assert!(!format!("{failure:?}").contains("canary"), "the key leaks: {failure:?}");
        assert!(failure.failure.message.len() < 1_000, "too many words: {}", failure.failure.message);
    }
    (result, streamed)
}

async fn failure_of(catalog: &ModelCatalog, model: &str) -> CallFailure {
    let (result, _) = ask(catalog, model).await;
    result.expect_err("an answer that is none was taken for one")
}

/// The error document of the format of `model`.
fn error_document(model: &str, kind: &str, message: &str) -> Json {
    match model.split('/').next() {
        Some("anthropic") => json!({ "type": "error", "error": { "type": kind, "message": message } }),
        Some("gemini") => {
            json!({ "error": { "code": null, "status": kind.to_uppercase(), "message": message } })
        }
        _ => json!({ "error": { "type": kind, "code": null, "message": message } }),
    }
}
