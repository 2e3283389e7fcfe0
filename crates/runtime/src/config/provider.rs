//! Providers: which wire format they speak, where they live, and the variable that holds their key.

use std::fmt;

use branchline_schema_model::limits::PARALLEL_CALLS_MAX;

/// The wire format of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// Chat Completions of OpenAI, spoken by most servers.
    OpenAi,
    /// Messages of Anthropic.
    Anthropic,
    /// GenerateContent of Google.
    Gemini,
    /// The built-in model that calls nobody.
    Mock,
    /// One that the embedding program brought along.
    Custom,
}

impl ProviderKind {
    /// The kinds a project file can name.
    pub const NAMED: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Mock];

    /// The text in the project file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Mock => "mock",
            Self::Custom => "custom",
        }
    }

    /// Where it lives when nothing is said.
    pub(super) const fn base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta",
            Self::Mock | Self::Custom => "",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Calls in flight to one provider when nothing is said: below the burst limits of paid accounts, enough for local servers.
const PROVIDER_PARALLEL_CALLS_DEFAULT: u32 = 32;

/// Silence on an open call when nothing is said. Models that think long send nothing meanwhile.
const IDLE_TIMEOUT_MS_DEFAULT: u64 = 120_000;

/// Time to connect when nothing is said.
const CONNECT_TIMEOUT_MS_DEFAULT: u64 = 10_000;

/// How to reach one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Its wire format.
    pub kind: ProviderKind,
    /// Where it lives, without a slash at the end.
    pub base_url: String,
    /// The environment variable that holds the key; `None` sends none.
    pub key_env: Option<String>,
    /// Calls in flight at one time, shared by all runs of the process.
    pub parallel_calls: u32,
    /// Requests a minute, shared by all runs of the process; `None` for no bound.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, sent and received, shared by all runs of the process; `None` for no bound.
    pub tokens_per_minute: Option<u32>,
    /// The longest silence of an open call, in milliseconds.
    pub idle_timeout_ms: u64,
    /// The longest time to connect, in milliseconds.
    pub connect_timeout_ms: u64,
}

impl ProviderConfig {
    /// The names that need no entry in the project file.
    pub const BUILT_IN: [&str; 6] = ["openai", "anthropic", "gemini", "ollama", "openrouter", "mock"];

    /// A provider of this kind at its usual place, without a key.
    pub fn new(kind: ProviderKind) -> Self {
        Self {
            kind,
            base_url: kind.base_url().to_owned(),
            key_env: None,
            parallel_calls: match kind {
                // Calls nobody, or is bounded by whoever brought it along.
                ProviderKind::Mock | ProviderKind::Custom => PARALLEL_CALLS_MAX,
                _ => PROVIDER_PARALLEL_CALLS_DEFAULT,
            },
            requests_per_minute: None,
            tokens_per_minute: None,
            idle_timeout_ms: IDLE_TIMEOUT_MS_DEFAULT,
            connect_timeout_ms: CONNECT_TIMEOUT_MS_DEFAULT,
        }
    }

    /// The provider of a name that needs no entry.
    pub fn built_in(name: &str) -> Option<Self> {
        let with_key = |kind, variable: &str| Self { key_env: Some(variable.to_owned()), ..Self::new(kind) };
        Some(match name {
            "openai" => with_key(ProviderKind::OpenAi, "OPENAI_API_KEY"),
            "anthropic" => with_key(ProviderKind::Anthropic, "ANTHROPIC_API_KEY"),
            "gemini" => with_key(ProviderKind::Gemini, "GEMINI_API_KEY"),
            "openrouter" => Self {
                base_url: "https://openrouter.ai/api/v1".to_owned(),
                ..with_key(ProviderKind::OpenAi, "OPENROUTER_API_KEY")
            },
            "ollama" => {
                Self { base_url: "http://127.0.0.1:11434/v1".to_owned(), ..Self::new(ProviderKind::OpenAi) }
            }
            "mock" => Self::new(ProviderKind::Mock),
            _ => return None,
        })
    }
}
