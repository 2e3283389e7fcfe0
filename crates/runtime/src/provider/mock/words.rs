//! Texts of the mock model: readable, and never mistaken for an answer of a real one.

use super::random::Sequence;

const ADJECTIVES: [&str; 12] = [
    "amber", "brisk", "calm", "distant", "early", "faint", "gentle", "hollow", "ivory", "mellow", "quiet",
    "silver",
];

const NOUNS: [&str; 12] = [
    "harbour", "lantern", "meadow", "orchard", "pebble", "river", "sparrow", "thicket", "valley", "willow",
    "anchor", "compass",
];

const VERBS: [&str; 8] =
    ["follows", "mirrors", "answers", "outlasts", "circles", "explains", "opens", "carries"];

/// `mock amber harbour 417`.
pub(super) fn phrase(sequence: &mut Sequence) -> String {
    format!("mock {} {} {}", adjective(sequence), noun(sequence), sequence.between(100, 999))
}

/// `The amber harbour mirrors a quiet river.`
pub(super) fn sentence(sequence: &mut Sequence) -> String {
    let verb = sequence.pick(&VERBS).copied().unwrap_or("follows");
    format!(
        "The {} {} {verb} the {} {}.",
        adjective(sequence),
        noun(sequence),
        adjective(sequence),
        noun(sequence)
    )
}

/// A few sentences that say they are made up, for which step, and for what prompt.
pub(super) fn answer(sequence: &mut Sequence, address: &str, prompt: &str) -> String {
    let mut text = match opening(prompt) {
        opening if opening.is_empty() => format!("[mock] An answer for `{address}`."),
        opening => format!("[mock] An answer for `{address}` to “{opening}”."),
    };
    for _ in 0..sequence.between(2, 4) {
        text.push(' ');
        text.push_str(&sentence(sequence));
    }
    text
}

/// The first words of a prompt, on one line.
fn opening(prompt: &str) -> String {
    const WORDS: usize = 9;
    const CHARS: usize = 80;
    let mut words = prompt.split_whitespace();
    let mut text = words.by_ref().take(WORDS).collect::<Vec<_>>().join(" ");
    let is_cut = words.next().is_some() || text.chars().count() > CHARS;
    if is_cut {
        text = text.chars().take(CHARS).collect();
        text.push('…');
    }
    text
}

fn adjective(sequence: &mut Sequence) -> &'static str {
    sequence.pick(&ADJECTIVES).copied().unwrap_or("plain")
}

fn noun(sequence: &mut Sequence) -> &'static str {
    sequence.pick(&NOUNS).copied().unwrap_or("thing")
}
