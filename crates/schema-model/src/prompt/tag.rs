//! The words of one tag, each with its place.
//!
//! The parser keeps where a tag begins and not where its parts stand, so the tag is read once more here. It was
//! parsed before, so what follows no grammar need not be told apart.

/// What a word of a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The name of a helper, a block or a partial.
    Callee,
    /// A variable, or a literal without quotes.
    Value,
    /// The name of an argument: `key` of `key=value`.
    Key,
    /// A name the block gives: `as |item|`.
    Given,
}

/// A word, in byte offsets of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) role: Role,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of the tag whose `{{` stands at or after `at`. Texts in quotes are no words.
pub(super) fn words(text: &str, at: usize) -> Vec<Word> {
    let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")) else { return Vec::new() };
    let mut reader = Reader { text: text.as_bytes(), at: at + open + 2, words: Vec::new(), calls: true };
    if reader.marks() {
        reader.tag();
    }
    reader.words
}

/// Works on bytes: everything it looks for is ASCII.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    words: Vec<Word>,
    /// Whether the next word is called, if anything follows it.
    calls: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Moves over what stands before the first word; `false` for a comment.
    fn marks(&mut self) -> bool {
        while let Some(byte) = self.peek() {
            match byte {
                b'!' => return false,
                b'~' | b'{' | b'#' | b'^' | b'>' | b'*' | b'&' | b'/' => self.at += 1,
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
        let rest = &self.text[self.at..];
        if rest.starts_with(b"else") && rest.get(4).is_some_and(u8::is_ascii_whitespace) {
            self.at += 4;
        }
        true
    }

    fn tag(&mut self) {
        let mut braces = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'}' if braces == 0 => break,
                b'{' => braces += 1,
                b'}' => braces -= 1,
                b'"' | b'\'' => {
                    self.string(byte);
                    continue;
                }
                b'(' => self.calls = true,
                b'|' => {
                    self.at += 1;
                    self.given();
                    continue;
                }
                b')' | b',' | b':' | b'~' | b'=' | b']' => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => {
                    self.word();
                    continue;
                }
            }
            self.at += 1;
        }
        // A name that stands alone is a variable.
        if let [only] = self.words.as_mut_slice() {
            only.role = Role::Value;
        }
    }

    fn string(&mut self, quote: u8) {
        self.calls = false;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1 + usize::from(byte == b'\\');
            if byte == quote {
                return;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let end = self.word_end();
        self.at = end;
        self.spaces();
        let is_key = self.peek() == Some(b'=');
        let is_called = std::mem::take(&mut self.calls) && self.has_arguments();
        let role = match (is_key, is_called) {
            (true, _) => Role::Key,
            (false, true) => Role::Callee,
            (false, false) => Role::Value,
        };
        self.words.push(Word { role, start, end });
    }

    /// Whether anything follows a word in its parentheses.
    fn has_arguments(&self) -> bool {
        !matches!(self.peek(), Some(b')'))
    }

    fn word_end(&self) -> usize {
        let mut at = self.at;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'[' => {
                    let close = self.text[at..].iter().position(|byte| *byte == b']');
                    at = close.map_or(self.text.len(), |close| at + close);
                }
                b'(' | b')' | b'{' | b'}' | b'|' | b'=' | b'~' | b',' | b'"' | b'\'' => break,
                _ if byte.is_ascii_whitespace() => break,
                _ => {}
            }
            at += 1;
        }
        at.clamp(self.at + 1, self.text.len().max(self.at + 1))
    }

    /// The names between `|` and `|`.
    fn given(&mut self) {
        loop {
            self.spaces();
            match self.peek() {
                None | Some(b'}') => return,
                Some(b'|') => {
                    self.at += 1;
                    return;
                }
                Some(_) => {
                    let (start, end) = (self.at, self.word_end());
                    self.at = end;
                    self.words.push(Word { role: Role::Given, start, end });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let words = words(text, 0).into_iter();
        let words = words.map(|word| format!("{:?} {}", word.role, &text[word.start..word.end]));
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn words_have_roles() {
        for (text, expected) in [
            ("x {{ ~draft~ }}", "Value draft"),
            ("{{{draft}}}", "Value draft"),
            ("{{join join \"join\"}}", "Callee join, Value join"),
            ("{{default 'it\\'s draft' draft}}", "Callee default, Value draft"),
            ("{{#each a.b as |a b|}}", "Callee each, Value a.b, Value as, Given a, Given b"),
            (
                "{{> style this draft=draft x = y}}",
                "Callee style, Value this, Key draft, Value draft, Key x, Value y",
            ),
            (
                "{{#if (and (not a) (b) [c d].e)}}",
                "Callee if, Callee and, Callee not, Value a, Value b, Value [c d].e",
            ),
            ("{{~else if über}}", "Callee if, Value über"),
            ("{{! draft }}", ""),
            ("{{x {\"a\": 1} y}}", "Callee x, Value 1, Value y"),
            ("{{else}}", "Value else"),
            ("{{x [", "Callee x, Value ["),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
