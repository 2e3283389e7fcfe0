//! A section: an ordered group of steps, and the end of every branch opened in it.

use serde::{Deserialize, Serialize};

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
    /// Steps in order.
    pub steps: Vec<Step>,
}

impl Section {
    /// The part of an address that names this section.
    pub fn slug(&self) -> String {
        crate::name::slug(&self.name)
    }
}
