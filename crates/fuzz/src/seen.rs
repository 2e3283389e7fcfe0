//! What an input met on its way through a target: the guide of the search.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use branchline_schema_model::check::Diagnostic;

/// Words of a sentence that say what it is about; behind them it may go on with what the input says.
const WORDS_MAX: usize = 10;

/// Sentences told apart, more than there are.
const SENTENCES_MAX: u64 = 4_096;

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

    /// Notes a sentence by its plain words: not what it quotes, so that equal ones about other names count as one.
    pub(crate) fn sentence(&mut self, text: &str) {
        let unquoted = text.split(['`', '"']).step_by(2).flat_map(str::split_whitespace);
        let is_plain = |word: &&str| word.chars().all(|character| character.is_ascii_lowercase());
        let words: Vec<&str> = unquoted.filter(is_plain).take(WORDS_MAX).collect();
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        // A name with a quote in it shifts what is quoted and what is not.
        self.note(hasher.finish() % SENTENCES_MAX);
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
