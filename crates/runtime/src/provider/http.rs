//! Providers behind HTTP: one client that sends, reads and bounds, and three thin wire formats on top of it.
//!
//! Nothing is tried twice here and no redirect is followed. A failure tells whether the request left: before that a
//! repeat is free, after that it may have been billed.

mod answer;
mod anthropic;
mod event;
mod failure;
mod gemini;
mod openai;
mod retry_after;
mod schema;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use branchline_schema_model::limits::PROVIDER_RESPONSE_BYTES_MAX;
use branchline_schema_model::run::{ErrorClass, Failure};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};
use serde_json::Value as Json;

use self::answer::Answer;
use self::event::EventDecoder;
use super::{CallFailure, Completion, CompletionRequest, ModelProvider, OnToken};
use crate::config::{ProviderConfig, ProviderKind, Secret};

/// The longest body of an error that is read: providers say what is wrong in far less.
const ERROR_BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a stream is read after its end mark, so that its connection can serve again.
const LINGER: Duration = Duration::from_millis(250);

/// Unused connections are closed before providers do it, which would look like a call that broke off.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The key of a provider, looked up once.
pub(super) enum Key {
    /// None is sent.
    Unneeded,
    /// This variable is not set.
    Missing(String),
    /// The key, and the variable it comes from.
    Set(Secret, String),
}

impl Key {
    pub(super) fn read(variable: Option<&str>, env: &impl Fn(&str) -> Option<String>) -> Self {
        let Some(variable) = variable else { return Self::Unneeded };
        match env(variable).as_deref().and_then(Secret::new) {
            Some(secret) => Self::Set(secret, variable.to_owned()),
            None => Self::Missing(variable.to_owned()),
        }
    }

    pub(super) const fn is_set(&self) -> bool {
        matches!(self, Self::Set(..))
    }

    fn redact(&self, text: &str) -> String {
        match self {
            Self::Set(secret, _) => secret.redact(text),
            Self::Unneeded | Self::Missing(_) => text.to_owned(),
        }
    }
}

/// What differs between providers.
trait Wire: Send + Sync {
    /// The address of the call.
    fn url(&self, base_url: &str, model: &str) -> String;

    /// The header that carries the key, and its value.
    fn key_header(&self, key: &str) -> (HeaderName, String);

    /// Further headers.
    fn headers(&self, _headers: &mut HeaderMap) {}

    /// The request.
    fn body(&self, base_url: &str, model: &str, request: &CompletionRequest) -> Json;

    /// Reads the data of one event of a stream.
    fn event(&self, data: &str, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure>;

    /// Reads an answer that came in one piece.
    fn whole(&self, body: &Json, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure>;
}

/// The provider of a project entry.
pub(super) fn provider(name: &str, settings: &ProviderConfig, key: Key) -> Arc<dyn ModelProvider> {
    let wire: Box<dyn Wire> = match settings.kind {
        ProviderKind::Anthropic => Box::new(anthropic::Anthropic),
        ProviderKind::Gemini => Box::new(gemini::Gemini),
        ProviderKind::OpenAi | ProviderKind::Mock | ProviderKind::Custom => Box::new(openai::OpenAi),
    };
    Arc::new(HttpProvider {
        name: name.to_owned(),
        base_url: settings.base_url.clone(),
        key,
        wire,
        idle_timeout: Duration::from_millis(settings.idle_timeout_ms),
        connect_timeout: Duration::from_millis(settings.connect_timeout_ms),
        client: OnceLock::new(),
    })
}

struct HttpProvider {
    name: String,
    base_url: String,
    key: Key,
    wire: Box<dyn Wire>,
    idle_timeout: Duration,
    connect_timeout: Duration,
    /// Made at the first call: reading the system's certificates takes a while.
    client: OnceLock<Result<Client, String>>,
}

#[async_trait]
impl ModelProvider for HttpProvider {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        let mut answer = Answer::default();
        let result = self.call(model, request, &mut answer, on_token).await;
        let model = format!("{}/{model}", self.name);
        match result.and_then(|()| answer.check()) {
            Ok(()) => {
                let Answer { text, request_id, usage, .. } = answer;
                Ok(Completion { text, model, request_id, usage })
            }
            Err(failure) => Err(self.failure(failure, model, answer)),
        }
    }
}

impl HttpProvider {
    async fn call(
        &self,
        model: &str,
        request: &CompletionRequest,
        answer: &mut Answer,
        on_token: OnToken<'_>,
    ) -> Result<(), Failure> {
        let response = self.send(model, request, answer).await?;
        answer.request_id = request_id(response.headers());
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        if content_type(&response).starts_with("text/event-stream") {
            return self.read_stream(response, answer, on_token).await;
        }
        let body = self.read_body(response, PROVIDER_RESPONSE_BYTES_MAX).await?;
        let body: Json = serde_json::from_slice(&body).map_err(|error| {
            Failure::new(ErrorClass::StreamBroken, format!("answered with no JSON: {error}"))
        })?;
        failure::in_answer(&body).map_or(Ok(()), Err)?;
        self.wire.whole(&body, answer, on_token)
    }

    async fn send(
        &self,
        model: &str,
        request: &CompletionRequest,
        answer: &mut Answer,
    ) -> Result<Response, Failure> {
        let headers = self.headers(request)?;
        let sending = self
            .client()?
            .post(self.wire.url(&self.base_url, model))
            .headers(headers)
            .json(&self.wire.body(&self.base_url, model, request))
            .send();
        let result = tokio::time::timeout(self.idle_timeout, sending).await;
        answer.was_sent = !matches!(&result, Ok(Err(error)) if error.is_connect() || error.is_builder());
        match result {
            Ok(result) => result.map_err(failure::of_sending),
            Err(_) => Err(self.silent()),
        }
    }

