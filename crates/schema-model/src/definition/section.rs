//! A section: an ordered group of steps, and the end of every branch opened in it.

use serde::{Deserialize, Serialize};

use super::flow::{Repeat, Spread};
use super::step::{Step, is_true};

/// A section in authored form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Unique within the workflow by its slug.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// `false` switches all its steps off.
    #[serde(default = "super::step::yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// The CEL condition under which its steps run; else they are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Runs the section once per element of a list.
    #[serde(flatten)]
    pub spread: Spread,
    /// Runs the section in turns, inside each element.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// Steps in order.
    pub steps: Vec<Step>,
}

impl Section {
    /// The part of an address that names this section.
    pub fn slug(&self) -> String {
        crate::name::slug(&self.name)
    }
}

impl Default for Section {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            enabled: true,
            when: None,
            spread: Spread::default(),
            repeat: None,
            steps: Vec::new(),
        }
    }
}
