//! The project file `branchline.toml`: where models live, which names they have here, and the limits of this machine.
//!
//! ```toml
//! database = ".branchline/branchline.db"
//!
//! [models]
//! fast = "openai/gpt-5-mini"
//! strong = ["anthropic/claude-sonnet-4-5", "openai/gpt-5"]   # tried in order
//!
//! [providers.local]
//! kind = "openai"
//! base_url = "http://127.0.0.1:8000/v1"
//! key_env = "LOCAL_API_KEY"                                  # the name of a variable, never the key
//! parallel_calls = 4                                         # at one time, over all runs of the process
//! requests_per_minute = 60                                   # bounds of the account; none unless written
//! tokens_per_minute = 100_000                                # sent and received
//! idle_timeout_ms = 120000
//!
//! [limits]
//! parallel_calls = 16
//!
//! [mock]
//! seed = 7
//! latency_ms = [5, 200]
//! answers = "answers.yaml"
//! fail = { "analysis.judge/4" = ["overloaded", "timeout"] }
//!
//! [prices]                                                   # US dollars per million tokens
//! as_of = 2026-09-01
//! "openai/gpt-5-mini" = { input = 0.25, output = 2.00, cached = 0.025 }
//!
//! [context]                                                  # tokens a model can read
//! "openai/gpt-5-mini" = 400_000
//! ```
//!
//! Definitions only name models; hosts and the names of key variables come from here and from the environment. The
//! providers `openai`, `anthropic`, `gemini`, `ollama`, `openrouter` and `mock` need no entry. The variables
//! `OPENAI_BASE_URL`, `ANTHROPIC_BASE_URL` and so on move a built-in provider and win over the file.

mod document;
mod price;
mod provider;
mod secret;

use std::collections::BTreeMap;
use std::path::Path;

use branchline_schema_model::limits;

pub(crate) use self::document::checked_base_url;
pub use self::price::Price;
pub use self::provider::{ProviderConfig, ProviderKind};
pub use self::secret::Secret;
use crate::provider::ModelTarget;
use crate::provider::mock::{MockAnswers, MockConfig};

/// The name of the project file.
pub const PROJECT_FILE_NAME: &str = "branchline.toml";

/// The settings of a project. [`Default`] is a project without a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProjectConfig {
    /// Path or URL of the database, as written; a path is relative to the folder of the file.
    pub database: Option<String>,
    /// Model aliases: each a chain of targets, tried in order; never empty.
    pub models: BTreeMap<String, Vec<ModelTarget>>,
    /// Providers the file configures, by name; see [`ProjectConfig::provider`] for the built-in ones.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Bounds of this machine.
    pub limits: LimitsConfig,
    /// The built-in mock model.
    pub mock: MockConfig,
    /// What models cost; what is not here is not known, and never free.
    pub prices: BTreeMap<ModelTarget, Price>,
    /// Tokens that models can read in one call.
    pub context_tokens: BTreeMap<ModelTarget, u64>,
}

/// Bounds of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Model calls in flight per run; `None` is [`limits::PARALLEL_CALLS_DEFAULT`].
    pub parallel_calls: Option<u32>,
}

/// A project file that cannot be used. Not worth repeating unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", place(file_name, *line))]
pub struct ConfigError {
    /// The file, as it was named.
    pub file_name: String,
    /// From 1, where one line is at fault.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

fn place(file_name: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file_name.to_owned(), |line| format!("{file_name}:{line}"))
}

impl ProjectConfig {
    /// Reads the text of a project file. `file_name` is used in errors.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        document::parse(text, file_name)
    }

    /// Reads a project file, and the answers of the mock model when it names a file of them.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let mut config = Self::parse(&read_bounded(path)?, &path.display().to_string())?;
        config.read_answers(path.parent().unwrap_or(Path::new("")))?;
        Ok(config)
    }

    /// Reads the answers of the mock model when a file of them is named, from the folder of the project file.
    pub fn read_answers(&mut self, folder: &Path) -> Result<(), ConfigError> {
        if let Some(name) = &self.mock.answers_file {
            let path = folder.join(name);
            self.mock.answers = MockAnswers::parse(&read_bounded(&path)?, &path.display().to_string())?;
        }
        Ok(())
    }

    /// These settings, and those of `fallback` where these say nothing: aliases, providers, prices and contexts one by one, the mock
    /// model as a whole.
    #[must_use]
    pub fn or(mut self, fallback: Self) -> Self {
        for (alias, chain) in fallback.models {
            self.models.entry(alias).or_insert(chain);
        }
        for (name, provider) in fallback.providers {
            self.providers.entry(name).or_insert(provider);
        }
        for (model, price) in fallback.prices {
            self.prices.entry(model).or_insert(price);
        }
        for (model, tokens) in fallback.context_tokens {
            self.context_tokens.entry(model).or_insert(tokens);
        }
        self.database = self.database.or(fallback.database);
        self.limits.parallel_calls = self.limits.parallel_calls.or(fallback.limits.parallel_calls);
        if self.mock == MockConfig::default() {
            self.mock = fallback.mock;
        }
        self
    }

    /// The settings of a provider: its entry, or the built-in one of that name.
    pub fn provider(&self, name: &str) -> Option<ProviderConfig> {
        self.providers.get(name).cloned().or_else(|| ProviderConfig::built_in(name))
    }

    /// The model a name stands for: the first of an alias's chain, or what the name itself says.
    pub fn first_target(&self, name: &str) -> Option<ModelTarget> {
        self.models.get(name).and_then(|chain| chain.first().cloned()).or_else(|| ModelTarget::parse(name))
    }

    /// Tokens that models can read, by every name that a definition can call them.
    pub fn contexts_by_name(&self) -> BTreeMap<String, u64> {
        let of_target = |target: &ModelTarget| self.context_tokens.get(target).copied();
        let targets = self.context_tokens.iter().map(|(target, tokens)| (target.to_string(), *tokens));
        let aliases = self
            .models
            .iter()
            .filter_map(|(alias, chain)| Some((alias.clone(), chain.first().and_then(of_target)?)));
        targets.chain(aliases).collect()
    }

    /// What a model costs; `None` when nobody said it.
    pub fn price(&self, model: &ModelTarget) -> Option<Price> {
        let is_mock =
            self.provider(&model.provider).is_some_and(|provider| provider.kind == ProviderKind::Mock);
        if is_mock { Some(Price::FREE) } else { self.prices.get(model).cloned() }
    }
}

fn read_bounded(path: &Path) -> Result<String, ConfigError> {
    let problem = |message: String| ConfigError {
        file_name: path.display().to_string(),
        line: None,
        message,
        hint: None,
    };
    let size = std::fs::metadata(path).map_err(|error| problem(format!("cannot be read: {error}")))?.len();
    if size > limits::DEFINITION_BYTES_MAX as u64 {
        return Err(problem(format!("is larger than {} bytes", limits::DEFINITION_BYTES_MAX)));
    }
    std::fs::read_to_string(path).map_err(|error| problem(format!("cannot be read: {error}")))
}

#[cfg(test)]
mod tests;
