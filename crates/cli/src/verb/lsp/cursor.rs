//! What is being typed, by the text before it: documents that are being typed in are rarely whole.

/// Bytes before the cursor in which a tag that is still open may begin.
const TAG_BYTES_MAX: usize = 4_000;

/// Lines above the cursor in which its key may stand.
const LINES_UP_MAX: usize = 200;

/// What could be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A variable in a tag; where a name can be called, helpers too.
    Variable { helpers: bool },
    /// The block helper of `{{#`.
    Block,
    /// A field of the value at a path.
    Field { path: Vec<String> },
    /// A partial.
    Partial,
    /// An attribute in a key of the definition.
    Attribute,
    /// A prompt file.
    PromptFile,
    /// A step.
    Step,
}

/// The word before the cursor and what it could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) wanted: Wanted,
    /// Characters of the word so far.
    pub(super) typed: u32,
}

/// Keys whose values are attributes, paths into them, or conditions over them.
const ATTRIBUTE_KEYS: [&str; 12] = [
    "outputs", "inputs", "gather", "from", "by", "show", "for_each", "carry", "when", "where", "until",
    "assert",
];

/// What is typed at the end of `before`; `is_definition` says that it is no prompt file.
pub(super) fn at_end_of(before: &str, is_definition: bool) -> Option<Cursor> {
    match open_tag(before) {
        Some(tag) => in_tag(tag),
        None if is_definition => in_definition(before),
        None => None,
    }
}

/// What stands in the tag that is open at the end.
fn open_tag(before: &str) -> Option<&str> {
    let mut from = before.len().saturating_sub(TAG_BYTES_MAX);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let open = from + before[from..].rfind("{{")?;
    let is_text = before[..open].ends_with('\\') && !before[..open].ends_with("\\\\");
    let tag = before[open + 2..].trim_start_matches('{');
    (!is_text && !tag.contains("}}")).then_some(tag)
}

fn in_tag(tag: &str) -> Option<Cursor> {
    if tag.starts_with('!') || is_in_quotes(tag) {
        return None;
    }
    let word = word(tag, |character| character.is_alphanumeric() || "_-.@/".contains(character));
    let before = tag[..tag.len() - word.len()].trim_start_matches('~').trim();
    if let Some((path, field)) = word.rsplit_once('.').filter(|_| !before.starts_with('>')) {
        let path = path.trim_start_matches("@root.").trim_start_matches("../").trim_start_matches("this.");
        let path = path.split(['.', '/']).map(str::to_owned).collect();
        return Some(Cursor { wanted: Wanted::Field { path }, typed: length(field) });
    }
    let wanted = match before {
        ">" => Wanted::Partial,
        "#" | "/" => Wanted::Block,
        "" | "^" | "&" => Wanted::Variable { helpers: true },
        _ => Wanted::Variable { helpers: before.ends_with('(') || before == "else" },
    };
    Some(Cursor { wanted, typed: length(word) })
}

fn is_in_quotes(tag: &str) -> bool {
    let mut open = None;
    for character in tag.chars() {
        match (open, character) {
            (None, '"' | '\'') => open = Some(character),
            (Some(quote), _) if quote == character => open = None,
            _ => {}
        }
    }
    open.is_some()
}

fn in_definition(before: &str) -> Option<Cursor> {
    let mut lines = before.rsplit('\n');
    let line = lines.next()?;
    let word = word(line, |character| character.is_alphanumeric() || "_-./".contains(character));
    let head = &line[..line.len() - word.len()];
    let typed = length(word);
    let (key, rest) = match own_key(head) {
        Some(found) => found,
        None => (key_above(head, lines)?, head),
    };
    match key {
        "prompt_file" => return Some(Cursor { wanted: Wanted::PromptFile, typed }),
        // Names of steps have spaces.
        "after" => {
            let entry = line.rsplit(['[', ',', '"', '\'', ':']).next().unwrap_or_default().trim_start();
            let typed = length(entry.strip_prefix("- ").unwrap_or(entry));
            return Some(Cursor { wanted: Wanted::Step, typed });
        }
        _ => {}
    }
    // The name of an item is a new one.
    let is_known = ATTRIBUTE_KEYS.contains(&key) && (key != "for_each" || rest.contains(" in "));
    let cursor = match word.rsplit_once('.') {
        Some((path, field)) => {
            let path = path.split('.').map(str::to_owned).collect();
            Cursor { wanted: Wanted::Field { path }, typed: length(field) }
        }
        None => Cursor { wanted: Wanted::Attribute, typed },
    };
    is_known.then_some(cursor)
}

