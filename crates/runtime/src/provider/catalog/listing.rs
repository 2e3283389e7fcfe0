//! What `models list` shows.

use serde::Serialize;

use super::super::ModelTarget;
use super::ModelCatalog;

/// One target of an alias, or a provider without an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelEntry {
    /// The alias; `None` for a provider that is only named as `provider/model`.
    pub alias: Option<String>,
    /// From 1, the place in the alias's chain; 0 without an alias.
    pub position: usize,
    /// `provider/model`; `provider/…` without an alias.
    pub target: String,
    /// The wire format; `None` when the project has no such provider.
    pub kind: Option<&'static str>,
    /// Where it lives; empty for providers inside the program.
    pub base_url: String,
    /// The variable that holds the key; `None` when no key is sent.
    pub key_env: Option<String>,
    /// Whether that variable is set, or none is needed.
    pub is_ready: bool,
}

impl ModelCatalog {
    /// All aliases with their chains, then all providers, by name.
    pub fn list(&self) -> Vec<ModelEntry> {
        let of_aliases = self.aliases.iter().flat_map(|(alias, chain)| {
            chain.iter().enumerate().map(move |(index, target)| {
                self.entry(Some(alias), index + 1, &target.provider, target.to_string())
            })
        });
        let of_providers = self.providers.keys().map(|name| self.entry(None, 0, name, format!("{name}/…")));
        of_aliases.chain(of_providers).collect()
    }

    /// The variable that a target needs its key in, if it is not set.
    pub fn missing_key(&self, target: &ModelTarget) -> Option<&str> {
        let slot = self.providers.get(&target.provider).filter(|slot| !slot.is_key_set)?;
        slot.settings.key_env.as_deref()
    }

    fn entry(&self, alias: Option<&String>, position: usize, provider: &str, target: String) -> ModelEntry {
        let slot = self.providers.get(provider);
        let settings = slot.map(|slot| &slot.settings);
        let key_env = settings.and_then(|settings| settings.key_env.clone());
        ModelEntry {
            alias: alias.cloned(),
            position,
            target,
            kind: settings.map(|settings| settings.kind.name()),
            base_url: settings.map(|settings| settings.base_url.clone()).unwrap_or_default(),
            is_ready: slot.is_some_and(|slot| slot.is_key_set || key_env.is_none()),
            key_env,
        }
    }
}
