//! Text with tones: colours are put on, and control characters taken out, only when it is printed.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;

use clap::builder::styling::{AnsiColor, Style};

use super::wrap;

/// What a piece of text is to the eye. A colour never says something that the words do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Warn,
    Accent,
}

impl Tone {
    fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => color(AnsiColor::Green),
            Self::Bad => color(AnsiColor::Red).bold(),
            Self::Warn => color(AnsiColor::Yellow),
            Self::Accent => color(AnsiColor::Cyan),
        }
    }
}

/// A text in pieces of different tones. Values go in as they are: the output makes them harmless.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pieces: Vec<(Tone, String)>,
}

impl Text {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a piece.
    #[must_use]
    pub(crate) fn push(mut self, tone: Tone, text: impl fmt::Display) -> Self {
        self.pieces.push((tone, text.to_string()));
        self
    }

    /// Adds a piece without a tone.
    #[must_use]
    pub(crate) fn plain(self, text: impl fmt::Display) -> Self {
        self.push(Tone::Plain, text)
    }

    /// The text with its lines broken where they do not fit into so many columns; all but the first stand in by `hang`.
    pub(super) fn wrapped(&self, width: usize, hang: usize) -> Self {
        let plain: String = self.pieces.iter().map(|(_, piece)| piece.as_str()).collect();
        let mut wrapped = Self::new();
        let mut line_start = 0;
        for (number, line) in plain.split('\n').enumerate() {
            for (part_number, part) in wrap::parts(line, width, hang).into_iter().enumerate() {
                match (number, part_number) {
                    (0, 0) => {}
                    (_, 0) => wrapped = wrapped.plain('\n'),
                    _ => wrapped = wrapped.plain(format_args!("\n{:hang$}", "")),
                }
                wrapped.pieces.extend(self.slice(line_start + part.start..line_start + part.end));
            }
            line_start += line.len() + 1;
        }
        wrapped
    }

    /// The beginning of one line, at most so many columns of it.
    pub(super) fn cut(&self, width: usize) -> Self {
        let plain: String = self.pieces.iter().map(|(_, piece)| piece.as_str()).collect();
        match wrap::cut(&plain, width).strip_suffix('…') {
            Some(kept) if kept.len() < plain.len() => {
                Self { pieces: self.slice(0..kept.len()) }.push(Tone::Dim, '…')
            }
            _ => self.clone(),
        }
    }

    /// The pieces of a part, given in bytes.
    fn slice(&self, part: Range<usize>) -> Vec<(Tone, String)> {
        let mut sliced = Vec::new();
        let mut start = 0;
        for (tone, piece) in &self.pieces {
            let end = start + piece.len();
            let (from, to) = (part.start.clamp(start, end), part.end.clamp(start, end));
            if from < to {
                sliced.push((*tone, piece[from - start..to - start].to_owned()));
            }
            start = end;
        }
        sliced
    }

    /// The text without what is harmful, in the same tones.
    pub(super) fn harmless(&self) -> Self {
        let pieces = self.pieces.iter().map(|(tone, piece)| (*tone, harmless(piece).into_owned()));
        Self { pieces: pieces.collect() }
    }

    /// The text to write. `harmless` takes control characters out, for terminals.
    pub(crate) fn render(&self, color: bool, harmless: bool) -> String {
        let mut rendered = String::new();
        for (tone, piece) in &self.pieces {
            let piece = if harmless { self::harmless(piece) } else { Cow::Borrowed(piece.as_str()) };
            if color && *tone != Tone::Plain {
                let style = tone.style();
                let _ = write!(rendered, "{style}{piece}{style:#}");
            } else {
                rendered.push_str(&piece);
            }
        }
        rendered
    }
}

impl<T: fmt::Display + ?Sized> From<&T> for Text {
    fn from(text: &T) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { pieces: vec![(Tone::Plain, text)] }
    }
}

/// The text without escape sequences and control characters; line breaks and tabs stay. A value that came from a
/// model or a file must not be able to move the cursor, set the clipboard or hide text.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\u{9b}' => skip_control_sequence(&mut characters),
            '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => skip_string(&mut characters),
            _ if is_harmful(character) => {}
            _ => kept.push(character),
        }
    }
    Cow::Owned(kept)
}

/// Control characters, and the marks that turn the direction of writing.
fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// After ESC: a control sequence, a string up to its end, or one more character.
fn skip_escape(characters: &mut Characters<'_>) {
    match characters.next_if(|next| !next.is_control()) {
        Some('[') => skip_control_sequence(characters),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(characters),
        Some(' '..='/') => {
            characters.next_if(|next| !next.is_control());
        }
        _ => {}
    }
}

/// Parameters, then one final character.
fn skip_control_sequence(characters: &mut Characters<'_>) {
    while characters.next_if(|next| matches!(next, ' '..='?')).is_some() {}
    characters.next_if(|next| matches!(next, '@'..='~'));
}

/// Up to BEL or ST; an unclosed one ends at the line break, so that it cannot swallow what follows.
fn skip_string(characters: &mut Characters<'_>) {
    while let Some(character) = characters.next_if(|next| *next != '\n') {
        match character {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                characters.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_command_the_terminal() {
        for (text, shown) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("a\u{1b}[2Jb\u{1b}[1;31mc", "abc"),
            ("x\u{1b}]52;c;c2VjcmV0\u{7}y", "xy"),
            ("x\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\y", "xlinky"),
            ("x\u{1b}]0;never closed\nnext", "x\nnext"),
            ("x\u{9b}31my\u{9d}0;title\u{9c}z", "xyz"),
            ("over\rwrite\u{8}\u{7}\0", "overwrite"),
            ("\u{1b}(Ba\u{1b}", "a"),
            ("abc\u{202e}gpj.exe", "abcgpj.exe"),
            ("größe ✓ 東京", "größe ✓ 東京"),
        ] {
            assert_eq!(harmless(text), shown, "{text:?}");
        }
    }

    #[test]
    fn tones_are_put_on_only_when_asked() {
        let text = Text::new().push(Tone::Strong, "a\u{1b}[0m").plain(" b");
        assert_eq!(text.render(true, true), "\u{1b}[1ma\u{1b}[0m b");
        assert_eq!(text.render(false, true), "a b");
    }

    #[test]
    fn a_broken_text_keeps_its_tones() {
        let text = Text::new().push(Tone::Strong, "Basis    measured ").plain("and assumed\nnext");
        let wrapped = text.wrapped(20, 9);
        assert_eq!(wrapped.render(false, true), "Basis    measured\n         and assumed\nnext");
        assert!(wrapped.render(true, true).starts_with("\u{1b}[1mBasis    measured\u{1b}[0m\n"));
    }
}
