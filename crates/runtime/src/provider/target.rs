//! `provider/model`: which model, and who is asked for it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::mock::MOCK_PROVIDER;

/// One model of one provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelTarget {
    /// The provider's name in the project.
    pub provider: String,
    /// The provider's name of the model; it may hold further slashes.
    pub model: String,
}

impl ModelTarget {
    /// Reads `provider/model`, or the bare `mock`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (provider, model) = match text.split_once('/') {
            Some(parts) => parts,
            None if text == MOCK_PROVIDER => (MOCK_PROVIDER, "default"),
            None => return None,
        };
        let (provider, model) = (provider.trim(), model.trim());
        let is_whole = !provider.is_empty() && !model.is_empty();
        is_whole.then(|| Self { provider: provider.to_owned(), model: model.to_owned() })
    }
}

impl fmt::Display for ModelTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl Serialize for ModelTarget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