    fn headers(&self, request: &CompletionRequest) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        self.wire.headers(&mut headers);
        if let Ok(value) = HeaderValue::from_str(&request.idempotency_key) {
            headers.insert("idempotency-key", value);
        }
        match &self.key {
            Key::Unneeded => {}
            Key::Missing(variable) => {
                let message = format!("needs a key; set the environment variable `{variable}`");
                return Err(Failure::new(ErrorClass::Unauthorized, message));
            }
            Key::Set(secret, variable) => {
                let (name, value) = self.wire.key_header(secret.expose());
                let mut value = HeaderValue::from_str(&value).map_err(|_| {
                    let message =
                        format!("cannot be sent the key in `{variable}`: it holds characters no header can");
                    Failure::new(ErrorClass::Unauthorized, message)
                })?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        Ok(headers)
    }

    fn client(&self) -> Result<&Client, Failure> {
        self.client
            .get_or_init(|| client(self.connect_timeout, &self.base_url))
            .as_ref()
            .map_err(|message| Failure::new(ErrorClass::NotSent, format!("cannot be called: {message}")))
    }

    async fn read_stream(
        &self,
        mut response: Response,
        answer: &mut Answer,
        on_token: OnToken<'_>,
    ) -> Result<(), Failure> {
        let mut decoder = EventDecoder::default();
        let mut bytes_read = 0_usize;
        loop {
            let patience = if answer.is_ended { LINGER } else { self.idle_timeout };
            let chunk = match tokio::time::timeout(patience, response.chunk()).await {
                // What happens after the end mark changes nothing.
                Ok(Err(_)) | Err(_) if answer.is_ended => return Ok(()),
                Ok(result) => result.map_err(failure::of_reading)?,
                Err(_) => return Err(self.silent()),
            };
            let Some(chunk) = chunk else { return Ok(()) };
            bytes_read += chunk.len();
            if bytes_read > PROVIDER_RESPONSE_BYTES_MAX {
                return Err(too_long());
            }
            for data in decoder.push(&chunk) {
                self.wire.event(&data, answer, &mut *on_token)?;
            }
        }
    }

    async fn read_body(&self, mut response: Response, bytes_max: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        loop {
            match tokio::time::timeout(self.idle_timeout, response.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Ok(None)) => return Ok(body),
                Ok(Err(error)) => return Err(failure::of_reading(error)),
                Err(_) => return Err(self.silent()),
            }
            if body.len() > bytes_max {
                return Err(too_long());
            }
        }
    }

    /// The failure of an answer with an error status.
    async fn refused(&self, response: Response) -> Failure {
        let status = response.status();
        let retry_after_ms = retry_after::from_headers(response.headers());
        // A body that cannot be read changes nothing about the status.
        let body = self.read_body(response, ERROR_BODY_BYTES_MAX).await.unwrap_or_default();
        let mut failure = failure::of_status(status.as_u16(), &String::from_utf8_lossy(&body));
        failure.retry_after_ms = retry_after_ms.or(failure.retry_after_ms);
        if let (ErrorClass::Unauthorized, Key::Set(_, variable)) = (failure.class, &self.key) {
            failure.message = format!("{} (the key is in `{variable}`)", failure.message);
        }
        failure
    }

    fn silent(&self) -> Failure {
        let seconds = self.idle_timeout.as_secs_f64();
        Failure::new(ErrorClass::Timeout, format!("sent nothing for {seconds} s"))
    }

    /// What the engine is told: named, and without the key.
    fn failure(&self, mut failure: Failure, model: String, answer: Answer) -> CallFailure {
        failure.message = self.key.redact(&format!("`{model}` {}", failure.message));
        let response = Some(answer.text).filter(|text| !text.is_empty()).map(|text| self.key.redact(&text));
        CallFailure {
            failure,
            model: Some(model),
            request_id: answer.request_id,
            response,
            usage: answer.usage,
            was_sent: answer.was_sent,
        }
    }
}

fn client(connect_timeout: Duration, base_url: &str) -> Result<Client, String> {
    install_tls();
    let builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .user_agent(concat!("branchline/", env!("CARGO_PKG_VERSION")));
    // A local server without TLS needs no certificates, which small containers lack.
    let builder = if base_url.starts_with("http://") { builder.tls_certs_only([]) } else { builder };
    // What is asked of a model on this machine does not leave it through a proxy.
    let builder = if is_loopback(base_url) { builder.no_proxy() } else { builder };
    builder.build().map_err(failure::words)
}

fn is_loopback(base_url: &str) -> bool {
    let url = reqwest::Url::parse(base_url).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Makes `ring` the cryptography of the process, unless the embedding program chose another.
fn install_tls() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // It only fails when there is one already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    const CHARS_MAX: usize = 200;
    let names = ["request-id", "x-request-id", "x-goog-request-id"];
    let value = names.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
    Some(value.chars().take(CHARS_MAX).collect())
}

fn too_long() -> Failure {
    let message = format!("answered with more than {PROVIDER_RESPONSE_BYTES_MAX} bytes");
    Failure::new(ErrorClass::StreamBroken, message)
}

/// A count of tokens in an answer; 0 when it is not there.
fn tokens(value: &Json, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Json::as_u64).unwrap_or_default()
}

/// A text in an answer; empty when it is not there.
fn text_at<'a>(value: &'a Json, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The data of an event, which all three formats write as JSON.
fn event_json(data: &str) -> Result<Json, Failure> {
    serde_json::from_str(data).map_err(|error| {
        Failure::new(ErrorClass::StreamBroken, format!("sent an event that is no JSON: {error}"))
    })
}
