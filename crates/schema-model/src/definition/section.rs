//! A section: an ordered group of steps, and the end of every branch opened in it.

use serde::{Deserialize, Serialize};

use super::flow::Repeat;
use super::step::{ForEach, Step, is_true};

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// A CEL condition over the element (and other attributes); elements that do not meet it get no branch.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Elements with a call in flight at one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<u32>,
    /// Attributes that an element's steps read from those of the element before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carry: Vec<String>,
    /// How many elements have to succeed; the others may fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// A template over the element that names its section run for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
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
            for_each: None,
            filter: None,
            parallel: None,
            carry: Vec::new(),
            at_least: None,
            label: None,
            repeat: None,
            steps: Vec::new(),
        }
    }
}
