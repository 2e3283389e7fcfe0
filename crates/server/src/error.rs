//! What a client is told when a request fails: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use branchline_runtime::error::EngineError;
use branchline_schema_model::check::Diagnostic;
use branchline_schema_model::store::StoreError;
use serde::Serialize;

use crate::dto::{DecisionBody, FindingBody};

/// A refused or failed request. `code` is stable; `detail` is for people and says nothing of the insides.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    problems: Vec<ProblemItem>,
    decision: Option<Box<DecisionBody>>,
}

/// One of several things that are wrong with a request.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ProblemItem {
    /// A finding of the checker.
    Finding(Box<FindingBody>),
    /// One sentence.
    Sentence {
        /// Lower case, no full stop, names in backticks.
        message: String,
    },
}

#[derive(Serialize)]
struct ProblemBody {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Box<DecisionBody>>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), problems: Vec::new(), decision: None }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood", detail)
    }

    /// 403: a page of another origin sent the request.
    pub fn foreign_origin() -> Self {
        let detail = "requests of pages from another origin are refused";
        Self::new(StatusCode::FORBIDDEN, "foreign-origin", "The request comes from another origin", detail)
    }

    /// 404: no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// 405: the route does not know the method.
    pub fn method_not_allowed() -> Self {
        let detail = "the route does not take this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed", detail)
    }

    /// 409: what stands does not allow it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "The present state does not allow it", detail)
    }

    /// 413: the body is too large.
    pub fn too_large() -> Self {
        let detail = format!("a body may have at most {} bytes", crate::limits::BODY_BYTES_MAX);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large", detail)
    }

    /// 415: a body that does not say that it is JSON.
    pub fn not_json() -> Self {
        let detail = "a POST needs `content-type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "The body is not said to be JSON", detail)
    }

    /// 421: the request was meant for another server.
    pub fn misdirected() -> Self {
        let detail = "the Host header does not name this server";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", "The request is for another host", detail)
    }

    /// 422: understood, and wrong; one sentence per problem.
    pub fn invalid(detail: impl Into<String>, sentences: impl IntoIterator<Item = String>) -> Self {
        let title = "The request has mistakes";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", title, detail)
            .with_problems(sentences.into_iter().map(|message| ProblemItem::Sentence { message }))
    }

    /// 422: a definition with errors, all findings given.
    pub fn definition(detail: impl Into<String>, findings: Vec<Diagnostic>) -> Self {
        let title = "The definition has mistakes";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-definition", title, detail)
            .with_problems(findings.into_iter().map(|finding| ProblemItem::Finding(Box::new(finding.into()))))
    }

    /// 500: not the client's fault, and nothing it can do.
    pub fn internal() -> Self {
        let detail = "the server's log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed", detail)
    }

    /// 503: the same request may succeed later.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment", detail)
    }

    /// 504: the request took too long. What it began goes on.
    pub fn timeout() -> Self {
        let detail = "the request took too long; what it began goes on";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "The request took too long", detail)
    }

    /// Adds the decision that stands in the way.
    #[must_use]
    pub fn with_decision(self, decision: Option<DecisionBody>) -> Self {
        Self { decision: decision.map(Box::new), ..self }
    }

    fn with_problems(self, problems: impl IntoIterator<Item = ProblemItem>) -> Self {
        Self { problems: problems.into_iter().collect(), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            r#type: format!("urn:branchline:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            problems: self.problems,
            decision: self.decision,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound { .. } | StoreError::Ambiguous { .. } => Self::not_found(error.to_string()),
            StoreError::Fenced | StoreError::Owned { .. } => Self::conflict("another engine drives the run"),
            StoreError::Conflict { message } => Self::conflict(message.clone()),
            StoreError::Busy { .. } | StoreError::NotWritable { .. } | StoreError::Unavailable { .. } => {
                tracing::warn!(%error, "the database does not answer as it should");
                Self::unavailable("the database cannot do it at the moment")
            }
            StoreError::Corrupt { .. }
            | StoreError::TooNew { .. }
            | StoreError::Unsupported { .. }
            | StoreError::Unexpected { .. } => {
                tracing::error!(%error, "the database failed");
                Self::internal()
            }
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Definition { message } => {
                let title = "The definition has mistakes";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-definition", title, message.clone())
                    .with_problems([ProblemItem::Sentence { message }])
            }
            EngineError::Inputs { problems } => Self::invalid("the run inputs do not fit", problems),
            EngineError::Answer { message } => Self::invalid("the answer does not fit the task", [message]),
            EngineError::TooLate { message } => {
                let title = "The task was answered before";
                Self::new(StatusCode::CONFLICT, "too-late", title, message)
            }
            EngineError::State { message } => Self::conflict(message),
            EngineError::ShuttingDown => Self::unavailable("the server is shutting down"),
        }
    }
}
