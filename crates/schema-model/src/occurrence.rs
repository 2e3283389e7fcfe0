//! Every place where a workflow names something: what an editor goes to, lists and renames.
//!
//! [`Occurrences::of`] is a pure function of a definition and the places of its parts. It is not the checker: it
//! notes what a name stands for where it stands, also when the definition is wrong elsewhere.

mod condition;
mod definition;
mod prompts;
mod rename;

#[cfg(test)]
mod tests;

use crate::definition::{SourceMap, Span, Workflow};

pub use rename::{Edit, RenameProblem, rename};

/// What can be named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An attribute by its name.
    Attribute(String),
    /// A partial by its name.
    Partial(String),
    /// A prompt file by its path below the workflow folder.
    PromptFile(String),
    /// A step.
    Step(StepPlace),
}

/// Which step of a definition: section and step, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPlace {
    /// Position of the section.
    pub section: usize,
    /// Position of the step in it.
    pub step: usize,
}

/// Whose key or prompt a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The workflow's own keys, and partials that nobody includes.
    Workflow,
    /// A section's own keys, by its position from 0.
    Section(usize),
    /// A step.
    Step(StepPlace),
}

/// What is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Says that it exists.
    Declaration,
    /// A step writes it.
    Write,
    /// A step, or the list of results, reads it.
    Read,
}

/// How it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// By its name, which fills the span.
    Name,
    /// By another word: the name of an input, of a gathered list, of a block.
    Alias,
    /// By its name, somewhere in the value at the span, which its file writes in another way.
    Hidden,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occurrence {
    /// Where.
    pub span: Span,
    /// What is named.
    pub subject: Subject,
    /// What is done with it.
    pub role: Role,
    /// How it stands there.
    pub form: Form,
    /// Who does it. A place in a partial is there once for each step that includes it.
    pub owner: Owner,
}

/// The occurrences of a workflow, in the order of its files.
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    all: Vec<Occurrence>,
    unread: Option<Span>,
}

impl Occurrences {
    /// Finds them.
    pub fn of(workflow: &Workflow, sources: &SourceMap) -> Self {
        let mut collector = Collector { sources, all: Vec::new(), unread: None };
        collector.definition(workflow);
        collector.prompts(workflow);
        let Collector { mut all, unread, .. } = collector;
        all.sort_unstable();
        all.dedup();
        Self { all, unread }
    }

    /// All, by file, line and column.
    pub fn iter(&self) -> impl Iterator<Item = &Occurrence> {
        self.all.iter()
    }

    /// The first template or condition that could not be read: what it names is missing here.
    pub fn unread(&self) -> Option<&Span> {
        self.unread.as_ref()
    }

    /// What stands at a place: the shortest span that holds it or ends there.
    pub fn at(&self, file: &str, line: u32, column: u32) -> Option<&Occurrence> {
        let from = self.all.partition_point(|one| (&*one.span.file, one.span.line) < (file, line));
        let on_line = self.all[from..].iter();
        on_line
            .take_while(|one| &*one.span.file == file && one.span.line == line)
            .filter(|one| (one.span.column..=one.span.column + one.span.length).contains(&column))
            .min_by_key(|one| (one.span.length, one.span.column < column))
    }

    /// The places of one thing.
    pub fn places_of<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = &'a Occurrence> {
        self.all.iter().filter(move |one| one.subject == *subject)
    }

    /// Where one thing comes from: its declarations, else what writes it first.
    pub fn origins<'a>(&'a self, subject: &'a Subject) -> Vec<&'a Occurrence> {
        let with = |role| self.places_of(subject).filter(|one| one.role == role).collect::<Vec<_>>();
        let declared = with(Role::Declaration);
        if declared.is_empty() {
            with(Role::Write).into_iter().min_by_key(|one| one.owner).into_iter().collect()
        } else {
            declared
        }
    }
}

/// Collects while the definition is walked.
struct Collector<'a> {
    sources: &'a SourceMap,
    all: Vec<Occurrence>,
    unread: Option<Span>,
}

impl Collector<'_> {
    /// Notes a text whose names cannot be known.
    fn note_unread(&mut self, pointer: &str, exact: Option<Span>) {
        if self.unread.is_none() {
            self.unread = exact.or_else(|| self.sources.value(pointer).cloned());
        }
    }

    fn add(&mut self, subject: Subject, role: Role, form: Form, span: Option<Span>, owner: Owner) {
        self.all.extend(span.map(|span| Occurrence { span, subject, role, form, owner }));
    }
}
