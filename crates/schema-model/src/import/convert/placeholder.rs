//! `[name]` placeholders become template variables; everything else stays the text it was.

use std::collections::{BTreeMap, BTreeSet};

/// A text with placeholders as a template, and what was found in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Converted {
    pub(super) template: String,
    /// Attributes it mentions, by their names here.
    pub(super) mentions: BTreeSet<String>,
    /// `[x-name]` of an attribute: switched off by its author.
    pub(super) switched_off: BTreeSet<String>,
    /// Names in brackets or braces that look like attributes and are none.
    pub(super) unknown: BTreeSet<String>,
    /// Other texts in brackets.
    pub(super) prose: usize,
    /// `{{…}}` that stands for nothing.
    pub(super) braces: usize,
}

enum Piece<'a> {
    Text(&'a str),
    Tag(&'a str),
}

/// Converts a text. `names` are the attributes by their names in the file, each with its name here.
pub(super) fn convert(text: &str, names: &BTreeMap<String, String>) -> Converted {
    let mut converted = Converted::default();
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['[', '{']) {
        at += found;
        let rest = &text[at..];
        let tag = if rest.starts_with('[') {
            bracket(rest, names, &mut converted)
        } else {
            braces(rest, names, &mut converted)
        };
        match tag {
            Found::Tag { name, length } => {
                pieces.push(Piece::Text(&text[start..at]));
                pieces.push(Piece::Tag(name));
                converted.mentions.insert(name.to_owned());
                at += length;
                start = at;
            }
            Found::Text { length } => at += length,
        }
    }
    pieces.push(Piece::Text(&text[start..]));
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Tag(name) => {
                converted.template.extend(["{{", name, "}}"]);
            }
            Piece::Text(text) => literal(text, at + 1 < pieces.len(), &mut converted.template),
        }
    }
    converted
}

enum Found<'a> {
    Tag { name: &'a str, length: usize },
    Text { length: usize },
}

fn bracket<'a>(rest: &str, names: &'a BTreeMap<String, String>, converted: &mut Converted) -> Found<'a> {
    let inside = rest[1..].split(['[', ']', '\n']).next().unwrap_or_default();
    let length = inside.len() + 2;
    if !rest[1 + inside.len()..].starts_with(']') {
        return Found::Text { length: 1 };
    }
    // `[text](address)` is a link of Markdown.
    if rest[length..].starts_with('(') {
        return Found::Text { length };
    }
    if let Some(name) = names.get(inside) {
        return Found::Tag { name, length };
    }
    match inside.strip_prefix("x-") {
        Some(name) if names.contains_key(name) => {
            converted.switched_off.insert(name.to_owned());
        }
        _ if looks_like_attribute(inside) => {
            converted.unknown.insert(inside.to_owned());
        }
        _ => converted.prose += 1,
    }
    Found::Text { length }
}

fn braces<'a>(rest: &str, names: &'a BTreeMap<String, String>, converted: &mut Converted) -> Found<'a> {
    let run = rest.len() - rest.trim_start_matches('{').len();
    if run < 2 {
        return Found::Text { length: run };
    }
    let inside = rest[run..].split(['{', '}', '\n']).next().unwrap_or_default();
    let after = &rest[run + inside.len()..];
    if run <= 3
        && after.starts_with(&"}}}"[..run])
        && let Some(name) = names.get(inside.trim())
    {
        return Found::Tag { name, length: run + inside.len() + run };
    }
    converted.braces += 1;
    if looks_like_attribute(inside.trim()) && after.starts_with("}}") {
        converted.unknown.insert(inside.trim().to_owned());
    }
    Found::Text { length: run }
}

/// `hook_idea1`, `hookIdea`: one word made of several. A plain word such as `timestamp` is prose.
fn looks_like_attribute(text: &str) -> bool {
    let is_word =
        crate::name::is_attribute_name(text) && text.starts_with(|first: char| first.is_ascii_lowercase());
    is_word && (text.contains('_') || text.contains(|character: char| character.is_ascii_uppercase()))
}

/// Writes a text so that rendering gives it back: Handlebars takes `\{{` as `{{`, and halves backslashes before a tag.
fn literal(text: &str, is_before_tag: bool, template: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{']) {
        template.push_str(&rest[..at]);
        rest = &rest[at..];
        let run = rest.len() - rest.trim_start_matches(['\\', '{']).len();
        let (special, after) = rest.split_at(run);
        let meets_tag = after.is_empty() && is_before_tag;
        let (slashes, braces) = (special.contains('\\'), special.contains('{'));
        if braces && (meets_tag || slashes && special.contains("{{")) {
            // `{` and a tag would be one tag with three braces; a backslash before `\{{` would undo it.
            template.extend(["{{lower \"", &special.replace('\\', "\\\\"), "\"}}"]);
        } else if meets_tag {
            template.push('\\');
            template.push_str(special);
        } else if slashes {
            template.push_str(special);
        } else {
            template.push_str(&"\\{{".repeat(run / 2));
            template.push_str(&"{"[..run % 2]);
        }
        rest = after;
    }
    template.push_str(rest);
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::prompt;

    fn names() -> BTreeMap<String, String> {
        ["title", "hook_idea", "Odd name"].map(|name| (name.to_owned(), name.replace(' ', "_"))).into()
    }

    #[test]
    fn only_attributes_become_variables() {
        let converted = convert(
            "[title] [Odd name] [x-title] [hook_idea1] [timestamp] [0] [asc desc] [title](http://x) [a [title]] {{ title }} {{{title}}} {{other}} {{my_name}}",
            &names(),
        );
        expect![[r#"
            Converted {
                template: "{{title}} {{Odd_name}} [x-title] [hook_idea1] [timestamp] [0] [asc desc] [title](http://x) [a {{title}}] {{title}} {{title}} \\{{other}} \\{{my_name}}",
                mentions: {
                    "Odd_name",
                    "title",
                },
                switched_off: {
                    "title",
                },
                unknown: {
                    "hook_idea1",
                    "my_name",
                },
                prose: 3,
                braces: 2,
            }
        "#]]
        .assert_debug_eq(&converted);
    }

    /// The text with its placeholders replaced by hand is what the template renders to.
    #[test]
    fn a_template_renders_to_the_text_it_was_made_of() {
        let mut renderer = handlebars::Handlebars::new();
        renderer.register_escape_fn(handlebars::no_escape);
        renderer.set_strict_mode(true);
        handlebars::handlebars_helper!(lower: |text: str| text.to_lowercase());
        renderer.register_helper("lower", Box::new(lower));
        let parts = [
            "[title]",
            "{",
            "{{",
            "{{{",
            "{{{{",
            "}",
            "}}",
            "\\",
            "\\\\",
            "a",
            "[",
            "]",
            "{{x}}",
            "{{#if x}}",
            "\n",
            "\"",
            "{{!",
            "{{> p}}",
            "é",
        ];
        for first in parts {
            for second in parts {
                for third in parts {
                    let text = format!("{first}{second}{third}");
                    let converted = convert(&text, &names());
                    let template = &converted.template;
                    let problems = prompt::read(template, &prompt::Partials::default()).problems;
                    assert_eq!(problems, [], "{text:?} became {template:?}");
                    let text_again = renderer
                        .render_template(template, &serde_json::json!({ "title": "T{{x}}" }))
                        .unwrap_or_else(|error| panic!("{text:?} became {template:?}: {error}"));
                    assert_eq!(text_again, text.replace("[title]", "T{{x}}"), "{text:?} became {template:?}");
                }
            }
        }
    }
}
