//! Answers in the three wire formats, as the providers document them.

use serde_json::{Value as Json, json};

use super::reply::Ending;
use super::{Call, WireFormat};

/// Words per event of a stream.
const WORDS_PER_EVENT: usize = 3;

/// What the server says it counted: 40 tokens in, 8 of them cached, one token out per word, 2 more of reasoning.
const TOKENS_IN: usize = 40;
const TOKENS_CACHED: usize = 8;
const TOKENS_REASONING: usize = 2;

/// The answer as a stream of events.
pub(super) fn stream(call: &Call, text: &str, ending: Ending) -> String {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let pieces: Vec<String> = words.chunks(WORDS_PER_EVENT).map(<[&str]>::concat).collect();
    match call.format {
        WireFormat::OpenAi => openai_stream(call, &pieces, words.len(), ending),
        WireFormat::Anthropic => anthropic_stream(call, &pieces, words.len(), ending),
        WireFormat::Gemini => gemini_stream(call, &pieces, words.len(), ending),
    }
}

/// The answer as one document.
pub(super) fn whole(call: &Call, text: &str, ending: Ending) -> Json {
    let count = text.split_inclusive(' ').count();
    match call.format {
        WireFormat::OpenAi => json!({
            "id": format!("chatcmpl-{}", call.number), "object": "chat.completion", "model": call.model,
            "choices": [{ "index": 0, "finish_reason": openai_reason(ending),
                "message": { "role": "assistant", "content": text, "refusal": null } }],
            "usage": openai_usage(count),
        }),
        WireFormat::Anthropic => json!({
            "id": format!("msg_{}", call.number), "type": "message", "role": "assistant", "model": call.model,
            "content": [{ "type": "text", "text": text }], "stop_reason": anthropic_reason(ending),
            "usage": anthropic_usage(count),
        }),
        WireFormat::Gemini => gemini_chunk(call, text, Some(ending), count),
    }
}

fn data(event: &Json) -> String {
    format!("data: {event}\n\n")
}

fn openai_stream(call: &Call, pieces: &[String], count: usize, ending: Ending) -> String {
    let chunk = |choices: Json, usage: Json| {
        data(&json!({ "id": format!("chatcmpl-{}", call.number), "object": "chat.completion.chunk",
            "model": call.model, "choices": choices, "usage": usage }))
    };
    let delta = |delta: Json, reason: Json| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": reason }]), Json::Null)
    };
    let mut stream = delta(json!({ "role": "assistant", "content": "" }), Json::Null);
    for piece in pieces {
        stream.push_str(&delta(json!({ "content": piece }), Json::Null));
    }
    stream.push_str(&delta(json!({}), json!(openai_reason(ending))));
    stream.push_str(&chunk(json!([]), openai_usage(count)));
    stream.push_str("data: [DONE]\n\n");
    stream
}

fn openai_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "stop",
        Ending::Length => "length",
        Ending::Refused => "content_filter",
    }
}

fn openai_usage(count: usize) -> Json {
    json!({
        "prompt_tokens": TOKENS_IN, "prompt_tokens_details": { "cached_tokens": TOKENS_CACHED },
        "completion_tokens": count + TOKENS_REASONING,
        "completion_tokens_details": { "reasoning_tokens": TOKENS_REASONING },
    })
}

fn anthropic_stream(call: &Call, pieces: &[String], count: usize, ending: Ending) -> String {
    let event =
        |event: Json| format!("event: {}\n{}", event["type"].as_str().unwrap_or_default(), data(&event));
    let mut usage = anthropic_usage(count);
    usage["output_tokens"] = json!(1);
    let message = json!({ "id": format!("msg_{}", call.number), "type": "message", "role": "assistant",
        "model": call.model, "content": [], "stop_reason": null, "usage": usage });
    let mut stream = event(json!({ "type": "message_start", "message": message }));
    stream.push_str(&event(json!({ "type": "content_block_start", "index": 0,
        "content_block": { "type": "text", "text": "" } })));
    stream.push_str(&event(json!({ "type": "ping" })));
    for piece in pieces {
        stream.push_str(&event(json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "text_delta", "text": piece } })));
    }
    stream.push_str(&event(json!({ "type": "content_block_stop", "index": 0 })));
    stream.push_str(&event(json!({ "type": "message_delta",
        "delta": { "stop_reason": anthropic_reason(ending) },
        "usage": { "output_tokens": count + TOKENS_REASONING } })));
    stream.push_str(&event(json!({ "type": "message_stop" })));
    stream
}

fn anthropic_reason(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "end_turn",
        Ending::Length => "max_tokens",
        Ending::Refused => "refusal",
    }
}

/// Here cached tokens are counted apart from the others.
fn anthropic_usage(count: usize) -> Json {
    json!({
        "input_tokens": TOKENS_IN - TOKENS_CACHED, "cache_read_input_tokens": TOKENS_CACHED,
        "cache_creation_input_tokens": 0, "output_tokens": count + TOKENS_REASONING,
    })
}

fn gemini_stream(call: &Call, pieces: &[String], count: usize, ending: Ending) -> String {
    let mut stream = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let ending = (index + 1 == pieces.len()).then_some(ending);
        stream.push_str(&data(&gemini_chunk(call, piece, ending, count)).replace('\n', "\r\n"));
    }
    if pieces.is_empty() {
        stream.push_str(&data(&gemini_chunk(call, "", Some(ending), count)));
    }
    stream
}

fn gemini_chunk(call: &Call, text: &str, ending: Option<Ending>, count: usize) -> Json {
    let reason = ending.map(|ending| match ending {
        Ending::Done => "STOP",
        Ending::Length => "MAX_TOKENS",
        Ending::Refused => "SAFETY",
    });
    let mut candidate = json!({ "index": 0, "content": { "role": "model", "parts": [
        { "text": "thinking aloud", "thought": true }, { "text": text }] } });
    if let Some(reason) = reason {
        candidate["finishReason"] = json!(reason);
    }
    json!({
        "responseId": format!("gemini-{}", call.number), "modelVersion": call.model, "candidates": [candidate],
        "usageMetadata": { "promptTokenCount": TOKENS_IN, "cachedContentTokenCount": TOKENS_CACHED,
            "candidatesTokenCount": count, "thoughtsTokenCount": TOKENS_REASONING },
    })
}
