//! Quoted texts and their escapes.

use crate::condition::ConditionError;
use crate::condition::syntax::Literal;

use super::Token;

/// The text that begins here, if one does: `"…"`, `'…'`, three quotes for more than one line, `r` for no escapes.
pub(super) fn quoted(whole: &str, at: usize) -> Result<Option<(Token, usize)>, ConditionError> {
    let rest = &whole[at..];
    let letters = rest.find(|next: char| !next.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (prefix, from_quote) = rest.split_at(letters);
    if !from_quote.starts_with(['"', '\'']) {
        return Ok(None);
    }
    let is_raw = match prefix {
        "" => false,
        "r" | "R" => true,
        "b" | "B" | "br" | "bR" | "Br" | "BR" | "rb" | "rB" | "Rb" | "RB" => {
            return Err(ConditionError::new("there are no bytes in conditions; leave the `b` out", at));
        }
        _ => return Ok(None),
    };
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| from_quote.starts_with(quote));
    let Some(quote) = quote else { return Ok(None) };
    let start = at + letters + quote.len();
    let length = inside(&whole[start..], quote, is_raw)
        .ok_or_else(|| ConditionError::new(format!("this text is not closed with `{quote}`"), at))?;
    let inside = &whole[start..start + length];
    let text = if is_raw { inside.to_owned() } else { unescape(inside, start)? };
    Ok(Some((Token::Literal(Literal::Text(text)), start + length + quote.len())))
}

/// Length of what stands before the closing quote.
fn inside(text: &str, quote: &str, is_raw: bool) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' && !is_raw {
            is_escaped = true;
        } else if text[at..].starts_with(quote) {
            return Some(at);
        } else if matches!(character, '\n' | '\r') && quote.len() == 1 {
            return None;
        }
    }
    None
}

/// Replaces escapes; `start` is where the text stands in the condition.
fn unescape(text: &str, start: usize) -> Result<String, ConditionError> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(offset) = text[at..].find('\\') {
        out.push_str(&text[at..at + offset]);
        at += offset;
        let (character, length) = escape(&text[at + 1..]).ok_or_else(|| {
            ConditionError::new("this is not an escape; `\\\\` is one backslash", start + at)
        })?;
        out.push(character);
        at += 1 + length;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// The character behind a backslash and the bytes it takes.
fn escape(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let simple = match first {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' | '?' | '"' | '\'' | '`' => first,
        'x' | 'X' => return code(text, 1, 2, 16),
        'u' => return code(text, 1, 4, 16),
        'U' => return code(text, 1, 8, 16),
        '0'..='3' => return code(text, 0, 3, 8),
        _ => return None,
    };
    Some((simple, 1))
}

fn code(text: &str, from: usize, digits: usize, radix: u32) -> Option<(char, usize)> {
    let digits =
        text.get(from..from + digits).filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)))?;
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    Some((character, from + digits.len()))
}
