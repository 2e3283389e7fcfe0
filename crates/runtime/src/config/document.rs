//! The project file as TOML: unknown keys refused, bounds checked, then turned into settings.

use std::collections::BTreeMap;

use branchline_schema_model::limits;
use branchline_schema_model::name::nearest;
use branchline_schema_model::run::ErrorClass;
use serde::Deserialize;

use super::price::{Price, PricesTable};
use super::{ConfigError, LimitsConfig, ProjectConfig, ProviderConfig, ProviderKind};
use crate::provider::ModelTarget;
use crate::provider::mock::{MOCK_PROVIDER, MockConfig};

/// The longest wait a project file can ask for, in milliseconds: a day.
const WAIT_MS_MAX: u64 = 86_400_000;

/// The largest bound of a minute, above what any account allows.
const PER_MINUTE_MAX: u64 = 1_000_000_000;

/// The longest latency of the mock model, in milliseconds.
const MOCK_LATENCY_MS_MAX: u64 = 600_000;

/// The context of a model in tokens: less holds no prompt, more holds every library.
const CONTEXT_TOKENS_MIN: u64 = 128;
const CONTEXT_TOKENS_MAX: u64 = 1_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    database: Option<String>,
    #[serde(default)]
    models: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    providers: BTreeMap<String, Provider>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    mock: Mock,
    #[serde(default)]
    prices: PricesTable,
    #[serde(default)]
    context: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected \"provider/model\" or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    kind: Option<String>,
    base_url: Option<String>,
    key_env: Option<String>,
    parallel_calls: Option<u32>,
    requests_per_minute: Option<u32>,
    tokens_per_minute: Option<u32>,
    idle_timeout_ms: Option<u64>,
    connect_timeout_ms: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    parallel_calls: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mock {
    seed: Option<u64>,
    latency_ms: Option<[u64; 2]>,
    answers: Option<String>,
    #[serde(default)]
    fail: BTreeMap<String, Vec<String>>,
}

/// What is wrong, and what to do about it.
struct Problem(String, Option<String>);

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self(message, None)
    }
}

pub(super) fn parse(text: &str, file_name: &str) -> Result<ProjectConfig, ConfigError> {
    if text.len() > limits::DEFINITION_BYTES_MAX {
        let message = format!("is larger than {} bytes", limits::DEFINITION_BYTES_MAX);
        return Err(ConfigError { file_name: file_name.to_owned(), line: None, message, hint: None });
    }
    let document: Document = toml::from_str(text).map_err(|error| syntax_error(text, file_name, &error))?;
    document.into_config().map_err(|Problem(message, hint)| ConfigError {
        file_name: file_name.to_owned(),
        line: None,
        message,
        hint,
    })
}

fn syntax_error(text: &str, file_name: &str, error: &toml::de::Error) -> ConfigError {
    let line = error
        .span()
        .map(|span| text.as_bytes()[..span.start.min(text.len())].split(|byte| *byte == b'\n').count());
    let (message, hint) = match unknown_key(error.message()) {
        Some((key, known)) => (format!("unknown key `{key}`"), Some(key_hint(key, &known))),
        None => (error.message().trim_end().replace('\n', ", "), None),
    };
    ConfigError { file_name: file_name.to_owned(), line, message, hint }
}

/// Takes apart serde's words ``unknown field `a`, expected one of `b`, `c` ``.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut names = message.strip_prefix("unknown field `")?.split('`').step_by(2);
    Some((names.next()?, names.filter(|name| !name.is_empty()).collect()))
}

fn key_hint(key: &str, known: &[&str]) -> String {
    match nearest(key, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the keys here are `{}`", known.join("`, `")),
    }
}

impl Document {
    fn into_config(self) -> Result<ProjectConfig, Problem> {
        let models = self
            .models
            .into_iter()
            .map(|(alias, chain)| chain.into_targets(&alias).map(|targets| (alias, targets)));
        let providers = self
            .providers
            .into_iter()
            .map(|(name, entry)| entry.into_config(&name).map(|config| (name, config)));
        let parallel_calls = self.limits.parallel_calls;
        bounded(
            "limits.parallel_calls",
            parallel_calls.map(u64::from),
            1,
            limits::PARALLEL_CALLS_MAX.into(),
        )?;
        Ok(ProjectConfig {
            database: self.database,
            models: models.collect::<Result<_, _>>()?,
            providers: providers.collect::<Result<_, _>>()?,
            limits: LimitsConfig { parallel_calls },
            mock: self.mock.into_config()?,
            prices: prices(self.prices)?,
            context_tokens: contexts(self.context)?,
        })
    }
}

