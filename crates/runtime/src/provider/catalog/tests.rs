use std::sync::Mutex;

use super::*;

/// Answers each call with the next of its outcomes, and keeps the models it was asked for.
struct Scripted {
    outcomes: Mutex<Vec<Result<&'static str, Failure>>>,
    asked: Mutex<Vec<String>>,
}

impl Scripted {
    fn new(outcomes: impl IntoIterator<Item = Result<&'static str, Failure>>) -> Arc<Self> {
        let mut outcomes: Vec<_> = outcomes.into_iter().collect();
        outcomes.reverse();
        Arc::new(Self { outcomes: Mutex::new(outcomes), asked: Mutex::default() })
    }
}

#[async_trait]
impl ModelProvider for Scripted {
    async fn complete(
        &self,
        model: &str,
        _: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        self.asked.lock().unwrap().push(model.to_owned());
        let text = self.outcomes.lock().unwrap().pop().expect("one call too many")?;
        on_token(text);
        let usage = branchline_schema_model::run::Usage { input_tokens: 1, ..Default::default() };
        Ok(Completion { text: text.to_owned(), model: format!("own/{model}"), request_id: None, usage })
    }
}

fn failing(class: ErrorClass) -> Result<&'static str, Failure> {
    Err(Failure::new(class, format!("`own` {class}")))
}

fn catalog(text: &str, own: &Arc<Scripted>) -> ModelCatalog {
    let config = ProjectConfig::parse(text, "branchline.toml").unwrap();
    ModelCatalog::new(&config, |_| None).with_provider("own", Arc::clone(own) as Arc<dyn ModelProvider>)
}

fn request() -> CompletionRequest {
    CompletionRequest {
        messages: vec![Message { role: Role::User, content: "Hello".to_owned() }],
        parameters: branchline_schema_model::definition::ModelParameters::default(),
        output_schema: None,
        idempotency_key: "call".to_owned(),
        address: "a.b".to_owned(),
    }
}

#[tokio::test]
async fn a_chain_goes_on_when_a_model_cannot_serve() {
    let own = Scripted::new([failing(ErrorClass::Overloaded), failing(ErrorClass::BadRequest), Ok("done")]);
    let catalog = catalog("[models]\nstrong = [\"own/a\", \"own/b\", \"own/c\"]", &own);
    let completion = catalog.complete("strong", &request(), &mut |_| ()).await.unwrap();
    assert_eq!((completion.text.as_str(), completion.model.as_str()), ("done", "own/c"));
    assert_eq!(*own.asked.lock().unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_chain_stops_where_a_person_has_to_act_or_the_model_said_no() {
    for class in
        [ErrorClass::Unauthorized, ErrorClass::OutOfCredit, ErrorClass::Refused, ErrorClass::Truncated]
    {
        let own = Scripted::new([failing(class)]);
        let catalog = catalog("[models]\nstrong = [\"own/a\", \"mock\"]", &own);
        let failure = catalog.complete("strong", &request(), &mut |_| ()).await.unwrap_err();
        assert_eq!(failure.failure.class, class);
    }
}

#[tokio::test]
async fn an_exhausted_chain_is_worth_another_attempt_when_one_of_its_failures_is() {
    let own = Scripted::new([failing(ErrorClass::Overloaded), failing(ErrorClass::BadRequest)]);
    let catalog = catalog("[models]\nstrong = [\"own/a\", \"own/b\"]", &own);
    let failure = catalog.complete("strong", &request(), &mut |_| ()).await.unwrap_err().failure;
    assert_eq!(failure.class, ErrorClass::Overloaded);
    assert_eq!(failure.message, "`own` overloaded; then `own` bad_request");
}

#[tokio::test(start_paused = true)]
async fn one_rate_limit_makes_every_caller_wait() {
    let limited = |wait_ms| {
        Err(Failure { retry_after_ms: Some(wait_ms), ..Failure::new(ErrorClass::RateLimited, "slow") })
    };
    let own = Scripted::new([limited(5_000), Ok("after"), limited(60_000)]);
    let catalog = catalog("", &own);
    let call = || async { catalog.complete("own/a", &request(), &mut |_| ()).await };

    assert_eq!(call().await.unwrap_err().failure.retry_after_ms, Some(5_000));
    let before = tokio::time::Instant::now();
    assert_eq!(call().await.unwrap().text, "after");
    assert!(before.elapsed().as_millis() >= 5_000);

    assert_eq!(call().await.unwrap_err().failure.retry_after_ms, Some(60_000));
    let failure = call().await.unwrap_err().failure;
    assert_eq!(failure.class, ErrorClass::RateLimited, "a long wait is not waited for");
    assert!(failure.retry_after_ms.is_some_and(|wait_ms| (59_000..=60_001).contains(&wait_ms)));
    assert_eq!(own.asked.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn mock_always_answers_and_unknown_names_get_a_suggestion() {
    let own = Scripted::new([]);
    let catalog = catalog("[models]\nfast = \"mock/quick\"\nbad = \"opnai/gpt\"", &own);
    for name in ["mock", "mock/anything", "fast"] {
        assert!(catalog.test(name).await.unwrap().text.starts_with("[mock]"));
    }
    let of = |name: &str| catalog.resolve(name).unwrap_err().hint;
    assert_eq!(of("fest"), "did you mean `fast`?");
    assert_eq!(of("bad"), "there is no provider `opnai`; did you mean `openai`?");
    assert_eq!(of("local/llama"), "there is no provider `local`; add `[providers.local]` to branchline.toml");
    assert_eq!(catalog.test("fest").await.unwrap_err().failure.class, ErrorClass::BadRequest);
}

#[test]
fn the_list_tells_which_keys_are_set_and_where_models_live() {
    let config =
        ProjectConfig::parse("[models]\nfast = [\"openai/gpt-5-mini\", \"mock\"]", "branchline.toml")
            .unwrap();
    let env = |name: &str| match name {
        "ANTHROPIC_API_KEY" => Some("sk-canary".to_owned()),
        "OPENAI_BASE_URL" => Some("http://127.0.0.1:9/v1/".to_owned()),
        _ => None,
    };
    let list = ModelCatalog::new(&config, env).list();
    assert_eq!((list[0].alias.as_deref(), list[0].target.as_str()), (Some("fast"), "openai/gpt-5-mini"));
    assert_eq!((list[0].base_url.as_str(), list[0].is_ready), ("http://127.0.0.1:9/v1", false));
    assert_eq!((list[1].position, list[1].target.as_str(), list[1].is_ready), (2, "mock/default", true));
    let ready = |target: &str| list.iter().find(|entry| entry.target == target).unwrap().is_ready;
    assert!(ready("anthropic/…") && ready("ollama/…") && !ready("gemini/…"));
    assert!(!serde_json::to_string(&list).unwrap().contains("canary"));
}
