//! Bounds on a template before it is parsed.
//!
//! The Handlebars parser is recursive and overflows the stack of its thread, which ends the process, at some
//! thousands of levels. So the nesting is measured here first, by a scanner without recursion that reads tags the way
//! the grammar does. Where a construct could be read in two ways, it is refused: no real template has it.

use crate::limits::{
    PROMPT_BACKSLASHES_MAX, PROMPT_NESTING_MAX, PROMPT_TAGS_TIMES_BYTES_MAX, PROMPT_TEMPLATE_BYTES_MAX,
};

/// A template that is not even parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnboundedTemplate {
    /// Larger than [`PROMPT_TEMPLATE_BYTES_MAX`].
    #[error("the template has {bytes} bytes, at most {PROMPT_TEMPLATE_BYTES_MAX} are taken")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// More tags than [`PROMPT_TAGS_TIMES_BYTES_MAX`] lets a template of its size have.
    #[error("the template has {tags} tags, at most {} are taken in one of {bytes} bytes", PROMPT_TAGS_TIMES_BYTES_MAX / bytes)]
    TooManyTags {
        /// How many there are.
        tags: usize,
        /// Its size.
        bytes: usize,
    },
    /// Blocks and parentheses nested deeper than [`PROMPT_NESTING_MAX`].
    #[error("blocks and parentheses are nested deeper than {PROMPT_NESTING_MAX} levels")]
    TooDeep {
        /// Byte offset of the level too much.
        offset: usize,
    },
    /// More backslashes in a row than [`PROMPT_BACKSLASHES_MAX`].
    #[error("more than {PROMPT_BACKSLASHES_MAX} backslashes stand in a row")]
    TooManyBackslashes {
        /// Byte offset of the first of them.
        offset: usize,
    },
    /// A text that holds `]` within square brackets: it could end in two places.
    #[error("a text within square brackets may not hold `]`")]
    Ambiguous {
        /// Byte offset of the text.
        offset: usize,
    },
}

impl UnboundedTemplate {
    /// Byte offset of the place that breaks the bound.
    pub const fn offset(&self) -> usize {
        match self {
            Self::TooLarge { .. } | Self::TooManyTags { .. } => 0,
            Self::TooDeep { offset } | Self::TooManyBackslashes { offset } | Self::Ambiguous { offset } => {
                *offset
            }
        }
    }
}

/// Whether a template may be given to the parser.
///
/// # Errors
///
/// The bound it breaks.
pub fn check_bounds(template: &str) -> Result<(), UnboundedTemplate> {
    if template.len() > PROMPT_TEMPLATE_BYTES_MAX {
        return Err(UnboundedTemplate::TooLarge { bytes: template.len() });
    }
    let others = template.bytes().enumerate().filter(|(_, byte)| *byte != b'\\').map(|(at, _)| at + 1);
    let starts = std::iter::once(0).chain(others);
    let ends = starts.clone().skip(1).map(|end| end - 1).chain([template.len()]);
    if let Some((offset, _)) = starts.zip(ends).find(|(start, end)| end - start > PROMPT_BACKSLASHES_MAX) {
        return Err(UnboundedTemplate::TooManyBackslashes { offset });
    }
    let mut scanner = Scanner { text: template.as_bytes(), at: 0, blocks: Vec::new(), levels: 0 };
    while scanner.next_tag() {
        scanner.tag()?;
    }
    let (tags, bytes) = (template.matches("{{").count(), template.len());
    if tags * bytes > PROMPT_TAGS_TIMES_BYTES_MAX {
        return Err(UnboundedTemplate::TooManyTags { tags, bytes });
    }
    Ok(())
}

/// The byte offset of the innermost block that is opened and never closed.
pub(super) fn unclosed_block(template: &str) -> Option<usize> {
    let mut scanner = Scanner { text: template.as_bytes(), at: 0, blocks: Vec::new(), levels: 0 };
    let mut open = Vec::new();
    while scanner.next_tag() {
        let start = scanner.at - 2;
        scanner.tag().ok()?;
        if scanner.blocks.len() > open.len() {
            open.push(start);
        }
        open.truncate(scanner.blocks.len());
    }
    open.pop()
}

