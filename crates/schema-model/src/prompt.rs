//! Prompt templates: what they mention, and where.

mod bounds;
mod helper;

pub use bounds::{UnboundedTemplate, check_bounds};
pub use helper::{HELPERS, Helper, HelperKind, helper};
