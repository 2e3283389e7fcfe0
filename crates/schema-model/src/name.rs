//! Names and the slugs made from them.
//!
//! A slug is the part of an address that stands for a name: `Update Draft with Intro` is addressed as
//! `update-draft-with-intro`. Slugs are lower case and hold only letters, digits and hyphens, so that an address
//! needs no quoting in a shell and no escaping in a URL.

/// The slug of `name`; empty when the name has no letter and no digit.
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_alphanumeric() {
            slug.extend(character.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Whether `name` can be an attribute: a letter or `_`, then letters, digits and `_` (it is also a template name).
pub fn is_attribute_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.len() <= crate::limits::NAME_CHARS_MAX
}

/// The candidate a person probably meant: within a third of the length in edits, the closest first.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(wanted, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *candidate != wanted)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_need_no_quoting() {
        assert_eq!(slug("Update Draft with Intro"), "update-draft-with-intro");
        assert_eq!(slug("  Intro/Outro  Seperation! "), "intro-outro-seperation");
        assert_eq!(slug("Schlüssel 2"), "schlüssel-2");
        assert_eq!(slug("…"), "");
    }

    #[test]
    fn nearest_finds_typing_mistakes_only() {
        assert_eq!(nearest("langage", ["language", "languages"]), Some("language"));
        assert_eq!(nearest("outline", ["transcript"]), None);
    }
}
