//! From what providers say to the taxonomy of failures.

use std::error::Error;

use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

use super::retry_after;

/// Characters of a provider's words that are kept.
const WORDS_CHARS_MAX: usize = 500;

/// A request without an answer. Only when no connection was made is it certain that nothing was billed.
pub(super) fn of_sending(error: reqwest::Error) -> Failure {
    if error.is_builder() {
        return Failure::new(ErrorClass::BadRequest, format!("cannot be called: {}", words(error)));
    }
    if error.is_connect() {
        return Failure::new(ErrorClass::NotSent, format!("cannot be reached: {}", words(error)));
    }
    Failure::new(
        ErrorClass::AmbiguousSent,
        format!("closed the connection without an answer: {}", words(error)),
    )
}

/// An answer that broke off after its status.
pub(super) fn of_reading(error: reqwest::Error) -> Failure {
    Failure::new(ErrorClass::StreamBroken, format!("broke off its answer: {}", words(error)))
}

/// An answer with an error status.
pub(super) fn of_status(status: u16, body: &str) -> Failure {
    let body: Json = serde_json::from_str(body).unwrap_or_else(|_| Json::String(body.to_owned()));
    let said = Said::read(&body);
    let mut failure =
        Failure::new(said.class(Some(status)), format!("answered {status}{}", said.colon_words()));
    failure.retry_after_ms = said.retry_after_ms;
    failure
}

/// An error in place of an answer, or of the next event of a stream, although the status was a good one.
pub(super) fn in_answer(body: &Json) -> Option<Failure> {
    let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
    let is_error = body.get("error").is_some_and(|error| !error.is_null()) || body.get("object")? == "error";
    if !is_error {
        return None;
    }
    let said = Said::read(body);
    let mut failure = Failure::new(said.class(None), format!("answered with an error{}", said.colon_words()));
    failure.retry_after_ms = said.retry_after_ms;
    Some(failure)
}

/// The words of an error and of its causes, without the address called.
pub(super) fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = error.source();
    }
    trimmed(&words)
}

/// On one line and not too long.
pub(super) fn trimmed(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= WORDS_CHARS_MAX {
        return text;
    }
    let mut text: String = text.chars().take(WORDS_CHARS_MAX).collect();
    text.push('…');
    text
}

/// The error document of a provider.
struct Said {
    words: String,
    /// `type`, `code`, `status` and `reason`, in lower case.
    kinds: Vec<String>,
    /// A status inside the document.
    status: Option<u16>,
    is_moderated: bool,
    retry_after_ms: Option<u64>,
}

impl Said {
    /// Reads the forms of OpenAI and its kin (`error.message`, `error`, `message`, `detail`), Anthropic and Gemini.
    fn read(body: &Json) -> Self {
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let words = ["message", "detail", "error"].iter().find_map(|key| error.get(*key)?.as_str());
        let words = words.or(error.as_str()).map_or_else(|| error.to_string(), str::to_owned);
        let reasons = error.get("details").and_then(Json::as_array).into_iter().flatten();
        let named = ["type", "code", "status"].iter().filter_map(|key| error.get(*key)?.as_str());
        let kinds = named.chain(reasons.filter_map(|detail| detail.get("reason")?.as_str()));
        let status = error.get("code").and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
        Self {
            words: trimmed(&words),
            kinds: kinds.map(str::to_lowercase).collect(),
            status: status.filter(|status| (400..600).contains(status)),
            is_moderated: error.pointer("/metadata/flagged_input").is_some(),
            retry_after_ms: retry_after::from_details(error),
        }
    }

    fn colon_words(&self) -> String {
        if self.words.is_empty() { String::new() } else { format!(": {}", self.words) }
    }

    /// The class: what the document names beyond doubt, else the status, else what the document names.
    fn class(&self, status: Option<u16>) -> ErrorClass {
        let is = |names: &[&str]| self.kinds.iter().any(|kind| names.contains(&kind.as_str()));
        let says = |words: &str| self.words.to_lowercase().contains(words);
        if is(&["insufficient_quota", "billing_error", "billing_hard_limit_reached", "insufficient_credits"])
            || says("credit balance is too low")
        {
            return ErrorClass::OutOfCredit;
        }
        if self.is_moderated || is(&["content_filter", "content_policy_violation"]) {
            return ErrorClass::Refused;
        }
        if is(&["invalid_api_key", "api_key_invalid"]) {
            return ErrorClass::Unauthorized;
        }
        match status.or(self.status) {
            Some(status) => of_code(status),
            None if is(&["overloaded_error", "unavailable", "server_overloaded"]) => ErrorClass::Overloaded,
            None if is(&["rate_limit_error", "rate_limit_exceeded", "resource_exhausted"]) => {
                ErrorClass::RateLimited
            }
            None if is(&[
                "authentication_error",
                "permission_error",
                "unauthenticated",
                "permission_denied",
            ]) =>
            {
                ErrorClass::Unauthorized
            }
            None if is(&[
                "invalid_request_error",
                "not_found_error",
                "request_too_large",
                "invalid_argument",
                "model_not_found",
                "context_length_exceeded",
            ]) =>
            {
                ErrorClass::BadRequest
            }
            None => ErrorClass::ServerError,
        }
    }
}

fn of_code(status: u16) -> ErrorClass {
    match status {
        401 | 403 => ErrorClass::Unauthorized,
        402 => ErrorClass::OutOfCredit,
        429 => ErrorClass::RateLimited,
        503 | 529 => ErrorClass::Overloaded,
        408 | 500.. => ErrorClass::ServerError,
        _ => ErrorClass::BadRequest,
    }
}
