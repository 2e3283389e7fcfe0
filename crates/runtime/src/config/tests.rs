use super::*;

fn problem(text: &str) -> (Option<usize>, String, Option<String>) {
    let error = ProjectConfig::parse(text, "branchline.toml").unwrap_err();
    (error.line, error.message, error.hint)
}

#[test]
fn a_whole_file_is_read() {
    let text = r#"
        database = "runs.db"
        [models]
        fast = "openai/gpt-5-mini"
        strong = ["anthropic/claude-sonnet-4-5", "local/org/model"]
        [providers.local]
        kind = "openai"
        base_url = "http://127.0.0.1:8000/v1/"
        key_env = "LOCAL_KEY"
        parallel_calls = 4
        idle_timeout_ms = 500
        requests_per_minute = 90
        tokens_per_minute = 100_000
        [providers.openai]
        key_env = "TEAM_OPENAI_KEY"
        [limits]
        parallel_calls = 8
        [mock]
        seed = 7
        latency_ms = [5, 200]
        answers = "answers.json"
        fail = { "analysis.judge/4" = ["overloaded", "timeout"] }
    "#;
    let config = ProjectConfig::parse(text, "branchline.toml").unwrap();
    assert_eq!(config.models["strong"][1].to_string(), "local/org/model");
    let local = config.provider("local").unwrap();
    assert_eq!(
        (local.base_url.as_str(), local.key_env.as_deref()),
        ("http://127.0.0.1:8000/v1", Some("LOCAL_KEY"))
    );
    assert_eq!((local.parallel_calls, local.idle_timeout_ms), (4, 500));
    assert_eq!((local.requests_per_minute, local.tokens_per_minute), (Some(90), Some(100_000)));
    let openai = config.provider("openai").unwrap();
    assert_eq!(
        (openai.base_url.as_str(), openai.key_env.as_deref()),
        ("https://api.openai.com/v1", Some("TEAM_OPENAI_KEY"))
    );
    assert_eq!(config.limits.parallel_calls, Some(8));
    assert_eq!((config.mock.seed, config.mock.latency_ms), (7, Some((5, 200))));
    assert_eq!(config.mock.fail["analysis.judge/4"].len(), 2);
}

#[test]
fn prices_have_a_day_and_contexts_a_size() {
    let text = r#"
        [prices]
        as_of = 2026-09-01
        "openai/gpt-5-mini" = { input = 0.25, output = 2, cached = 0.025 }
        "anthropic/claude-sonnet-4-5" = { input = 3.0, output = 15.0, as_of = "2026-10-02" }
        [context]
        "openai/gpt-5-mini" = 400_000
    "#;
    let config = ProjectConfig::parse(text, "branchline.toml").unwrap();
    let price = |model: &str| config.price(&ModelTarget::parse(model).unwrap());
    let mini = price("openai/gpt-5-mini").unwrap();
    assert_eq!((mini.input.0, mini.cached.0, mini.output.0), (250_000, 25_000, 2_000_000));
    assert_eq!(mini.as_of, "2026-09-01");
    let sonnet = price("anthropic/claude-sonnet-4-5").unwrap();
    assert_eq!((sonnet.cached, sonnet.as_of.as_str()), (sonnet.input, "2026-10-02"));
    assert_eq!(price("openai/gpt-5"), None, "what nobody priced is not free");
    assert_eq!(price("mock"), Some(Price::FREE));
    assert_eq!(config.context_tokens[&ModelTarget::parse("openai/gpt-5-mini").unwrap()], 400_000);
}

#[test]
fn a_price_without_a_day_or_of_an_alias_is_refused() {
    let entry = |table: &str| problem(&format!("[prices]\n{table}"));
    let (_, message, hint) = entry("\"openai/a\" = { input = 1, output = 1 }");
    assert_eq!(message, "`prices.\"openai/a\"` has no `as_of`");
    assert!(hint.unwrap().contains("as_of = 2026-09-01"));
    let (line, message, hint) = entry("\"openai/a\" = { input = 1, ouput = 1, as_of = 2026-09-01 }");
    assert_eq!((line, message.as_str()), (Some(2), "unknown key `ouput`"));
    assert_eq!(hint.as_deref(), Some("did you mean `output`?"));
    for table in [
        "as_of = 2026-09-01\nfast = { input = 1, output = 1 }",
        "as_of = 2026-09-01\n\"mock/x\" = { input = 1, output = 1 }",
        "as_of = 2026-09-01\n\"openai/a\" = { input = -1, output = 1 }",
        "as_of = 2026-09-01\n\"openai/a\" = { input = nan, output = 1 }",
        "as_of = 2026-09-01\n\"openai/a\" = { input = 1 }",
        "as_of = \"yesterday\"",
        "as_of = 2026-09-01T10:00:00",
    ] {
        let (_, message, _) = entry(table);
        assert!(!message.is_empty() && !message.contains('\n'), "{table}: {message}");
    }
    assert_eq!(
        problem("[context]\n\"openai/a\" = 3").1,
        "`context.\"openai/a\"` is 3; it has to be from 128 to 1000000000"
    );
}