fn prices(table: PricesTable) -> Result<BTreeMap<ModelTarget, Price>, Problem> {
    let PricesTable { as_of, models } = table;
    let of_model = |(name, entry): (String, super::price::PriceEntry)| {
        let target = named_target("prices", &name)?;
        if target.provider == MOCK_PROVIDER {
            return Err(Problem(format!("`prices` names `{name}`, which costs nothing"), None));
        }
        let price = entry.into_price(&name, as_of.as_ref()).map_err(|message| {
            let hint = "write `as_of = 2026-09-01` in `[prices]`: the day you looked the prices up";
            Problem(message.clone(), message.ends_with("`as_of`").then(|| hint.to_owned()))
        })?;
        Ok((target, price))
    };
    models.into_iter().map(of_model).collect()
}

fn contexts(table: BTreeMap<String, u64>) -> Result<BTreeMap<ModelTarget, u64>, Problem> {
    let of_model = |(name, tokens): (String, u64)| {
        bounded(&format!("context.\"{name}\""), Some(tokens), CONTEXT_TOKENS_MIN, CONTEXT_TOKENS_MAX)?;
        Ok((named_target("context", &name)?, tokens))
    };
    table.into_iter().map(of_model).collect()
}

/// The model that a key of a table names.
fn named_target(table: &str, name: &str) -> Result<ModelTarget, Problem> {
    ModelTarget::parse(name).ok_or_else(|| {
        let hint = "write `\"provider/model\"`, not an alias: an alias may stand for another model tomorrow";
        Problem(format!("`{table}` names `{name}`, which is not a model"), Some(hint.to_owned()))
    })
}

impl OneOrMany {
    fn into_targets(self, alias: &str) -> Result<Vec<ModelTarget>, Problem> {
        if alias == MOCK_PROVIDER || alias.contains('/') {
            let message = format!("`{alias}` cannot be the alias of a model");
            let hint = "an alias has no `/`, and `mock` always is the built-in mock model";
            return Err(Problem(message, Some(hint.to_owned())));
        }
        let texts = match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        };
        if texts.is_empty() {
            return Err(format!("`models.{alias}` names no model").into());
        }
        let target = |text: String| {
            ModelTarget::parse(&text).ok_or_else(|| {
                let message = format!("`models.{alias}` is `{text}`, which is not a model");
                Problem(message, Some("write it as `provider/model`, such as `openai/gpt-5-mini`".to_owned()))
            })
        };
        texts.into_iter().map(target).collect()
    }
}

impl Provider {
    fn into_config(self, name: &str) -> Result<ProviderConfig, Problem> {
        let key = |key: &str| format!("providers.{name}.{key}");
        if name.is_empty() || name.contains('/') {
            return Err(format!("`{name}` cannot be the name of a provider").into());
        }
        let mut config = self.base(name)?;
        if let Some(base_url) = self.base_url {
            config.base_url = checked_base_url(&key("base_url"), &base_url)?;
        }
        if let Some(variable) = self.key_env {
            config.key_env = checked_variable(&key("key_env"), variable)?;
        }
        bounded(
            &key("parallel_calls"),
            self.parallel_calls.map(u64::from),
            1,
            limits::PARALLEL_CALLS_MAX.into(),
        )?;
        for (name, bound) in
            [("requests_per_minute", self.requests_per_minute), ("tokens_per_minute", self.tokens_per_minute)]
        {
            bounded(&key(name), bound.map(u64::from), 1, PER_MINUTE_MAX)?;
        }
        bounded(&key("idle_timeout_ms"), self.idle_timeout_ms, 1, WAIT_MS_MAX)?;
        bounded(&key("connect_timeout_ms"), self.connect_timeout_ms, 1, WAIT_MS_MAX)?;
        config.parallel_calls = self.parallel_calls.unwrap_or(config.parallel_calls);
        config.requests_per_minute = self.requests_per_minute.or(config.requests_per_minute);
        config.tokens_per_minute = self.tokens_per_minute.or(config.tokens_per_minute);
        config.idle_timeout_ms = self.idle_timeout_ms.unwrap_or(config.idle_timeout_ms);
        config.connect_timeout_ms = self.connect_timeout_ms.unwrap_or(config.connect_timeout_ms);
        Ok(config)
    }

