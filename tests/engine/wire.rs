//! The same workflow against an OpenAI-compatible server and an Anthropic-style one, over real HTTP.

use std::sync::Arc;

use branchline_persistence::{OpenOptions, SqliteStore};
use branchline_runtime::action::built_in;
use branchline_runtime::config::ProjectConfig;
use branchline_runtime::engine::{Engine, EngineConfig, RunRest};
use branchline_runtime::provider::ModelCatalog;
use branchline_runtime::testing::{ModelServer, Reply};
use branchline_schema_model::run::WorkflowRunStatus;
use branchline_schema_model::store::RunReader as _;
use serde_json::json;

use crate::article::ARTICLE;
use crate::house::{inputs, workflow};

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_recorded_per_attempt_whatever_the_wire_format() {
    for (provider, path) in [("openai", "/v1"), ("anthropic", ""), ("gemini", "/v1beta")] {
        let server = ModelServer::start(Reply::shaped).await.unwrap();
        let config = format!("[providers.{provider}]\nbase_url = \"{}{path}\"\n", server.url());
        let config = ProjectConfig::parse(&config, "branchline.toml").unwrap();
        let env = |name: &str| name.ends_with("_KEY").then(|| "sk-canary-4711".to_owned());
        let catalog = ModelCatalog::new(&config, env);
        let folder = tempfile::tempdir().unwrap();
        let store =
            Arc::new(SqliteStore::open(&folder.path().join("test.db"), OpenOptions::default()).unwrap());
        let engine = Engine::start(EngineConfig::default(), store.clone(), built_in(Arc::new(catalog)));

        let saved = engine.workflow_save(&workflow(ARTICLE)).await.unwrap();
        let mut options = inputs([("transcript", json!("talk"))]);
        options.model = Some(format!("{provider}/some-model"));
        options.unattended = true;
        let run = engine.run_start(saved.workflow.id, options).await.unwrap();
        let rest = engine.run_rest(run).await.unwrap();
        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded), "{provider}");

        let summary = store.run_fetch(run).await.unwrap();
        assert_eq!(summary.calls as usize, server.calls().len(), "{provider}");
        let count = |query: &str| branchline_persistence::testing::query_number(store.path(), query).unwrap();
        let uncounted =
            "SELECT count(*) FROM step_attempts WHERE calls > 0 AND (input_tokens = 0 OR output_tokens = 0)";
        assert_eq!(count(uncounted), 0, "{provider}: every call says what it used");
        let models = format!("SELECT count(*) FROM step_attempts WHERE model = '{provider}/some-model'");
        assert_eq!(count(&models) as usize, server.calls().len(), "{provider}");
        for file in ["test.db", "test.db-wal"] {
            let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
            let leaks = bytes.windows(9).any(|window| window == b"sk-canary");
            assert!(!leaks, "{provider}: the key is in the database");
        }
    }
}
