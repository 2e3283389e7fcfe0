//! Makes new inputs of known ones: pieces are moved, doubled, nested and exchanged along the joints of the text.

mod large;
mod token;

use fastrand::Rng;

use token::{balanced, line, tokens};

/// Mutations of one input at the most; few at a time keep most of what made it interesting.
const ROUNDS_MAX: usize = 5;

/// What breaks readers of any kind of text.
const UGLY: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{7f}",
    "\r\n",
    "\t",
    "\\",
    "\"",
    "'",
    "`",
    "é",
    "日本",
    "😀",
    "\u{301}",
    "0",
    "-1",
    "1e999",
    "-0.0",
    "18446744073709551616",
    "9223372036854775807",
    "0x1f",
    "NaN",
    "null",
    "true",
    "~",
    "[]",
    "{}",
    "\\u0000",
    "\\ud800",
    "  ",
    "\n",
    "\n\n",
    "#",
    "---",
    "...",
    "%",
    "&a",
    "*a",
    "!!str",
    "<<",
];

/// A new input made of `input`, pieces of `other`, and the words of a language.
pub(crate) fn mutate(input: &[u8], other: &[u8], words: &[&str], random: &mut Rng) -> Vec<u8> {
    let mut text = input.to_vec();
    for _ in 0..random.usize(1..=ROUNDS_MAX) {
        text = round(&text, other, words, random);
    }
    // Rarely: it is slow, and nothing is built upon it.
    if random.u32(..200) == 0 { large::mutate(&text, words, random) } else { text }
}

fn round(text: &[u8], other: &[u8], words: &[&str], random: &mut Rng) -> Vec<u8> {
    let word = |random: &mut Rng| {
        let list = if random.u32(..4) == 0 { UGLY } else { words };
        random.choice(list).map_or(&b""[..], |word| word.as_bytes())
    };
    let tokens = tokens(text);
    let some = span(&tokens, text.len(), random);
    match random.u32(..14) {
        0 => replace(text, some, b""),
        1 => replace(text, some.clone(), &text[some].repeat(2)),
        2 | 3 => {
            let word = word(random);
            replace(text, some.start..some.start, word)
        }
        4 | 5 => {
            let token = random.choice(&tokens).cloned().unwrap_or_default();
            replace(text, token, word(random))
        }
        6 => {
            let theirs = span(&token::tokens(other), other.len(), random);
            replace(text, some, &other[theirs])
        }
        7 | 8 => replace(
            text,
            balanced(text, &tokens, random),
            &other[balanced(other, &token::tokens(other), random)],
        ),
        9 => replace(text, balanced(text, &tokens, random), word(random)),
        10 => {
            let from = line(text, random);
            let to = line(text, random).start;
            replace(text, to..to, &text[from])
        }
        11 => replace(text, line(text, random), &other[line(other, random)]),
        12 => indent(text, random),
        _ => bytes(text, random),
    }
}

/// A few neighbouring tokens.
fn span(tokens: &[std::ops::Range<usize>], end: usize, random: &mut Rng) -> std::ops::Range<usize> {
    if tokens.is_empty() {
        return end..end;
    }
    let first = random.usize(..tokens.len());
    let last = (first + random.usize(..6)).min(tokens.len() - 1);
    tokens[first].start..tokens[last].end
}

fn replace(text: &[u8], range: std::ops::Range<usize>, with: &[u8]) -> Vec<u8> {
    [&text[..range.start], with, &text[range.end..]].concat()
}

/// Moves one line to the left or right: in YAML that changes what it belongs to.
fn indent(text: &[u8], random: &mut Rng) -> Vec<u8> {
    let line = line(text, random);
    if random.bool() {
        return replace(text, line.start..line.start, b"  ");
    }
    let spaces = text[line.clone()].iter().take(2).take_while(|byte| **byte == b' ').count();
    replace(text, line.start..line.start + spaces, b"")
}

/// Below the joints: a byte changed, or the text cut off, also within a character.
fn bytes(text: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut text = text.to_vec();
    if text.is_empty() {
        return text;
    }
    let at = random.usize(..text.len());
    match random.u32(..3) {
        0 => text[at] = random.u8(..),
        1 => text[at] ^= 1 << random.u8(..7),
        _ => text.truncate(at),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal seeds make equal inputs, no input breaks the mutator, and neighbours differ.
    #[test]
    fn a_seed_says_what_comes() {
        let make = |seed| {
            let mut random = Rng::with_seed(seed);
            let mut inputs = vec![b"a: [1, {b: \"c\"}]\nd: {{#each x}}y{{/each}}\n".to_vec()];
            for at in 0..2_000 {
                let next = mutate(&inputs[at], &inputs[at / 2], &["for_each", "{{", "]"], &mut random);
                inputs.push(next.into_iter().take(2_000).collect());
            }
            inputs
        };
        let inputs = make(7);
        assert!(inputs == make(7));
        assert!(inputs != make(8));
        let changed = inputs.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changed > 1_800, "{changed}");
    }
}
