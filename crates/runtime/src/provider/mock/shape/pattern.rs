//! Texts that match a regular expression.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::super::random::Sequence;

/// Repetitions beyond the fewest, at the most.
const EXTRA_MAX: u32 = 4;

/// Characters of a text, whatever the pattern asks for: `(a{1000}){1000}` is a short pattern.
const CHARS_MAX: usize = 10_000;

/// Texts tried until one has the right length.
const TRIES_MAX: u32 = 64;

/// A text that matches `pattern` and has from `min` to `max` characters; `None` when none was found, as for patterns
/// that look around.
pub(super) fn matching(sequence: &mut Sequence, pattern: &str, min: usize, max: usize) -> Option<String> {
    let pattern = regex_syntax::parse(pattern).ok()?;
    (0..TRIES_MAX).find_map(|tried| {
        let mut text = String::new();
        // A pattern that repeats without end may have to do so more often to be long enough.
        let extra = if tried % 2 == 0 { EXTRA_MAX } else { EXTRA_MAX + min.min(CHARS_MAX) as u32 };
        write(sequence, &pattern, extra, &mut text);
        (min..=max).contains(&text.chars().count()).then_some(text)
    })
}

fn write(sequence: &mut Sequence, pattern: &Hir, extra: u32, text: &mut String) {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(sequence, class)),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let most = max.unwrap_or(u32::MAX).min(min.saturating_add(extra));
            for _ in 0..sequence.between(u64::from(*min), u64::from(most)) {
                if text.len() > CHARS_MAX {
                    return;
                }
                write(sequence, sub, extra, text);
            }
        }
        HirKind::Capture(capture) => write(sequence, &capture.sub, extra, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(sequence, part, extra, text)),
        HirKind::Alternation(ways) => {
            if let Some(way) = sequence.pick(ways) {
                write(sequence, way, extra, text);
            }
        }
    }
}

/// A character of a class that people can read, if it has one.
fn character(sequence: &mut Sequence, class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    let is_in = |character: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&character));
    let readable: Vec<char> = ('0'..='z').filter(char::is_ascii_alphanumeric).filter(is_in).collect();
    let any: Vec<char> = (' '..='~').filter(is_in).collect();
    let found = sequence.pick(&readable).or_else(|| sequence.pick(&any)).copied();
    found.or_else(|| ranges.first().map(|(low, _)| *low))
}
