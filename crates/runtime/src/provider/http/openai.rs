//! Chat Completions: OpenAI, and the many servers that speak the same (Ollama, vLLM, OpenRouter, …).

use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::{Value as Json, json};

use super::answer::{Answer, Finish};
use super::schema::{Dialect, restricted};
use super::{Wire, failure, text_at, tokens};
use crate::provider::{CompletionRequest, OnToken};

pub(super) struct OpenAi;

/// What strict mode takes. Bounds on numbers and lists it knows, bounds on texts it does not.
const DIALECT: Dialect = Dialect {
    unknown: &["pattern", "minLength", "maxLength", "uniqueItems", "minProperties", "maxProperties"],
    requires_all: true,
};

impl Wire for OpenAi {
    fn url(&self, base_url: &str, _model: &str) -> String {
        format!("{base_url}/chat/completions")
    }

    fn key_header(&self, key: &str) -> (HeaderName, String) {
        (AUTHORIZATION, format!("Bearer {key}"))
    }

    fn body(&self, base_url: &str, model: &str, request: &CompletionRequest) -> Json {
        let mut body = json!({
            "model": model,
            "messages": request.messages,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        let parameters = &request.parameters;
        // OpenAI refuses the old name for its newer models; other servers know only the old one.
        let is_openai = base_url.starts_with("https://api.openai.com/");
        let limit_key = if is_openai { "max_completion_tokens" } else { "max_tokens" };
        let optional = [
            ("temperature", json!(parameters.temperature)),
            ("top_p", json!(parameters.top_p)),
            (limit_key, json!(parameters.max_tokens)),
            ("seed", json!(parameters.seed)),
            ("stop", if parameters.stop.is_empty() { Json::Null } else { json!(parameters.stop) }),
            ("response_format", request.output_schema.as_ref().map_or(Json::Null, response_format)),
        ];
        for (key, value) in optional {
            if !value.is_null() {
                body[key] = value;
            }
        }
        body
    }

    fn event(&self, data: &str, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        if data.trim() == "[DONE]" {
            answer.is_ended = true;
            return Ok(());
        }
        let chunk = super::event_json(data)?;
        failure::in_answer(&chunk).map_or(Ok(()), Err)?;
        read(&chunk, "delta", answer, on_token);
        Ok(())
    }

    fn whole(&self, body: &Json, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        if body.pointer("/choices/0/message").is_none() {
            let message = "answered with JSON that holds no message";
            return Err(Failure::new(ErrorClass::StreamBroken, message));
        }
        read(body, "message", answer, on_token);
        answer.is_ended = true;
        Ok(())
    }
}

/// Strict where strict mode can hold the schema; else it is only a hint, and the engine asks again when it must.
fn response_format(schema: &Json) -> Json {
    let strict = restricted(schema, &DIALECT);
    let is_strict = strict.is_some();
    let schema = strict.unwrap_or_else(|| schema.clone());
    json!({ "type": "json_schema", "json_schema": { "name": "answer", "strict": is_strict, "schema": schema } })
}

/// Reads a chunk (`delta`) or a whole answer (`message`): they differ in nothing else.
fn read(body: &Json, part: &str, answer: &mut Answer, on_token: OnToken<'_>) {
    answer.set_request_id(text_at(body, "/id"));
    if let Some(usage) = body.get("usage").filter(|usage| usage.is_object()) {
        answer.usage = Usage {
            input_tokens: tokens(usage, "/prompt_tokens"),
            cached_tokens: tokens(usage, "/prompt_tokens_details/cached_tokens"),
            output_tokens: tokens(usage, "/completion_tokens"),
            reasoning_tokens: tokens(usage, "/completion_tokens_details/reasoning_tokens"),
        };
    }
    answer.refusal.push_str(text_at(body, &format!("/choices/0/{part}/refusal")));
    answer.push(text_at(body, &format!("/choices/0/{part}/content")), on_token);
    match text_at(body, "/choices/0/finish_reason") {
        "length" => answer.finish = Finish::Length,
        "content_filter" => answer.finish = Finish::Refused("content_filter".to_owned()),
        "error" => answer.finish = Finish::Failed("error".to_owned()),
        _ => {}
    }
}
