//! What is sent: bodies, headers, and the key in its place.

use super::*;

fn schema() -> Json {
    json!({
        "type": "object", "required": ["score", "tags"], "additionalProperties": false,
        "properties": {
            "score": { "type": "integer", "minimum": 1, "maximum": 10 },
            "tags": { "type": "array", "items": { "type": "string", "maxLength": 20 } },
        },
    })
}

/// The one call that `model` makes of a request with everything set.
async fn sent(model: &str, output_schema: Option<Json>) -> Call {
    let (server, catalog) = serve(Reply::shaped).await;
    let mut request = request("Judge it", output_schema);
    request.parameters = ModelParameters {
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(300),
        seed: Some(7),
        stop: vec!["END".to_owned()],
    };
    catalog.complete(model, &request, &mut |_| ()).await.unwrap();
    server.calls().remove(0)
}

#[tokio::test]
async fn openai_is_asked_in_its_words() {
    let call = sent("openai/gpt-test", Some(schema())).await;
    let mut strict = schema();
    strict["properties"]["tags"]["items"] = json!({ "type": "string", "description": "(maxLength: 20)" });
    let expected = json!({
        "model": "gpt-test", "stream": true, "stream_options": { "include_usage": true },
        "messages": [{ "role": "system", "content": "You are an editor." }, { "role": "user", "content": "Judge it" }],
        "temperature": 0.5, "top_p": 0.9, "max_tokens": 300, "seed": 7, "stop": ["END"],
        "response_format": { "type": "json_schema",
            "json_schema": { "name": "answer", "strict": true, "schema": strict } },
    });
    assert_eq!(call.body, expected);
    assert_eq!(call.headers["authorization"], format!("Bearer {CANARY}"));
    assert_eq!(call.idempotency_key(), "0199-call");
}

#[tokio::test]
async fn anthropic_is_asked_in_its_words() {
    let call = sent("anthropic/claude-test", Some(schema())).await;
    let held = json!({
        "type": "object", "required": ["score", "tags"], "additionalProperties": false,
        "properties": {
            "score": { "type": "integer", "description": "(maximum: 10, minimum: 1)" },
            "tags": { "type": "array", "items": { "type": "string", "description": "(maxLength: 20)" } },
        },
    });
    let expected = json!({
        "model": "claude-test", "stream": true, "max_tokens": 300, "system": "You are an editor.",
        "messages": [{ "role": "user", "content": "Judge it" }],
        "temperature": 0.5, "top_p": 0.9, "stop_sequences": ["END"],
        "output_config": { "format": { "type": "json_schema", "schema": held } },
    });
    assert_eq!(call.body, expected);
    assert_eq!(
        (&call.headers["x-api-key"], &call.headers["anthropic-version"]),
        (&CANARY.parse().unwrap(), &"2023-06-01".parse().unwrap())
    );
    assert!(call.headers.get("authorization").is_none());
}

#[tokio::test]
async fn gemini_is_asked_in_its_words() {
    let call = sent("gemini/gemini-test", Some(schema())).await;
    let expected = json!({
        "systemInstruction": { "parts": [{ "text": "You are an editor." }] },
        "contents": [{ "role": "user", "parts": [{ "text": "Judge it" }] }],
        "generationConfig": { "temperature": 0.5, "topP": 0.9, "maxOutputTokens": 300, "seed": 7,
            "stopSequences": ["END"], "responseMimeType": "application/json", "responseJsonSchema": schema() },
    });
    assert_eq!(call.body, expected);
    assert_eq!(call.headers["x-goog-api-key"], CANARY);
    assert_eq!(call.model, "gemini-test");
}

#[tokio::test]
async fn a_schema_that_strict_modes_cannot_hold_is_still_told() {
    let open = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let call = sent("openai/gpt-test", Some(open.clone())).await;
    assert_eq!(call.body["response_format"]["json_schema"]["strict"], json!(false));
    assert_eq!(call.output_schema(), Some(&open));
    let call = sent("anthropic/claude-test", Some(open.clone())).await;
    assert_eq!(call.output_schema(), None);
    assert!(call.body["system"].as_str().unwrap().contains(&open.to_string()));
}

#[tokio::test]
async fn an_answer_to_a_schema_fits_it() {
    let (_server, catalog) = serve(Reply::shaped).await;
    for model in MODELS {
        let completion =
            catalog.complete(model, &request("Judge", Some(schema())), &mut |_| ()).await.unwrap();
        let value: Json = serde_json::from_str(&completion.text).unwrap();
        assert!(value["score"].is_i64() && value["tags"].is_array(), "{model}: {value}");
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_and_the_variable_is_named() {
    let server = ModelServer::start(Reply::shaped).await.unwrap();
    let catalog = catalog(server.url(), IDLE_TIMEOUT_MS, |_| None);
    let variables = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];
    for (model, variable) in MODELS.into_iter().zip(variables) {
        let failure = failure_of(&catalog, model).await.failure;
        assert_eq!(failure.class, branchline_schema_model::run::ErrorClass::Unauthorized);
        assert!(failure.message.contains(variable), "{}", failure.message);
    }
    assert!(server.calls().is_empty());
}
