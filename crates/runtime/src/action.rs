//! What steps do: one executor per action, found by name in a registry.

mod answer;
mod contract;
mod gather;
mod prompt;
mod template;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::plan::{Plan, PlanStep, StepIndex};
use branchline_schema_model::run::{BranchPath, Failure, Usage};
use serde_json::Value as Json;

pub use self::gather::GatherExecutor;
pub use self::prompt::PromptExecutor;
pub use self::template::TemplateExecutor;
use crate::prompt::Branch;
use crate::provider::Completer;

/// The executors of the built-in actions that need no person: `prompt`, `template` and `gather`.
pub fn built_in(completer: Arc<dyn Completer>) -> ActionRegistry {
    ActionRegistry::default()
        .with("prompt", Arc::new(PromptExecutor::new(completer)))
        .with("template", Arc::new(TemplateExecutor::default()))
        .with("gather", Arc::new(GatherExecutor))
}

/// One attempt of a step run, with everything it may use. Values are data, never templates.
pub struct StepCall<'a> {
    /// The plan the step belongs to.
    pub plan: &'a Plan,
    /// Which step.
    pub step: StepIndex,
    /// Address of the step run, such as `analysis.judge/3`.
    pub address: String,
    /// Its branch.
    pub path: BranchPath,
    /// For each level of `path`, how many branches there are.
    pub branch_counts: Vec<u32>,
    /// From 1.
    pub attempt: u32,
    /// The attempt's id, for idempotency keys.
    pub attempt_id: StepAttemptId,
    /// Values by template name. A missing optional value has no entry.
    pub inputs: BTreeMap<String, Json>,
    /// A model that replaces the step's own (`--model`).
    pub model: Option<String>,
    /// Receives the text of a model's answer piece by piece.
    pub on_token: &'a mut (dyn FnMut(&str) + Send),
}

impl StepCall<'_> {
    /// The step itself.
    pub fn plan_step(&self) -> &PlanStep {
        self.plan.step(self.step)
    }

    /// The innermost branch it is in.
    pub fn branch(&self) -> Option<Branch> {
        let number = *self.path.numbers().last()?;
        Some(Branch { number, count: self.branch_counts.last().copied().unwrap_or(number) })
    }
}

/// What is kept of an attempt, whether it succeeded or not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallRecord {
    /// `provider/model` that answered.
    pub model: Option<String>,
    /// Messages and parameters sent, without secrets.
    pub request: Option<Json>,
    /// The answer as text, before parsing.
    pub response: Option<String>,
    /// The provider's name of the request.
    pub provider_request_id: Option<String>,
    /// SHA-256 of the rendered prompt, in hex.
    pub prompt_hash: Option<String>,
    /// Tokens of all calls.
    pub usage: Usage,
    /// Model calls made.
    pub calls: u32,
}

/// The result of an attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepOutput {
    /// Values by attribute name, each already fitting its type. The engine checks them again.
    pub values: BTreeMap<String, Json>,
    /// What is kept of the attempt.
    pub record: CallRecord,
}

/// An attempt that gave no result.
#[derive(Debug, Clone, PartialEq)]
pub struct StepFailure {
    /// Why.
    pub failure: Failure,
    /// What is kept of the attempt.
    pub record: Box<CallRecord>,
}

impl From<Failure> for StepFailure {
    fn from(failure: Failure) -> Self {
        Self { failure, record: Box::default() }
    }
}

/// Performs one kind of step. Implement it to add an action of your own.
#[async_trait]
pub trait StepExecutor: Send + Sync {
    /// Whether it changes something outside, so that it must not run before all steps ahead of it ended well.
    fn is_effect(&self) -> bool {
        false
    }

    /// Whether an attempt counts against the bound on parallel calls.
    fn takes_slot(&self) -> bool {
        true
    }

    /// Performs one attempt. It may be called again after a failure or a crash of the process.
    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure>;
}

/// Executors by action name.
#[derive(Clone, Default)]
pub struct ActionRegistry {
    executors: BTreeMap<String, Arc<dyn StepExecutor>>,
}

impl ActionRegistry {
    /// Adds an executor, or replaces the one of that name.
    #[must_use]
    pub fn with(mut self, action: impl Into<String>, executor: Arc<dyn StepExecutor>) -> Self {
        self.executors.insert(action.into(), executor);
        self
    }

    /// The executor of an action.
    pub fn get(&self, action: &str) -> Option<&Arc<dyn StepExecutor>> {
        self.executors.get(action)
    }

    /// The names of all registered actions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.executors.keys().map(String::as_str)
    }
}
