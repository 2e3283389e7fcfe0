//! The joints of a text: words, marks, brackets, lines.

use std::ops::Range;

use fastrand::Rng;

/// Words, runs of white space, doubled braces and single marks.
pub(super) fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = match text[at] {
            byte if is_word(byte) => run(text, at, is_word),
            byte if byte.is_ascii_whitespace() => run(text, at, |byte| byte.is_ascii_whitespace()),
            brace @ (b'{' | b'}') if text.get(at + 1) == Some(&brace) => at + 2,
            _ => at + 1,
        };
        tokens.push(at..end);
        at = end;
    }
    tokens
}

/// Characters that are not ASCII stay whole.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn run(text: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    text[at..].iter().position(|byte| !belongs(*byte)).map_or(text.len(), |length| at + length)
}

/// Something in brackets, with them; a token where there are none.
pub(super) fn balanced(text: &[u8], tokens: &[Range<usize>], random: &mut Rng) -> Range<usize> {
    if tokens.is_empty() {
        return 0..0;
    }
    let from = random.usize(..tokens.len());
    let is_open = |token: &Range<usize>| matches!(text[token.start], b'{' | b'[' | b'(');
    let Some(first) = tokens[from..].iter().position(is_open).map(|offset| from + offset) else {
        return tokens[from].clone();
    };
    let mut depth = 0_usize;
    for token in &tokens[first..] {
        match text[token.start] {
            b'{' | b'[' | b'(' => depth += token.len(),
            b'}' | b']' | b')' => depth = depth.saturating_sub(token.len()),
            _ => {}
        }
        if depth == 0 {
            return tokens[first].start..token.end;
        }
    }
    tokens[first].start..text.len()
}

/// A line, with its end.
pub(super) fn line(text: &[u8], random: &mut Rng) -> Range<usize> {
    if text.is_empty() {
        return 0..0;
    }
    let at = random.usize(..text.len());
    let start = text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end + 1);
    start..end
}
