//! The keys of one map: each is asked for by name, and what nobody asked for is an error.

use crate::check::Code;
use crate::definition::document::code;
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};
use crate::definition::source::Span;
use crate::name::nearest;

/// Keys of the language that this version does not build.
const NOT_SUPPORTED: [&str; 8] =
    ["back_to", "budget", "max_turns", "note", "rounds", "tools", "schedule", "webhook"];

/// A map whose keys are being read.
pub(super) struct Fields<'n> {
    /// What the map is, for messages: `step`.
    what: &'static str,
    /// The code of an unknown key.
    unknown: Code,
    pub(super) span: Span,
    left: Vec<&'n Entry>,
    allowed: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The entries of a map; anything else is reported.
    pub(super) fn of(node: &'n Node, what: &'static str, report: &mut Report) -> Option<Self> {
        match &node.value {
            NodeValue::Map(entries) => Some(Self {
                what,
                unknown: code::UNKNOWN_KEY,
                span: node.span.clone(),
                left: entries.iter().collect(),
                allowed: Vec::new(),
            }),
            NodeValue::Broken => None,
            _ => {
                let article = if what.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
                let message = format!("{article} {what} must be a map of keys, found {}", node.kind());
                report.error(code::WRONG_KIND, &node.span, message).fix("write `key: value` lines");
                None
            }
        }
    }

    /// Reports unknown keys under another code.
    pub(super) fn with_unknown(self, unknown: Code) -> Self {
        Self { unknown, ..self }
    }

    /// The entry under a key. Asking makes the key an allowed one.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'n Entry> {
        self.allowed.push(key);
        let at = self.left.iter().position(|entry| entry.key == key)?;
        Some(self.left.remove(at))
    }

    /// The entry under a key that has to be there.
    pub(super) fn need(&mut self, key: &'static str, fix: &str, report: &mut Report) -> Option<&'n Entry> {
        let entry = self.take(key);
        if entry.is_none() {
            let message = format!("this {} has no `{key}`", self.what);
            report.error(code::MISSING_KEY, &self.span, message).fix(fix);
        }
        entry
    }

    /// The entries with keys out of a list, in file order. Asking makes all of them allowed.
    pub(super) fn take_all(&mut self, keys: &[&'static str]) -> Vec<&'n Entry> {
        self.allowed.extend(keys);
        let (taken, left) = self.left.iter().partition(|entry| keys.contains(&entry.key.as_str()));
        self.left = left;
        taken
    }

    /// Every entry that is left, for maps whose keys the author chooses.
    pub(super) fn take_rest(&mut self) -> Vec<&'n Entry> {
        std::mem::take(&mut self.left)
    }

    /// Reports every key nobody asked for.
    pub(super) fn finish(mut self, report: &mut Report) {
        self.allowed.sort_unstable();
        self.allowed.dedup();
        for entry in &self.left {
            let (key, what) = (entry.key.as_str(), self.what);
            if NOT_SUPPORTED.contains(&key) && what != "front matter" {
                let message = if matches!(key, "for_each" | "gather" | "parallel") {
                    format!("`{key}` on a {what} is not supported by this version")
                } else {
                    format!("`{key}` is not supported by this version")
                };
                report.error(code::NOT_SUPPORTED, &entry.key_span, message).fix(format!("remove `{key}`"));
                continue;
            }
            let allowed = self.allowed.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let fix = match nearest(key, self.allowed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? Allowed keys: {allowed}"),
                None => format!("allowed keys: {allowed}"),
            };
            report
                .error(self.unknown, &entry.key_span, format!("unknown key `{key}` in this {what}"))
                .fix(fix);
        }
    }
}
