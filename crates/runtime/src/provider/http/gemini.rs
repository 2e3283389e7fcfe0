//! GenerateContent of Google.

use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use reqwest::header::HeaderName;
use serde_json::{Value as Json, json};

use super::answer::{Answer, Finish};
use super::{Wire, failure, text_at, tokens};
use crate::provider::{CompletionRequest, OnToken, Role};

pub(super) struct Gemini;

impl Wire for Gemini {
    fn url(&self, base_url: &str, model: &str) -> String {
        let model = model.strip_prefix("models/").unwrap_or(model);
        format!("{base_url}/models/{model}:streamGenerateContent?alt=sse")
    }

    fn key_header(&self, key: &str) -> (HeaderName, String) {
        (HeaderName::from_static("x-goog-api-key"), key.to_owned())
    }

    fn body(&self, _base_url: &str, _model: &str, request: &CompletionRequest) -> Json {
        let parameters = &request.parameters;
        let (system, messages) = request.split_system();
        let contents = messages.iter().map(|(role, content)| {
            let role = if *role == Role::Assistant { "model" } else { "user" };
            json!({ "role": role, "parts": [{ "text": content }] })
        });
        let mut generation = json!({});
        let optional = [
            ("temperature", json!(parameters.temperature)),
            ("topP", json!(parameters.top_p)),
            ("maxOutputTokens", json!(parameters.max_tokens)),
            ("seed", json!(parameters.seed)),
            ("stopSequences", if parameters.stop.is_empty() { Json::Null } else { json!(parameters.stop) }),
            (
                "responseMimeType",
                request.output_schema.as_ref().map_or(Json::Null, |_| json!("application/json")),
            ),
            ("responseJsonSchema", json!(request.output_schema)),
        ];
        for (key, value) in optional {
            if !value.is_null() {
                generation[key] = value;
            }
        }
        let mut body = json!({ "contents": contents.collect::<Vec<_>>(), "generationConfig": generation });
        if !system.is_empty() {
            body["systemInstruction"] = json!({ "parts": [{ "text": system }] });
        }
        body
    }

    fn event(&self, data: &str, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        let chunk = super::event_json(data)?;
        failure::in_answer(&chunk).map_or(Ok(()), Err)?;
        read(&chunk, answer, on_token);
        Ok(())
    }

    fn whole(&self, body: &Json, answer: &mut Answer, on_token: OnToken<'_>) -> Result<(), Failure> {
        // A proxy that ignores `alt=sse` answers with the list of all chunks.
        let chunks = body.as_array().map_or(std::slice::from_ref(body), Vec::as_slice);
        for chunk in chunks {
            read(chunk, answer, &mut *on_token);
        }
        if !answer.is_ended {
            return Err(Failure::new(
                ErrorClass::StreamBroken,
                "answered with JSON that holds no finished answer",
            ));
        }
        Ok(())
    }
}

fn read(chunk: &Json, answer: &mut Answer, on_token: OnToken<'_>) {
    answer.set_request_id(text_at(chunk, "/responseId"));
    if let Some(usage) = chunk.get("usageMetadata") {
        let reasoning_tokens = tokens(usage, "/thoughtsTokenCount");
        answer.usage = Usage {
            input_tokens: tokens(usage, "/promptTokenCount"),
            cached_tokens: tokens(usage, "/cachedContentTokenCount"),
            output_tokens: tokens(usage, "/candidatesTokenCount") + reasoning_tokens,
            reasoning_tokens,
        };
    }
    if let Some(reason) = chunk.pointer("/promptFeedback/blockReason").and_then(Json::as_str) {
        answer.finish = Finish::Refused(reason.to_owned());
        answer.is_ended = true;
    }
    let parts = chunk.pointer("/candidates/0/content/parts").and_then(Json::as_array);
    for part in parts.into_iter().flatten() {
        if part.get("thought") != Some(&Json::Bool(true)) {
            answer.push(text_at(part, "/text"), &mut *on_token);
        }
    }
    match text_at(chunk, "/candidates/0/finishReason") {
        "" => {}
        reason => {
            answer.finish = finish(reason);
            answer.is_ended = true;
        }
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "STOP" => Finish::Done,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE" => {
            Finish::Refused(reason.to_owned())
        }
        _ => Finish::Failed(reason.to_owned()),
    }
}