#[test]
fn a_key_of_a_built_in_provider_stays_with_it() {
    let text = "[providers.proxy]\nkind = \"openai\"\nbase_url = \"https://example.com/v1\"";
    let config = ProjectConfig::parse(text, "branchline.toml").unwrap();
    assert_eq!(config.provider("proxy").unwrap().key_env, None);
}

#[test]
fn the_project_wins_over_the_user_key_by_key() {
    let parse = |text| ProjectConfig::parse(text, "branchline.toml").unwrap();
    let project = parse("[models]\nfast = \"mock\"\n[providers.ollama]\nparallel_calls = 2");
    let user = parse(
        "database = \"u.db\"\n[models]\nfast = \"openai/a\"\nstrong = \"openai/b\"\n[limits]\nparallel_calls = 3\n\
         [providers.ollama]\nparallel_calls = 9\n[mock]\nseed = 4",
    );
    let both = project.or(user);
    assert_eq!((both.models["fast"][0].provider.as_str(), both.models.len()), ("mock", 2));
    assert_eq!(both.provider("ollama").unwrap().parallel_calls, 2);
    assert_eq!(
        (both.database.as_deref(), both.limits.parallel_calls, both.mock.seed),
        (Some("u.db"), Some(3), 4)
    );
}

#[test]
fn unknown_keys_are_refused_with_their_line_and_a_suggestion() {
    let (line, message, hint) = problem("[mock]\nseed = 1\n\n[providers.local]\nbase_ulr = \"x\"\n");
    assert_eq!(
        (line, message.as_str(), hint.as_deref()),
        (Some(5), "unknown key `base_ulr`", Some("did you mean `base_url`?"))
    );
    let (_, message, hint) = problem("colour = 1");
    assert_eq!(message, "unknown key `colour`");
    assert!(hint.unwrap().contains("`database`"));
}

#[test]
fn every_bound_is_checked() {
    for text in [
        "[limits]\nparallel_calls = 0",
        "[providers.openai]\nparallel_calls = 100000",
        "[providers.openai]\nidle_timeout_ms = 0",
        "[providers.openai]\nrequests_per_minute = 0",
        "[providers.openai]\ntokens_per_minute = 2000000000",
        "[providers.openai]\nbase_url = \"ftp://example.com\"",
        "[providers.openai]\nbase_url = \"https://user:pass@example.com\"",
        "[providers.openai]\nkind = \"gemini\"",
        "[providers.local]\nkind = \"openapi\"",
        "[providers.local]\nbase_url = \"http://localhost\"",
        "[models]\nfast = \"gpt-5\"",
        "[models]\nfast = []",
        "[models]\nmock = \"openai/gpt\"",
        "[mock]\nlatency_ms = [200, 5]",
        "[mock]\nfail = { \"a.b\" = [\"overlaoded\"] }",
        "[models",
    ] {
        let (_, message, _) = problem(text);
        assert!(!message.is_empty() && !message.contains('\n'), "{text}: {message}");
    }
}

#[test]
fn a_key_pasted_into_the_file_is_refused_and_not_repeated() {
    let error =
        ProjectConfig::parse("[providers.openai]\nkey_env = \"sk-canary\"", "branchline.toml").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    let error =
        ProjectConfig::parse("[providers.openai]\nkey = \"sk-canary\"", "branchline.toml").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

#[test]
fn scripted_answers_are_found_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("answers.json"), r#"{"a.b": "text"}"#).unwrap();
    let path = folder.path().join(PROJECT_FILE_NAME);
    std::fs::write(&path, "[mock]\nanswers = \"answers.json\"").unwrap();
    assert_ne!(
        ProjectConfig::load(&path).unwrap().mock.answers,
        crate::provider::mock::MockAnswers::default()
    );

    std::fs::write(&path, "[mock]\nanswers = \"missing.json\"").unwrap();
    assert!(ProjectConfig::load(&path).unwrap_err().file_name.ends_with("missing.json"));
}
