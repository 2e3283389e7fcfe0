//! Inputs that are larger, deeper or longer than anybody writes.

use fastrand::Rng;

use super::token::{balanced, tokens};

/// About the largest document that is read; more is refused by its size alone.
const BYTES_MAX: usize = 1024 * 1024;

/// What nests, by its two sides.
const NESTS: &[(&str, &str)] = &[
    ("[", "]"),
    ("{\"a\":", "}"),
    ("{a: ", "}"),
    ("(", ")"),
    ("(not ", ")"),
    ("- ", ""),
    ("? ", ""),
    ("{{#if x}}", "{{/if}}"),
    ("{{#each tags}}", "{{/each}}"),
    ("{{else if x}}", ""),
    ("{{> p1 ", "}}"),
    ("!", ""),
    ("-", ""),
    ("a.", "b"),
    ("a?b:", "c"),
    ("[[", "]]"),
    ("x[", "]"),
    ("\"", "\""),
    ("> ", ""),
    ("&a [", "]"),
];

/// Makes an input large in one place.
pub(super) fn mutate(text: &[u8], words: &[&str], random: &mut Rng) -> Vec<u8> {
    let tokens = tokens(text);
    let place = balanced(text, &tokens, random);
    let times = 1_usize << random.u32(4..18);
    let large = match random.u32(..4) {
        0 => nested(&text[place.clone()], times, random),
        1 => times_over(&text[place.clone()], times),
        2 => {
            let word = random.choice(words).copied().unwrap_or("x");
            times_over(word.as_bytes(), times)
        }
        _ => aliases(random).into_bytes(),
    };
    let mut text = [&text[..place.start], &large, &text[place.end..]].concat();
    text.truncate(BYTES_MAX);
    text
}

fn times_over(piece: &[u8], times: usize) -> Vec<u8> {
    piece.repeat(times.min(BYTES_MAX / piece.len().max(1)))
}

fn nested(inner: &[u8], times: usize, random: &mut Rng) -> Vec<u8> {
    let (open, close) = random.choice(NESTS).copied().unwrap_or_default();
    [&times_over(open.as_bytes(), times), inner, &times_over(close.as_bytes(), times)].concat()
}

/// A few lines of YAML that mean a great many: each line is ten of the one before.
fn aliases(random: &mut Rng) -> String {
    let lines = (1..random.usize(2..12)).map(|level| {
        let before = format!("*a{}, ", level - 1).repeat(10);
        format!("a{level}: &a{level} [{before}]\n")
    });
    ["\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned()].into_iter().chain(lines).collect()
}
