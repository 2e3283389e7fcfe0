//! The address of a step run: the same text in the terminal, the API, events and errors.
//!
//! `analysis.judge/3~2` is section `analysis`, step `judge`, branch 3, attempt 2. Branches nest by further numbers:
//! `write.draft/2/1`. Addresses need no quoting in a shell and no escaping in a URL path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The way to a branch: one number per level, from 1, outermost first; empty outside any fan-out.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchPath(Vec<u32>);

impl BranchPath {
    /// The place outside any fan-out.
    pub const ROOT: Self = Self(Vec::new());

    /// From the numbers of each level.
    pub const fn new(numbers: Vec<u32>) -> Self {
        Self(numbers)
    }

    /// The numbers of each level.
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }

    /// How many levels deep.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// The branch `number` below this one.
    #[must_use]
    pub fn child(&self, number: u32) -> Self {
        let mut numbers = Vec::with_capacity(self.0.len() + 1);
        numbers.extend_from_slice(&self.0);
        numbers.push(number);
        Self(numbers)
    }

    /// The first `depth` levels.
    #[must_use]
    pub fn prefix(&self, depth: usize) -> Self {
        Self(self.0[..depth.min(self.0.len())].to_vec())
    }

    /// Whether this path is `ancestor` or below it.
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        self.0.starts_with(&ancestor.0)
    }

    /// The number under the parent branch, which is `step_runs.branch_number`: 0 outside any fan-out.
    pub fn branch_number(&self) -> u32 {
        self.0.last().copied().unwrap_or(0)
    }
}

/// `2/1`; empty at the root. The text of `step_runs.branch_path`.
impl fmt::Display for BranchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (level, number) in self.0.iter().enumerate() {
            if level > 0 {
                f.write_str("/")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

impl FromStr for BranchPath {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        if text.is_empty() {
            return Ok(Self::ROOT);
        }
        text.split('/')
            .map(|number| number.parse().ok().filter(|number| *number > 0))
            .collect::<Option<_>>()
            .map(Self)
            .ok_or_else(|| ParseAddressError { text: text.to_owned() })
    }
}

/// The text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address such as `section.step/branch~attempt`")]
pub struct ParseAddressError {
    text: String,
}

/// A step, one of its branches, or one attempt of that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRunAddress {
    /// Slug of the section.
    pub section: String,
    /// Slug of the step.
    pub step: String,
    /// The branch; the root names the step in all its branches.
    pub path: BranchPath,
    /// One attempt, from 1.
    pub attempt: Option<u32>,
}

impl fmt::Display for StepRunAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.section, self.step)?;
        if self.path.depth() > 0 {
            write!(f, "/{}", self.path)?;
        }
        match self.attempt {
            Some(attempt) => write!(f, "~{attempt}"),
            None => Ok(()),
        }
    }
}

impl FromStr for StepRunAddress {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let error = || ParseAddressError { text: text.to_owned() };
        let (rest, attempt) = match text.split_once('~') {
            Some((rest, attempt)) => (rest, Some(attempt.parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let (step, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (section, step) = step.split_once('.').ok_or_else(error)?;
        if section.is_empty() || step.is_empty() {
            return Err(error());
        }
        Ok(Self { section: section.to_owned(), step: step.to_owned(), path: path.parse()?, attempt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in ["analysis.judge", "analysis.judge/3", "write.judge/4/1~2", "a.b~1"] {
            assert_eq!(text.parse::<StepRunAddress>().unwrap().to_string(), text);
        }
        for text in ["", "judge", "a.", ".b", "a.b/0", "a.b/x", "a.b~x"] {
            assert!(text.parse::<StepRunAddress>().is_err(), "{text}");
        }
    }
}
