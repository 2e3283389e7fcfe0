//! Names in conditions.

use super::{Collector, Form, Owner, Role, Subject};
use crate::condition::{Condition, place};

impl Collector<'_> {
    /// The condition at a pointer, if there is one.
    pub(super) fn condition(&mut self, text: Option<&str>, pointer: &str, owner: Owner) {
        let Some(text) = text else { return };
        let Ok(condition) = Condition::parse(text) else { return self.note_unread(pointer, None) };
        for mention in condition.mentions() {
            let written = text.get(mention.at.clone()).and_then(|path| path.find(&mention.name));
            let start = written.map_or(mention.at.start, |at| mention.at.start + at);
            let at = place(text, &(start..start + mention.name.len()));
            let span = self.sources.span_in_text(pointer, at.line, at.column, at.length);
            let is_there = span.as_ref().is_some_and(|span| self.sources.has_word(span, &mention.name));
            let form = if is_there { Form::Name } else { Form::Hidden };
            let span = span.filter(|_| is_there).or_else(|| self.sources.value(pointer).cloned());
            self.add(Subject::Attribute(mention.name.clone()), Role::Read, form, span, owner);
        }
    }
}
