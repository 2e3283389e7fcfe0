//! What steps do: one executor per action, found by name in a registry.

mod answer;
mod assertion;
mod contract;
mod gather;
mod prompt;
mod select;
mod template;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::definition::ModelParameters;
use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::plan::{LevelKind, Plan, PlanStep, PlanVariant, StepIndex};
use branchline_schema_model::run::{BranchPath, Failure, Usage};
use serde_json::Value as Json;

pub(crate) use self::assertion::broken_asserts;
pub use self::gather::GatherExecutor;
pub use self::prompt::PromptExecutor;
pub use self::select::SelectExecutor;
pub(crate) use self::select::one_branch;
pub use self::template::TemplateExecutor;
use crate::prompt::Branch;
use crate::provider::Completer;

/// The executors of the built-in actions that need no person: `prompt`, `template`, `gather` and `select`.
pub fn built_in(completer: Arc<dyn Completer>) -> ActionRegistry {
    ActionRegistry::default()
        .with("prompt", Arc::new(PromptExecutor::new(completer)))
        .with("template", Arc::new(TemplateExecutor::default()))
        .with("gather", Arc::new(GatherExecutor))
        .with("select", Arc::new(SelectExecutor))
}

/// JSON Schema of a step's answer, as providers get it; `None` asks for plain text.
pub fn output_schema(plan: &Plan, step: StepIndex) -> Option<Json> {
    contract::Contract::of_step(plan, step).schema()
}

/// One attempt of a step run, with everything it may use. Values are data, never templates.
pub struct StepCall<'a> {
    /// The plan the step belongs to.
    pub plan: &'a Plan,
    /// Which step.
    pub step: StepIndex,
    /// Address of the step run, such as `analysis.judge/3`.
    pub address: String,
    /// The number of each level it lives in.
    pub path: BranchPath,
    /// The innermost branch it is in.
    pub branch: Option<Branch>,
    /// From 1.
    pub attempt: u32,
    /// The attempt's id, for idempotency keys.
    pub attempt_id: StepAttemptId,
    /// Values by template name. A missing optional value has no entry.
    pub inputs: BTreeMap<String, Json>,
    /// Options and scores by name, with the branches they come from; for `select` only.
    pub gathered: BTreeMap<String, Vec<BranchValue>>,
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

    /// The variant and the sample (from 1) it is, when its step has candidates.
    pub fn candidate(&self) -> Option<(Option<&PlanVariant>, u32)> {
        let level = self.plan_step().opens.last()?;
        let LevelKind::Candidates(candidates) = &self.plan.level(*level).kind else { return None };
        Some(candidates.at(self.path.branch_number()))
    }

    /// The model to ask: that of the run, of the variant, or of the step.
    pub fn model(&self) -> Option<&str> {
        let variant = self.candidate().and_then(|(variant, _)| variant?.model.as_deref());
        self.model.as_deref().or(variant).or(self.plan_step().model.as_deref())
    }

    /// The parameters for the model: those of the variant, or of the step.
    pub fn parameters(&self) -> &ModelParameters {
        let variant = self.candidate().and_then(|(variant, _)| variant);
        variant.map_or(&self.plan_step().parameters, |variant| &variant.parameters)
    }
}

/// What one branch gave.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchValue {
    /// The branch, with the numbers of section runs.
    pub branch: BranchPath,
    /// Its value; null when its writer failed and that counts as a missing value.
    pub value: Json,
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
    /// Model calls that left; one that found no key or no connection is none.
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

/// The values in a model's answer to a step, by the name of the output they are for: lenient in where they stand and
/// what stands around them, strict in what they are.
///
/// # Errors
///
/// What is wrong with the answer, one sentence each, for the model to read.
pub fn read_answer(plan: &Plan, step: StepIndex, text: &str) -> Result<BTreeMap<String, Json>, Vec<String>> {
    contract::Contract::of_step(plan, step).parse(text)
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
