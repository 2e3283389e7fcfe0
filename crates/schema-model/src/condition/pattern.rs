//! The regular expressions of `matches`, and what it takes to match one.
//!
//! The library promises time linear in the text, times the size of the expression: `(a|b)*a(a|b){400}c` keeps up to 400
//! places in mind at each byte, and a megabyte made for it takes seconds. Nearly all expressions never come near that,
//! however large: an automaton that is built as the text goes on looks at each byte once. So that is tried first, within
//! a bound on what may be built, and what remains is paid for in advance at the price of the worst.

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::{Anchored, Input};

use crate::limits::{CONDITION_PATTERN_BYTES_MAX, CONDITION_PATTERN_COMPILED_BYTES_MAX};

/// States of an automaton are kept in this many bytes, then all of them are thrown away.
pub(super) const CACHE_BYTES: usize = 1024 * 1024;

/// Times that happens before the automaton is given up: it would build a state for every byte.
pub(super) const CACHES_MAX: usize = 4;

/// States of an expression that are looked at in one unit of work, at the worst all of them for each byte of the text.
const STATES_PER_WORK: usize = 8;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Pattern {
    automaton: DFA,
    cache: Cache,
}

/// What an automaton made of a text.
pub(super) struct Search {
    /// Whether it matches; `None` when that takes another way to tell.
    pub(super) found: Option<bool>,
    /// Bytes of states that were built for it.
    pub(super) built: usize,
}

impl Pattern {
    /// Compiles the pattern of `matches`.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > CONDITION_PATTERN_BYTES_MAX {
            return Err(format!("it has {} bytes", text.len()));
        }
        let tree = regex_syntax::parse(text).map_err(|error| {
            // The library draws the pattern with the place below it; its last line is the reason.
            let drawing = error.to_string();
            drawing.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })?;
        let bound = NFA::config().nfa_size_limit(Some(CONDITION_PATTERN_COMPILED_BYTES_MAX));
        let states = NFA::compiler().configure(bound).build_from_hir(&tree).map_err(|error| {
            if error.size_limit().is_some() {
                "it is too large once it is compiled".to_owned()
            } else {
                error.to_string()
            }
        })?;
        let bounds = DFA::config()
            .cache_capacity(CACHE_BYTES)
            .minimum_cache_clear_count(Some(CACHES_MAX))
            .unicode_word_boundary(true);
        let automaton = DFA::builder().configure(bounds).build_from_nfa(states);
        let automaton = automaton.map_err(|error| error.to_string())?;
        let cache = automaton.create_cache();
        Ok(Self { automaton, cache })
    }

    /// What it takes once it is compiled, in kilobytes, begun ones counted.
    pub(super) fn kilobytes(&self) -> usize {
        self.automaton.get_nfa().memory_usage().div_ceil(1024)
    }

    /// Whether a text matches, if that can be told by looking at each of its bytes once.
    pub(super) fn search(&mut self, text: &str) -> Search {
        let before = (self.cache.clear_count(), self.cache.memory_usage());
        let found = self.automaton.try_search_fwd(&mut self.cache, &input(text));
        let cleared = self.cache.clear_count() - before.0;
        let built = cleared * CACHE_BYTES + self.cache.memory_usage().saturating_sub(before.1);
        Search { found: found.ok().map(|at| at.is_some()), built }
    }

    /// The units of work it takes to tell in any case.
    pub(super) fn worst_work(&self, text: &str) -> usize {
        self.automaton.get_nfa().states().len().saturating_mul(text.len()) / STATES_PER_WORK
    }

    /// Whether a text matches, looking at every state for each of its bytes if it has to.
    pub(super) fn search_all(&self, text: &str) -> bool {
        let machine = PikeVM::builder().build_from_nfa(self.automaton.get_nfa().clone());
        machine.is_ok_and(|machine| machine.is_match(&mut machine.create_cache(), input(text)))
    }
}

fn input(text: &str) -> Input<'_> {
    Input::new(text).anchored(Anchored::No).earliest(true)
}
