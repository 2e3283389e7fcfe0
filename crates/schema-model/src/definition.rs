//! What authors write: workflow, sections, steps, attributes, and the types of values.
//!
//! A [`Workflow`] holds exactly what the canonical JSON document holds, in authored form: names, not ids. Reading
//! files into it is the business of [`document`]; judging it is the business of [`crate::check`].

pub mod document;

mod attribute;
mod canonical;
mod flow;
mod section;
mod source;
mod step;
mod types;
mod workflow;

pub use attribute::Attribute;
pub use canonical::CanonicalError;
pub(crate) use canonical::escape_unprintable;
pub use flow::{OnError, OnMax, Repeat, Select, SelectOrder, Spread, Variant};
pub use section::Section;
pub use source::{SourceMap, Span};
pub use step::{Action, Choice, ForEach, Gather, Input, ModelParameters, Retry, Step};
pub use types::{AttributeType, TypeExpression, TypeKind, ValueProblem};
pub(crate) use types::{Property, check_value, compiled_schema, property, unless_null};
pub use workflow::{WORKFLOW_FORMAT, Workflow};
