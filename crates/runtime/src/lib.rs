//! The engine of Branchline: it takes a plan and a store, and drives runs to their end.
//!
//! Three things are kept apart. The [`machine`] decides: a pure state machine from inputs to changes and commands,
//! without clock, ids, database or async. The `scheduler` owns runs: it feeds the machine, commits what it decided,
//! and only then performs the commands. [`action`] and [`provider`] do the work outside: render, call models, call
//! registered actions.
//!
//! ```text
//!            inputs                    changes + events              commands (after the commit)
//!  people ──▶ scheduler ──▶ machine ──▶ store (one commit) ──▶ action ──▶ provider ──▶ model
//!                 ▲                                               │
//!                 └────────────────── result ─────────────────────┘
//! ```
//!
//! # Example
//!
//! A workflow defined in Rust, with an action of its own, run on a database file and read back. No command line, no
//! files, and a model that needs no key.
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use branchline_persistence::{Database, DatabaseUrl, OpenOptions};
//! use branchline_runtime::action::{StepCall, StepExecutor, StepFailure, StepOutput, built_in};
//! use branchline_runtime::config::ProjectConfig;
//! use branchline_runtime::engine::{Engine, EngineConfig, RunOptions, RunRest};
//! use branchline_runtime::provider::ModelCatalog;
//! use branchline_schema_model::definition::{Action, Attribute, Section, Step, Workflow};
//! use branchline_schema_model::run::WorkflowRunStatus;
//! use branchline_schema_model::store::{RunReader, ValueFilter};
//! use serde_json::json;
//!
//! /// An action of our own: counts the words of what the step reads.
//! struct CountWords;
//!
//! #[async_trait]
//! impl StepExecutor for CountWords {
//!     async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
//!         let words = call.inputs["summary"].as_str().unwrap_or_default().split_whitespace().count();
//!         let values = [("note".to_owned(), json!(format!("{words} words")))].into();
//!         Ok(StepOutput { values, ..StepOutput::default() })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "multi_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let workflow = Workflow {
//!     name: "summary".into(),
//!     attributes: [("text".to_owned(), Attribute { input: true, ..Attribute::default() })].into(),
//!     sections: vec![Section {
//!         name: "Main".into(),
//!         steps: vec![
//!             Step {
//!                 name: "Summarise".into(),
//!                 enabled: true,
//!                 model: Some("mock".into()),
//!                 prompt: Some("Sum up: {{text}}".into()),
//!                 outputs: vec!["summary".into()],
//!                 ..Step::default()
//!             },
//!             Step {
//!                 name: "Count".into(),
//!                 enabled: true,
//!                 action: Action::Custom("count-words".into()),
//!                 inputs: vec![branchline_schema_model::definition::Input {
//!                     name: "summary".into(),
//!                     attribute: "summary".into(),
//!                     optional: false,
//!                 }],
//!                 outputs: vec!["note".into()],
//!                 ..Step::default()
//!             },
//!         ],
//!         ..Section::default()
//!     }],
//!     ..Workflow::default()
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("runs.db").display().to_string();
//! let url: DatabaseUrl = path.parse()?;
//! let store = Database::open(&url, OpenOptions::default()).await?;
//! let models = ModelCatalog::new(&ProjectConfig::parse("", "branchline.toml")?, |name| std::env::var(name).ok());
//! let actions = built_in(Arc::new(models)).with("count-words", Arc::new(CountWords));
//! let engine = Engine::start(EngineConfig::default(), store.store(), actions);
//!
//! let saved = engine.workflow_save(&workflow).await?;
//! let inputs = [("text".to_owned(), json!("A long story."))].into();
//! let run = engine.run_start(saved.workflow.id, RunOptions { inputs, ..RunOptions::default() }).await?;
//! assert_eq!(engine.run_rest(run).await?, RunRest::Ended(WorkflowRunStatus::Succeeded));
//!
//! let values = store.value_list(run, &ValueFilter::default()).await?;
//! let note = values.iter().find(|value| value.attribute == "note").expect("the step writes it");
//! assert_eq!(note.address, "main.count");
//! assert!(note.value.value.ends_with("words"));
//! # Ok(())
//! # }
//! ```

pub mod action;
mod artifact;
pub mod clock;
mod condition;
pub mod config;
pub mod engine;
pub mod error;
pub mod forecast;
pub mod machine;
#[cfg(not(feature = "simulation"))]
mod planted;
#[cfg(feature = "simulation")]
pub mod planted;
pub mod prompt;
pub mod provider;
mod scheduler;
#[cfg(feature = "simulation")]
pub mod simulation;
#[cfg(feature = "testing")]
pub mod testing;
