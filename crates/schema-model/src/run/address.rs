//! The address of a step run: the same text in the terminal, the API, events and errors.
//!
//! `analysis.judge/3~2` is section `analysis`, step `judge`, branch 3, attempt 2. Branches nest by further numbers:
//! `write.draft/2/1`. In full, `write/2+3.judge/4/1@bold.2~2` is element 2 of section `write`, its turn 3, and of branch
//! 4/1 of `judge` the second sample of variant `bold`. Addresses need no quoting in a shell and no escaping in a URL path.

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

/// One candidate of a step with variants or samples.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CandidateAddress {
    /// The variant; `None` when there are only samples.
    pub variant: Option<String>,
    /// The sample, from 1; `None` when there is one of each variant.
    pub sample: Option<u32>,
}

/// A step, one of its branches, or one attempt of that.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRunAddress {
    /// Slug of the section.
    pub section: String,
    /// The element of a section that runs for each element of a list.
    pub element: Option<u32>,
    /// The turn of a section that repeats.
    pub turn: Option<u32>,
    /// Slug of the step.
    pub step: String,
    /// The branch inside the section run, candidates left out; the root names the step in all its branches.
    pub path: BranchPath,
    /// One candidate.
    pub candidate: Option<CandidateAddress>,
    /// One attempt, from 1.
    pub attempt: Option<u32>,
}

impl StepRunAddress {
    /// The section with its element and turn: `write/2+3`.
    pub fn section_run(&self) -> String {
        section_run_address(&self.section, self.element, self.turn)
    }
}

/// The text of a section run: `write`, `write/2` (element), `write+3` (turn), `write/2+3`.
pub fn section_run_address(section: &str, element: Option<u32>, turn: Option<u32>) -> String {
    let element = element.map(|number| format!("/{number}")).unwrap_or_default();
    let turn = turn.map(|number| format!("+{number}")).unwrap_or_default();
    format!("{section}{element}{turn}")
}

impl fmt::Display for CandidateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.variant, self.sample) {
            (Some(variant), Some(sample)) => write!(f, "@{variant}.{sample}"),
            (Some(variant), None) => write!(f, "@{variant}"),
            (None, Some(sample)) => write!(f, "@{sample}"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for StepRunAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.section_run(), self.step)?;
        if self.path.depth() > 0 {
            write!(f, "/{}", self.path)?;
        }
        if let Some(candidate) = &self.candidate {
            write!(f, "{candidate}")?;
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
        parse(text).ok_or_else(|| ParseAddressError { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<StepRunAddress> {
    let (rest, attempt) = split_number(text, '~')?;
    let (section, step) = rest.split_once('.')?;
    let (section, turn) = split_number(section, '+')?;
    let (section, element) = split_number(section, '/')?;
    let (step, candidate) = match step.split_once('@') {
        Some((step, candidate)) => (step, Some(parse_candidate(candidate)?)),
        None => (step, None),
    };
    let (step, path) = step.split_once('/').unwrap_or((step, ""));
    if section.is_empty() || step.is_empty() {
        return None;
    }
    Some(StepRunAddress {
        section: section.to_owned(),
        element,
        turn,
        step: step.to_owned(),
        path: path.parse().ok()?,
        candidate,
        attempt,
    })
}

/// What stands before a mark, and the number from 1 after it; `None` when something else stands there.
fn split_number(text: &str, mark: char) -> Option<(&str, Option<u32>)> {
    match text.split_once(mark) {
        Some((rest, number)) => Some((rest, Some(number.parse().ok().filter(|number| *number > 0)?))),
        None => Some((text, None)),
    }
}

/// `bold.2`, `bold` or `2`.
fn parse_candidate(text: &str) -> Option<CandidateAddress> {
    let (name, sample) = split_number(text, '.')?;
    if name.is_empty() {
        return None;
    }
    match (name.parse::<u32>(), sample) {
        (Ok(0), _) | (Ok(_), Some(_)) => None,
        (Ok(sample), None) => Some(CandidateAddress { variant: None, sample: Some(sample) }),
        (Err(_), sample) => Some(CandidateAddress { variant: Some(name.to_owned()), sample }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in [
            "analysis.judge",
            "analysis.judge/3",
            "write.judge/4/1~2",
            "a.b~1",
            "write/2.judge",
            "write+3.judge",
            "publish.title-ideas@bold.2",
            "publish.title-ideas@bold",
            "publish.title-ideas/1@2",
            "write/2+3.judge/4/1@bold.2~2",
        ] {
            assert_eq!(text.parse::<StepRunAddress>().unwrap().to_string(), text);
        }
        for text in [
            "", "judge", "a.", ".b", "a.b/0", "a.b/x", "a.b~x", "a.b~0", "a/0.b", "a+x.b", "a.b@", "a.b@0",
            "a.b@1.2",
        ] {
            assert!(text.parse::<StepRunAddress>().is_err(), "{text}");
        }
    }
}
