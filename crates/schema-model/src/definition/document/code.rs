//! The codes of documents: `BL01xx`, what a file says before anybody asks whether the workflow makes sense.

use crate::check::{Code, CodeInfo};

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($code);)*

        /// Every code of this family, in order.
        pub const TABLE: &[CodeInfo] = &[$(CodeInfo {
            code: $name,
            title: $title,
            text: $explanation,
            example: include_str!(concat!("../../check/example/", $code, ".txt")),
        }),*];
    };
}

codes! {
    SYNTAX = "BL0101", "not valid YAML or JSON",
        "The text cannot be read as YAML 1.2 (or JSON, which is a part of it); nothing after this place was looked at.";
    DUPLICATE_KEY = "BL0102", "a key is given twice",
        "A map holds the same key more than once, and only one of the two values could count.";
    ANCHOR = "BL0103", "anchors and aliases are not used here",
        "`&name` and `*name` are refused, because one value read at two places has no place of its own; write it out.";
    MERGE_KEY = "BL0104", "merge keys are not used here",
        "`<<` is refused for the same reason as aliases; write the keys out, or set them once for the whole workflow.";
    TAG = "BL0105", "tags are not used here",
        "`!tag` is refused: the type of a value follows from the key it stands under.";
    SEVERAL_DOCUMENTS = "BL0106", "more than one document in a file",
        "A workflow file holds one document; a second one after `---` would be ignored, so it is refused.";
    TOO_LARGE = "BL0107", "too large, too deep or too many",
        "A file, its nesting or the number of its values passes a fixed limit that keeps hostile files harmless.";
    FORMAT = "BL0108", "a format this version does not read",
        "The `format` key names another kind of document or a newer major version than this program knows.";
    UNREADABLE = "BL0109", "the workflow file cannot be read",
        "The file is missing, is not text in UTF-8, or may not be read.";
    UNKNOWN_KEY = "BL0110", "a key the language does not have",
        "Unknown keys are errors, because a misspelt one would otherwise be ignored in silence.";
    NOT_SUPPORTED = "BL0111", "a part of the language that is not built yet",
        "The key or action belongs to the language but not to this version; the workflow would not do what it says.";
    WRONG_KIND = "BL0112", "a value of the wrong kind",
        "The key needs another kind of value: a text, a number, true or false, a list, or a map of keys.";
    MISSING_KEY = "BL0113", "a key that is needed is missing",
        "The workflow, section, step or entry cannot mean anything without this key.";
    BAD_VALUE = "BL0114", "a value that cannot be used",
        "The value has the right kind but not a form or size that means something here, such as a duration without a unit.";
    CONFLICT = "BL0115", "two keys say the same thing",
        "Only one of the two can count, so one has to go.";
    BAD_TYPE = "BL0116", "a type that cannot be used",
        "A type names something unknown, nests lists, or has a constraint that does not fit it.";
    TYPE_CYCLE = "BL0117", "types that contain each other",
        "Named types are written out where they are used, so a type cannot contain itself.";
    PROMPT_FILE_MISSING = "BL0120", "the prompt file cannot be read",
        "The file under `prompt_file` is missing, is not text in UTF-8, or may not be read.";
    PROMPT_FILE_PATH = "BL0121", "a prompt file outside the workflow folder",
        "`prompt_file` is a path below the workflow folder, with `/` between its parts and without `..`.";
    FRONT_MATTER = "BL0122", "front matter that cannot be used",
        "The part between `---` lines at the top of a prompt file may hold `about`, `model` and model parameters only.";
    NOT_STORABLE = "BL0123", "a text that no database can keep",
        "A text holds a NUL character.";
    PARTIAL = "BL0124", "a partial that cannot be used",
        "A partial file cannot be read, or the document holds another text under the same name.";
    OVERRULED = "BL0125", "a prompt file and its step disagree",
        "The front matter of a prompt file and the step that uses it set the same key to different values; the step counts.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(TABLE.iter().all(|info| info.code.0.starts_with("BL01")));
    }
}