    /// What the entry builds on: the built-in provider of that name, else the kind alone. The key of a built-in
    /// provider never follows to another name, so that it is not sent to another host unasked.
    fn base(&self, name: &str) -> Result<ProviderConfig, Problem> {
        let kind = match self.kind.as_deref() {
            Some(text) => Some(parse_kind(name, text)?),
            None => None,
        };
        match (ProviderConfig::built_in(name), kind) {
            (Some(base), None) => Ok(base),
            (Some(base), Some(kind)) if base.kind == kind => Ok(base),
            (Some(base), Some(kind)) => {
                let message =
                    format!("`providers.{name}.kind` is `{kind}`, but `{name}` speaks `{}`", base.kind);
                Err(Problem(message, Some("give a provider of another kind another name".to_owned())))
            }
            (None, Some(kind)) => Ok(ProviderConfig::new(kind)),
            (None, None) => {
                let hint = nearest(name, ProviderConfig::BUILT_IN).map_or_else(
                    || {
                        "say `kind = \"openai\"`, `\"anthropic\"` or `\"gemini\"`: the wire format it speaks"
                            .to_owned()
                    },
                    |known| format!("did you mean `{known}`? Otherwise say which `kind` it is"),
                );
                Err(Problem(format!("`providers.{name}` has no `kind`"), Some(hint)))
            }
        }
    }
}

fn parse_kind(name: &str, text: &str) -> Result<ProviderKind, Problem> {
    ProviderKind::NAMED.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
        let names = ProviderKind::NAMED.map(ProviderKind::name);
        Problem(format!("`providers.{name}.kind` is `{text}`"), Some(key_hint(text, &names)))
    })
}

/// The URL without a slash at its end.
pub(crate) fn checked_base_url(what: &str, text: &str) -> Result<String, String> {
    let url = reqwest::Url::parse(text).map_err(|error| format!("`{what}` is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{what}` has to begin with `https://` or `http://`"));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(format!("`{what}` must hold no user, password, query or fragment"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The name of a variable; the empty text means that no key is sent.
fn checked_variable(what: &str, text: String) -> Result<Option<String>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_name = text
        .chars()
        .all(|character| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_');
    if is_name {
        return Ok(Some(text));
    }
    // The text is not repeated: it may be a key that was pasted here.
    let hint =
        "set the key in the environment and name the variable here, such as `OPENAI_API_KEY`".to_owned();
    Err(Problem(format!("`{what}` is not the name of an environment variable"), Some(hint)))
}

impl Mock {
    fn into_config(self) -> Result<MockConfig, Problem> {
        if let Some([low, high]) = self.latency_ms {
            bounded("mock.latency_ms", Some(high), low, MOCK_LATENCY_MS_MAX)?;
        }
        let mut fail = BTreeMap::new();
        for (address, names) in self.fail {
            let class = |name: String| {
                name.parse::<ErrorClass>().map_err(|message| class_problem(&address, &name, &message))
            };
            let classes = names.into_iter().map(class).collect::<Result<Vec<_>, _>>()?;
            fail.insert(address, classes);
        }
        Ok(MockConfig {
            seed: self.seed.unwrap_or_default(),
            latency_ms: self.latency_ms.map(|[low, high]| (low, high)),
            fail,
            answers_file: self.answers,
            ..MockConfig::default()
        })
    }
}

fn class_problem(address: &str, name: &str, message: &str) -> Problem {
    let names: Vec<_> = ErrorClass::ALL.iter().map(|class| class.name()).collect();
    Problem(format!("`mock.fail.\"{address}\"`: {message}"), Some(key_hint(name, &names)))
}

fn bounded(what: &str, value: Option<u64>, min: u64, max: u64) -> Result<(), Problem> {
    match value {
        Some(value) if value < min || value > max => {
            Err(format!("`{what}` is {value}; it has to be from {min} to {max}").into())
        }
        _ => Ok(()),
    }
}