/// The byte offset of the next `else` of the block that is opened, or gone on with, by the tag at `tag`. The template
/// was parsed before.
pub(super) fn else_after(template: &str, tag: usize) -> Option<usize> {
    let mut scanner = Scanner { text: template.as_bytes(), at: tag, blocks: Vec::new(), levels: 0 };
    scanner.next_tag().then(|| scanner.tag().ok()).flatten()?;
    let outside = scanner.blocks.len();
    while scanner.next_tag() {
        let start = scanner.at - 2;
        scanner.marks();
        let is_own = scanner.blocks.len() == outside;
        if is_own && (scanner.looking_at("^") || scanner.looking_at("else")) {
            return Some(start);
        }
        if is_own && scanner.looking_at("/") {
            return None;
        }
        scanner.at = start + 2;
        scanner.tag().ok()?;
    }
    None
}

/// Works on bytes: everything it looks for is ASCII, which no other character contains in UTF-8.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Open blocks: for each the levels it takes, which are one more with every `else`, because chains of them nest.
    blocks: Vec<usize>,
    /// The sum of `blocks`.
    levels: usize,
}

impl Scanner<'_> {
    /// What is left; nothing when a step went past the end.
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn looking_at(&self, wanted: &str) -> bool {
        self.rest().starts_with(wanted.as_bytes())
    }

    /// Moves behind the next `wanted`; to the end when there is none.
    fn skip_past(&mut self, wanted: &str) {
        let found = self.rest().windows(wanted.len()).position(|window| window == wanted.as_bytes());
        self.at = found.map_or(self.text.len(), |found| self.at + found + wanted.len());
    }

    /// Moves to the next `{{` that opens a tag. One backslash before it makes it text, several do not.
    fn next_tag(&mut self) -> bool {
        loop {
            let start = self.at.min(self.text.len());
            self.skip_past("{{");
            if self.at == self.text.len() {
                return false;
            }
            let before = &self.text[start..self.at - 2];
            let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
            if backslashes != 1 {
                return true;
            }
        }
    }

    /// Reads a tag from behind its `{{`.
    fn tag(&mut self) -> Result<(), UnboundedTemplate> {
        if self.looking_at("!") {
            self.comment();
            return Ok(());
        }
        if self.looking_at("{{") {
            // A raw block: its text holds no tags.
            self.skip_past("}}}}");
            self.skip_past("{{{{");
            self.skip_past("}}}}");
            return Ok(());
        }
        self.marks();
        match self.text.get(self.at) {
            Some(b'#') => {
                self.blocks.push(1);
                self.levels += 1;
            }
            Some(b'/') => self.levels -= self.blocks.pop().unwrap_or(0),
            Some(b'^') => self.chain(),
            _ if self.looking_at("else") => self.chain(),
            _ => {}
        }
        self.parameters()
    }

    /// Moves to what says what kind of tag it is.
    fn marks(&mut self) {
        while let Some(b'~' | b'{' | b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn chain(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            *block += 1;
            self.levels += 1;
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        if self.looking_at("!--") {
            self.skip_past("--}}");
            if self.text[..self.at].ends_with(b"--}}") && self.at >= start + 7 {
                return;
            }
            self.at = start;
        }
        self.skip_past("}}");
    }

    /// Reads to the end of the tag, counting what is open.
    fn parameters(&mut self) -> Result<(), UnboundedTemplate> {
        let (mut open, mut braces, mut square) = (0_usize, 0_usize, 0_usize);
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'}' if braces == 0 => {
                    self.at += 1;
                    return Ok(());
                }
                b'(' | b'[' | b'{' => {
                    open += 1;
                    braces += usize::from(*byte == b'{');
                    square += usize::from(*byte == b'[');
                }
                b')' | b']' | b'}' => {
                    open = open.saturating_sub(1);
                    braces -= usize::from(*byte == b'}');
                    square = square.saturating_sub(usize::from(*byte == b']'));
                }
                b'"' | b'\'' => self.string(*byte, square > 0)?,
                _ => {}
            }
            if self.levels + open > PROMPT_NESTING_MAX {
                return Err(UnboundedTemplate::TooDeep { offset: self.at });
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Moves to the closing quote of a string.
    fn string(&mut self, quote: u8, in_brackets: bool) -> Result<(), UnboundedTemplate> {
        let offset = self.at;
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b']' if in_brackets => return Err(UnboundedTemplate::Ambiguous { offset }),
                _ if *byte == quote => return Ok(()),
                _ => {}
            }
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Templates at the bound parse; those past it would, but are refused before.
    #[test]
    fn nesting_is_bounded_in_every_construct() {
        for (open, inner, close) in [
            ("{{#if a}}", "x", "{{/if}}"),
            ("{{~#each a}}", "{{! {{#if }}", "{{/each}}"),
            ("{{ #if a}}", "x", "{{/if}}"),
        ] {
            let nested = |levels: usize| open.repeat(levels) + inner + &close.repeat(levels);
            assert_eq!(check_bounds(&nested(PROMPT_NESTING_MAX)), Ok(()), "{open}");
            assert!(check_bounds(&nested(PROMPT_NESTING_MAX + 1)).is_err(), "{open}");
        }
        for (before, open, close, after) in [
            ("{{x ", "(not ", "y)", "}}"),
            ("{{x \"{{\" ", "(not \"))\" ", "y)", "}}"),
            ("{{x '}}' ", "(not ", "y)", "}}"),
            ("{{x {\"a\":{\"b\":1}} ", "(not ", "y)", "}}"),
            ("{{x ", "[", "]", "}}"),
            ("{{x a.['] ", "(not ", "y)", "}}"),
            ("\\\\{{x ", "(not ", "y)", "}}"),
        ] {
            let nested =
                |levels: usize| [before, &open.repeat(levels), &close.repeat(levels), after].concat();
            assert!(check_bounds(&nested(PROMPT_NESTING_MAX + 1)).is_err(), "{before}{open}");
        }
        let chain = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if b}}".repeat(PROMPT_NESTING_MAX));
        assert!(matches!(check_bounds(&chain), Err(UnboundedTemplate::TooDeep { .. })));
    }

    #[test]
    fn backslashes_in_a_row_are_bounded() {
        let row = |count: usize| format!("a{{{{b}}}}{}{{{{c}}}}", "\\".repeat(count));
        assert_eq!(check_bounds(&row(PROMPT_BACKSLASHES_MAX)), Ok(()));
        let refused = Err(UnboundedTemplate::TooManyBackslashes { offset: 6 });
        assert_eq!(check_bounds(&row(PROMPT_BACKSLASHES_MAX + 1)), refused);
        assert_eq!(check_bounds(&"\\x".repeat(PROMPT_BACKSLASHES_MAX + 1)), Ok(()));
    }

    #[test]
    fn tags_are_bounded_by_the_size() {
        let many = "{{a}}".repeat(6_345);
        assert_eq!(check_bounds(&many), Ok(()));
        let refused = UnboundedTemplate::TooManyTags { tags: 6_346, bytes: 31_730 };
        assert_eq!(check_bounds(&format!("{many}{{{{a}}}}")), Err(refused));
        let words = "at most 6344 are taken in one of 31730 bytes";
        assert!(refused.to_string().ends_with(words), "{refused}");
        let few = format!("{}{}", "{{a}}".repeat(500), "x".repeat(250_000));
        assert_eq!(check_bounds(&few), Ok(()));
    }

    #[test]
    fn ordinary_texts_are_within_bounds() {
        let blocks =
            "{{#each a}}{{#if (eq this.b \"x\")}}{{join c \", \"}}{{else}}-{{/if}}{{/each}}\n".repeat(500);
        let prose =
            ":( [ { \\{{#each}} {{{x}}} {{!-- {{#if}} --}} {{{{raw}}}} {{#if}} {{{{/raw}}}}\n".repeat(500);
        assert_eq!(check_bounds(&blocks), Ok(()));
        assert_eq!(check_bounds(&prose), Ok(()));
        assert!(matches!(
            check_bounds(&"x".repeat(PROMPT_TEMPLATE_BYTES_MAX + 1)),
            Err(UnboundedTemplate::TooLarge { .. })
        ));
    }
}
