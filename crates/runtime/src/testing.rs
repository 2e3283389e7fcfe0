//! A model server on this machine that speaks the wire formats of OpenAI, Anthropic and Gemini, for tests.
//!
//! It answers every call as its script says, late, wrong or not at all where wanted, and keeps what it was asked.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use branchline_runtime::testing::{ModelServer, Reply};
//!
//! let server = ModelServer::start(|call| Reply::shaped(call)).await.unwrap();
//! let base_url = format!("{}/v1", server.url()); // `/v1` for OpenAI, nothing for Anthropic, `/v1beta` for Gemini
//! # drop(base_url);
//! assert_eq!(server.calls().len(), 0);
//! # });
//! ```

mod reply;
mod wire;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use branchline_schema_model::limits::PROVIDER_RESPONSE_BYTES_MAX;
use serde_json::Value as Json;

pub use self::reply::{Ending, Reply};

/// The format a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireFormat {
    /// `/v1/chat/completions`.
    OpenAi,
    /// `/v1/messages`.
    Anthropic,
    /// `/v1beta/models/{model}:streamGenerateContent`.
    Gemini,
}

/// One call, as it came in.
#[derive(Debug, Clone)]
pub struct Call {
    /// The format it came in.
    pub format: WireFormat,
    /// The model asked for.
    pub model: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body; `null` when it was no JSON.
    pub body: Json,
    /// From 0, in order of arrival.
    pub number: usize,
}

impl Call {
    /// The `Idempotency-Key`; empty without one.
    pub fn idempotency_key(&self) -> &str {
        self.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text of the last message.
    pub fn prompt(&self) -> &str {
        let (list, text) = match self.format {
            WireFormat::OpenAi | WireFormat::Anthropic => ("messages", "/content"),
            WireFormat::Gemini => ("contents", "/parts/0/text"),
        };
        let message = self.body.get(list).and_then(Json::as_array).and_then(|messages| messages.last());
        message.and_then(|message| message.pointer(text)).and_then(Json::as_str).unwrap_or_default()
    }

    /// The JSON Schema the answer has to fit.
    pub fn output_schema(&self) -> Option<&Json> {
        self.body.pointer(match self.format {
            WireFormat::OpenAi => "/response_format/json_schema/schema",
            WireFormat::Anthropic => "/output_config/format/schema",
            WireFormat::Gemini => "/generationConfig/responseJsonSchema",
        })
    }
}

type Script = Box<dyn Fn(&Call) -> Reply + Send + Sync>;

struct Shared {
    script: Script,
    calls: Mutex<Vec<Call>>,
    in_flight: AtomicUsize,
    in_flight_max: AtomicUsize,
}

/// The server; it ends when this value is dropped.
pub struct ModelServer {
    url: String,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl ModelServer {
    /// Serves on a free port of 127.0.0.1; every call is answered as `script` says.
    pub async fn start(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            script: Box::new(script),
            calls: Mutex::default(),
            in_flight: AtomicUsize::default(),
            in_flight_max: AtomicUsize::default(),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(openai))
            .route("/v1/messages", post(anthropic))
            .route("/v1beta/models/{model}", post(gemini))
            .layer(DefaultBodyLimit::max(PROVIDER_RESPONSE_BYTES_MAX))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!("the model server ended: {error}");
            }
        });
        Ok(Self { url, shared, serving })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All calls so far, in order of arrival; those without an answer yet included.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls whose answer has not begun. A caller that goes away takes its call with it.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::SeqCst)
    }

    /// The most calls that ever waited at one time.
    pub fn in_flight_max(&self) -> usize {
        self.shared.in_flight_max.load(Ordering::SeqCst)
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn openai(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&shared, WireFormat::OpenAi, None, headers, &body).await
}

async fn anthropic(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&shared, WireFormat::Anthropic, None, headers, &body).await
}

async fn gemini(
    State(shared): State<Arc<Shared>>,
    Path(model): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let model = model.split(':').next().map(str::to_owned);
    answer(&shared, WireFormat::Gemini, model, headers, &body).await
}

async fn answer(
    shared: &Arc<Shared>,
    format: WireFormat,
    model: Option<String>,
    headers: HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    let model = model.or_else(|| body.get("model")?.as_str().map(str::to_owned)).unwrap_or_default();
    let call = {
        let mut calls = shared.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let call = Call { format, model, headers, body, number: calls.len() };
        calls.push(call.clone());
        call
    };
    let _in_flight = InFlight::enter(shared);
    let reply = (shared.script)(&call);
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    reply.into_response(&call)
}

/// Counts a call for as long as it lives.
struct InFlight<'a>(&'a Shared);

impl<'a> InFlight<'a> {
    fn enter(shared: &'a Shared) -> Self {
        let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        shared.in_flight_max.fetch_max(now, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
