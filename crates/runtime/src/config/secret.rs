//! API keys, kept from being shown by accident.

use std::fmt;

/// A key. It has no `Display` and no `Serialize`, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key; surrounding white space, which pasted keys often carry, is dropped. `None` when nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The key itself, for a request header and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the key, for words that came from outside and may repeat it.
    pub fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "[key]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = Secret::new(" sk-canary\n").unwrap();
        assert_eq!(format!("{key:?}"), "Secret(…)");
        assert_eq!(key.redact("wrong key sk-canary"), "wrong key [key]");
        assert!(Secret::new(" ").is_none());
    }
}
