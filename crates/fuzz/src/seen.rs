//! What an input met on its way through a target: the guide of the search.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use branchline_schema_model::check::Diagnostic;

/// Things met, as hashes.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeSet<u64>);

impl Seen {
    /// Notes something.
    pub(crate) fn note(&mut self, thing: impl Hash) {
        let mut hasher = DefaultHasher::new();
        thing.hash(&mut hasher);
        self.0.insert(hasher.finish());
    }

    /// Notes a sentence without what it quotes, so that equal ones about other names count as one.
    pub(crate) fn sentence(&mut self, text: &str) {
        let unquoted = text.split('`').step_by(2);
        let plain: String =
            unquoted.flat_map(str::chars).filter(|character| !character.is_ascii_digit()).take(200).collect();
        self.note(plain);
    }

    /// Notes problems: the code and sentence of each, and how many there are by magnitude.
    pub(crate) fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.note(diagnostic.code.0);
            self.sentence(&diagnostic.message);
        }
        self.size("diagnostics", diagnostics.len());
    }

    /// Notes a number by its magnitude.
    pub(crate) fn size(&mut self, of: &str, number: usize) {
        self.note((of, number.checked_ilog2()));
    }

    /// The things.
    pub(crate) fn into_things(self) -> BTreeSet<u64> {
        self.0
    }
}
