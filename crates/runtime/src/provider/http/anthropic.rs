//! Messages of Anthropic.
//!
//! Structured answers use `output_config.format`: unlike a forced tool it works with models that always think, and
//! the JSON streams as text. A schema it cannot hold is given in the system text instead.

use branchline_schema_model::run::{ErrorClass, Failure};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};

use super::answer::{Answer, Finish};
use super::schema::{Dialect, restricted};
use super::{Wire, failure, text_at, tokens};
use crate::provider::{CompletionRequest, OnToken, Role};

pub(super) struct Anthropic;

/// The API wants a limit on every call; this one holds a long article, and all current models allow it.
const MAX_TOKENS_DEFAULT: u32 = 8_192;

/// What structured outputs take: shapes, but no bounds.
const DIALECT: Dialect = Dialect {
    unknown: &[
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ],
    requires_all: false,
};

impl Wire for Anthropic {
    fn url(&self, base_url: &str, _model: &str) -> String {
        // The base is written with and without the version.
        let base_url = base_url.strip_suffix("/v1").unwrap_or(base_url);
        format!("{base_url}/v1/messages")
    }

    fn key_header(&self, key: &str) -> (HeaderName, String) {
        (HeaderName::from_static("x-api-key"), key.to_owned())
    }

    fn headers(&self, headers: &mut HeaderMap) {
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    }

    fn body(&self, _base_url: &str, model: &str, request: &CompletionRequest) -> Json {
        let parameters = &request.parameters;
        let (mut system, messages) = request.split_system();
        let mut format = None;
        if let Some(schema) = &request.output_schema {
            format = restricted(schema, &DIALECT);
            if format.is_none() {
                let words = format!(
                    "Answer with one JSON value and nothing else. It fits this JSON Schema: {schema}"
                );
                system = if system.is_empty() { words } else { format!("{system}\n\n{words}") };
            }
        }
        let mut body = json!({
            "model": model,
            "max_tokens": parameters.max_tokens.unwrap_or(MAX_TOKENS_DEFAULT),
            "messages": messages.iter().map(|(role, content)| {
                let role = if *role == Role::Assistant { "assistant" } else { "user" };
                json!({ "role": role, "content": content })
            }).collect::<Vec<_>>(),
            "stream": true,
        });
        let optional = [
            ("system", if system.is_empty() { Json::Null } else { json!(system) }),
            ("temperature", json!(parameters.temperature)),
            ("top_p", json!(parameters.top_p)),
            ("stop_sequences", if parameters.stop.is_empty() { Json::Null } else { json!(parameters.stop) }),
            (
                "output_config",
                format.map_or(
                    Json::Null,
                    |schema| json!({ "format": { "type": "json_schema", "schema": schema } }),
                ),
            ),
        ];
        for (key, value) in optional {
            if !value.is_null() {
                body[key] = value;
            }
        }
        body
    }

    fn event(&self, data: &str, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        let event = super::event_json(data)?;
        match text_at(&event, "/type") {
            "error" => {
                return Err(failure::in_answer(&event)
                    .unwrap_or_else(|| Failure::new(ErrorClass::ServerError, "answered with an error")));
            }
            "message_start" => {
                answer.set_request_id(text_at(&event, "/message/id"));
                read_usage(&event["message"]["usage"], answer);
            }
            "content_block_start" => answer.push(text_at(&event, "/content_block/text"), on_token),
            "content_block_delta" => answer.push(text_at(&event, "/delta/text"), on_token),
            "message_delta" => {
                read_usage(&event["usage"], answer);
                read_stop_reason(text_at(&event, "/delta/stop_reason"), answer);
            }
            "message_stop" => answer.is_ended = true,
            // Pings, block ends, and what later versions add.
            _ => {}
        }
        Ok(())
    }

    fn whole(&self, body: &Json, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        let Some(blocks) = body.get("content").and_then(Json::as_array) else {
            return Err(Failure::new(ErrorClass::StreamBroken, "answered with JSON that holds no message"));
        };
        answer.set_request_id(text_at(body, "/id"));
        for block in blocks {
            answer.push(text_at(block, "/text"), &mut *on_token);
        }
        read_usage(&body["usage"], answer);
        read_stop_reason(text_at(body, "/stop_reason"), answer);
        answer.is_ended = true;
        Ok(())
    }
}

/// The counts are cumulative; a later event repeats only some of them.
fn read_usage(usage: &Json, answer: &mut Answer) {
    if usage.get("input_tokens").is_some_and(Json::is_u64) {
        let cached = tokens(usage, "/cache_read_input_tokens");
        let written = tokens(usage, "/cache_creation_input_tokens");
        answer.usage.input_tokens = tokens(usage, "/input_tokens") + cached + written;
        answer.usage.cached_tokens = cached;
    }
    if let Some(count) = usage.get("output_tokens").and_then(Json::as_u64) {
        answer.usage.output_tokens = count;
    }
}

fn read_stop_reason(reason: &str, answer: &mut Answer) {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => answer.finish = Finish::Length,
        "refusal" => answer.finish = Finish::Refused("refusal".to_owned()),
        // A turn to go on with needs tools, and none are given.
        "pause_turn" => answer.finish = Finish::Failed("pause_turn".to_owned()),
        _ => {}
    }
}