/// The key on the line of the cursor that its value belongs to, and what stands between.
fn own_key(head: &str) -> Option<(&str, &str)> {
    let is_known = |key: &&str| ["prompt_file", "after"].contains(key) || ATTRIBUTE_KEYS.contains(key);
    let mut colons = head.rmatch_indices(':').filter(|(at, _)| head[at + 1..].starts_with([' ', '\t']));
    colons.find_map(|(at, _)| {
        let key = word(head[..at].trim_end_matches('"'), |character| {
            character.is_alphanumeric() || character == '_'
        });
        Some((key, &head[at + 1..])).filter(|(key, _)| is_known(key))
    })
}

/// The key a list entry or a map entry belongs to, above it and further left.
fn key_above<'a>(head: &str, lines: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let is_entry = head.trim_start().starts_with("- ");
    let is_value = head.trim_end().ends_with(':');
    if !is_entry && !is_value {
        return None;
    }
    let indent = indent_of(head);
    let mut above = lines.take(LINES_UP_MAX).filter(|line| !line.trim().is_empty());
    // A list may stand right below its key, without further indent.
    let key = above.find(|line| {
        indent_of(line) < indent
            || (is_entry && indent_of(line) == indent && !line.trim_start().starts_with('-'))
    })?;
    key.trim().trim_start_matches("- ").strip_suffix(':')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The longest end of a text that is made of such characters.
fn word(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    text.rfind(|character| !is_part(character)).map_or(text, |at| {
        let width = text[at..].chars().next().map_or(1, char::len_utf8);
        &text[at + width..]
    })
}

fn length(word: &str) -> u32 {
    word.chars().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(before: &str) -> Option<(Wanted, u32)> {
        at_end_of(before, true).map(|cursor| (cursor.wanted, cursor.typed))
    }

    #[test]
    fn tags_say_what_is_typed_in_them() {
        let variable = |helpers, typed| Some((Wanted::Variable { helpers }, typed));
        let field = |path: &[&str], typed| {
            Some((Wanted::Field { path: path.iter().map(|part| (*part).to_owned()).collect() }, typed))
        };
        for (before, expected) in [
            ("a: {{", variable(true, 0)),
            ("über {{{ dra", variable(true, 3)),
            ("{{a}} {{~#if dra", variable(false, 3)),
            ("{{#if (", variable(true, 0)),
            ("{{#ea", Some((Wanted::Block, 2))),
            ("{{> house-s", Some((Wanted::Partial, 7))),
            ("{{> style dr", variable(false, 2)),
            ("{{verdict.sc", field(&["verdict"], 2)),
            ("{{json @root.a.b.", field(&["a", "b"], 0)),
            ("{{else if dr", variable(false, 2)),
            ("{{default draft \"dra", None),
            ("{{! dra", None),
            ("\\{{dra", None),
            ("{{draft}} dra", None),
        ] {
            assert_eq!(wanted(before), expected, "{before}");
        }
    }

    #[test]
    fn keys_say_what_is_typed_in_their_values() {
        let attribute = |typed| Some((Wanted::Attribute, typed));
        for (before, expected) in [
            ("        outputs: [a, dra", attribute(3)),
            ("outputs: dra", attribute(3)),
            ("        gather: { rows: [a, ", attribute(0)),
            ("        inputs: { draft: fir", attribute(3)),
            ("        - { name: x, from: dr", attribute(2)),
            ("      - for_each: cha", None),
            ("      - for_each: chapter in cha", attribute(3)),
            ("        outputs:\n          - a\n\n          - dra", attribute(3)),
            ("        outputs:\n        - dra", attribute(3)),
            ("        inputs:\n          draft: fir", attribute(3)),
            ("        prompt: |\n          note: fir", None),
            ("      - name: Dra", None),
            ("        prompt_file: prompts/o", Some((Wanted::PromptFile, 9))),
            ("        when: 'size(notes) > 3 && dra", attribute(3)),
            ("        select: { from: draft, by: ver", attribute(3)),
            ("        assert:\n          - dra", attribute(3)),
            ("        after: [Plan, Write Dr", Some((Wanted::Step, 8))),
            ("        after:\n          - Write Dr", Some((Wanted::Step, 8))),
            ("        when: verdict.sc", Some((Wanted::Field { path: vec!["verdict".to_owned()] }, 2))),
            ("      \"outputs\": [\"a\", \"dra", attribute(3)),
            ("        model: fa", None),
            ("", None),
        ] {
            assert_eq!(wanted(before), expected, "{before}");
        }
        assert_eq!(at_end_of("outputs: [dra", false), None);
    }
}
