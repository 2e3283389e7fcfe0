//! What can be wrong with a template, with the place.

use std::fmt;

use branchline_schema_model::run::{ErrorClass, Failure};
use handlebars::{RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};

/// A template that cannot be rendered. Not worth repeating with the same values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptError {
    /// What is wrong.
    pub message: String,
    /// The partial it is in; `None` in the step's own template.
    pub partial: Option<String>,
    /// Line of the tag, from 1.
    pub line: Option<usize>,
    /// Column of the tag, from 1.
    pub column: Option<usize>,
}

impl PromptError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), partial: None, line: None, column: None }
    }

    pub(super) fn at(mut self, place: Option<(usize, usize)>) -> Self {
        if self.line.is_none() {
            self.line = place.map(|(line, _)| line);
            self.column = place.map(|(_, column)| column);
        }
        self
    }

    /// `name` is empty for the step's own template.
    pub(super) fn in_template(mut self, name: &str) -> Self {
        if self.partial.is_none() && !name.is_empty() {
            self.partial = Some(name.to_owned());
        }
        self
    }

    pub(super) fn from_template(error: &TemplateError, name: &str) -> Self {
        Self {
            line: error.pos().map(|pos| pos.0),
            column: error.pos().map(|pos| pos.1),
            ..Self::new(short(error))
        }
        .in_template(name)
    }

    pub(super) fn from_render(error: &RenderError) -> Self {
        let message = match error.reason() {
            RenderErrorReason::Other(message) => message.clone(),
            RenderErrorReason::InvalidJsonIndex(field) => {
                format!("`{field}` is read from a list, which has no fields")
            }
            RenderErrorReason::IOError(error) => error.to_string(),
            other => other.to_string(),
        };
        Self { line: error.line_no, column: error.column_no, ..Self::new(message) }
            .in_template(error.template_name.as_deref().unwrap_or_default())
    }
}

/// The parser's own words, except that a syntax error would list every rule of the grammar.
fn short(error: &TemplateError) -> String {
    match error.reason() {
        TemplateErrorReason::InvalidSyntax(_) => {
            "a tag or a block is not closed or not well formed here".to_owned()
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

impl fmt::Display for PromptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.partial {
            Some(partial) => write!(f, "in partial `{partial}`")?,
            None => f.write_str("in the prompt")?,
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ", line {line}, column {column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for PromptError {}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        Self::new(ErrorClass::Template, error.to_string())
    }
}
