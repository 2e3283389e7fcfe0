//! The words of a condition.

mod text;

use std::ops::Range;

use super::ConditionError;
use super::syntax::Literal;

/// A word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(Literal),
    /// A name, `in` and the words that CEL keeps for itself included.
    Name(String),
    Sign(&'static str),
    End,
}

/// Words of CEL that cannot name an attribute.
pub(super) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// The longest first.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]",
    "{", "}", ",", ".", "`",
];

/// Takes the text apart; the last token is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ConditionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at = skip_space(text, at);
        let (token, end) = next(text, at)?;
        let is_end = token == Token::End;
        tokens.push((token, at..end));
        if is_end {
            return Ok(tokens);
        }
        at = end;
    }
}

/// Past white space and comments.
fn skip_space(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with("//") {
            return at;
        }
        at += trimmed.find('\n').unwrap_or(trimmed.len());
    }
}

fn next(whole: &str, at: usize) -> Result<(Token, usize), ConditionError> {
    let rest = &whole[at..];
    let Some(first) = rest.chars().next() else { return Ok((Token::End, at)) };
    if let Some(quoted) = text::quoted(whole, at)? {
        return Ok(quoted);
    }
    if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit())) {
        return number(whole, at);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let end = rest.find(|next: char| !is_name_part(next)).unwrap_or(rest.len());
        return Ok((word(&rest[..end]), at + end));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), at + sign.len()));
    }
    let hint = match first {
        '=' => "; two values are compared with `==`",
        '&' | '|' => "; write `&&` for and, `||` for or",
        '“' | '”' | '„' | '‘' | '’' => "; texts stand in straight quotes",
        _ => "",
    };
    Err(ConditionError::new(format!("`{first}` means nothing in a condition{hint}"), at))
}

fn is_name_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn word(word: &str) -> Token {
    match word {
        "true" => Token::Literal(Literal::Boolean(true)),
        "false" => Token::Literal(Literal::Boolean(false)),
        "null" => Token::Literal(Literal::Null),
        _ => Token::Name(word.to_owned()),
    }
}

fn number(whole: &str, at: usize) -> Result<(Token, usize), ConditionError> {
    let rest = &whole[at..];
    if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = digits.find(|next: char| !is_name_part(next)).unwrap_or(digits.len());
        let value = i64::from_str_radix(&digits[..length], 16).ok();
        return finish(value.map(Literal::Integer), &rest[..length + 2], at);
    }
    let whole_end = digits_end(rest, 0);
    let mut end = whole_end;
    if rest[end..].starts_with('.') && digits_end(rest, end + 1) > end + 1 {
        end = digits_end(rest, end + 1);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        end = digits_end(rest, end + 1 + sign);
    }
    let is_whole = end == whole_end;
    end += rest[end..].find(|next: char| !is_name_part(next)).unwrap_or(rest.len() - end);
    let digits = &rest[..end];
    let value = if is_whole {
        digits.parse().ok().map(Literal::Integer)
    } else {
        digits.parse().ok().filter(|value: &f64| value.is_finite()).map(Literal::Number)
    };
    finish(value, digits, at)
}

fn digits_end(text: &str, from: usize) -> usize {
    from + text[from..].bytes().take_while(u8::is_ascii_digit).count()
}

fn finish(value: Option<Literal>, digits: &str, at: usize) -> Result<(Token, usize), ConditionError> {
    value.map(|value| (Token::Literal(value), at + digits.len())).ok_or_else(|| {
        let hint = if digits.ends_with(['u', 'U']) { "; numbers are written without `u`" } else { "" };
        ConditionError::new(format!("`{digits}` is not a number that can be kept{hint}"), at)
    })
}
