//! Prompt templates: what they mention, and where.
//!
//! [`read`] compiles a template and walks it with the scope rules of the renderer, so that every mention is resolved
//! to a path from the root: `{{title}}` inside `{{#each chapters}}` is `chapters[].title`. Partials are walked where
//! they are included.

mod bounds;
mod helper;
mod lines;
mod mention;
mod path;
mod position;
mod scope;
mod tag;
mod walk;

pub use bounds::{UnboundedTemplate, check_bounds};
pub use helper::{HELPERS, Helper, HelperKind, helper};
pub use mention::{
    Inclusion, Mention, PathPart, Prompt, PromptProblem, PromptProblemKind, RoleMark, TextPlace, Usage,
};

use std::collections::BTreeMap;
use std::sync::Arc;

use handlebars::Template;

use lines::Lines;
use position::Text;

/// The fewest and the most bytes of text that make a token: few in code and in scripts other than Latin, many in plain
/// English. Nobody but the provider counts better.
pub const BYTES_PER_TOKEN: (u64, u64) = (3, 5);

/// Compiles a template after checking its size and nesting, which the recursive parser does not bound itself.
///
/// # Errors
///
/// The place and the reason, when the text is too large, too deep or not a template.
pub fn compile(text: &str) -> Result<Template, PromptProblem> {
    check_bounds(text).map_err(|bound| PromptProblem {
        kind: PromptProblemKind::TooLarge { reason: bound.to_string() },
        at: Text::new(None, text).find(bound.offset(), ""),
    })?;
    Template::compile(text).map_err(|error| {
        let (line, column) = error.pos().unwrap_or((1, 1));
        let lines = Text::new(None, text);
        // The parser stops at the end when a block is left open; where it begins is the place to look at.
        let is_at_end =
            lines.offset(line, column.saturating_sub(1)) >= text.trim_end().len().saturating_sub(1);
        if let Some(block) = bounds::unclosed_block(text).filter(|_| is_at_end) {
            let reason = "this block is not closed".to_owned();
            return PromptProblem { kind: PromptProblemKind::Syntax { reason }, at: lines.place(block, 2) };
        }
        let reason = match error.reason() {
            // The parser's own words list grammar rules; people need the place.
            handlebars::TemplateErrorReason::InvalidSyntax(_) => {
                "this is not a complete tag or block".to_owned()
            }
            other => other.to_string(),
        };
        PromptProblem {
            kind: PromptProblemKind::Syntax { reason },
            at: TextPlace { partial: None, line: line as u32, column: column as u32, length: 1 },
        }
    })
}

/// The compiled partials of a workflow.
#[derive(Debug, Default)]
pub struct Partials<'a> {
    texts: BTreeMap<&'a str, Partial<'a>>,
}

#[derive(Debug)]
struct Partial<'a> {
    text: &'a str,
    lines: Arc<Lines>,
    template: Result<Template, PromptProblem>,
}

impl<'a> Partials<'a> {
    /// Compiles each partial once.
    pub fn compile(texts: &'a BTreeMap<String, String>) -> Self {
        let compiled = texts.iter().map(|(name, text)| {
            let template = compile(text).map_err(|mut problem| {
                problem.at.partial = Some(name.clone());
                problem
            });
            (name.as_str(), Partial { text, lines: Arc::new(Lines::new(text)), template })
        });
        Self { texts: compiled.collect() }
    }

    /// What keeps partials from being templates.
    pub fn problems(&self) -> impl Iterator<Item = &PromptProblem> {
        self.texts.values().filter_map(|partial| partial.template.as_ref().err())
    }

    /// The names, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.texts.keys().copied()
    }
}

/// What a template mentions and what is wrong with it, in the order of the text.
pub fn read(text: &str, partials: &Partials<'_>) -> Prompt {
    match compile(text) {
        Ok(template) => walk::walk(text, &template, partials),
        Err(problem) => Prompt { problems: vec![problem], ..Prompt::default() },
    }
}

#[cfg(test)]
mod tests;
