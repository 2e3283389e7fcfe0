//! What is fuzzed: each target takes any bytes, lets them through a part of the product, and holds the result to what
//! that part promises.

mod answer;
mod condition;
mod document;
mod import;
mod template;

use crate::seen::Seen;

/// A part of the product that reads what others wrote.
pub(crate) struct Target {
    /// How it is called on the command line and under `tests/fixtures/fuzz`.
    pub(crate) name: &'static str,
    /// Extensions of fixtures it can begin with.
    pub(crate) extensions: &'static [&'static str],
    /// Words of its language.
    pub(crate) words: &'static [&'static str],
    read: fn(&str) -> Seen,
}

/// Every target.
pub(crate) const ALL: &[Target] = &[
    Target { name: "yaml", extensions: &["yaml", "yml"], words: document::WORDS, read: document::yaml },
    Target { name: "json", extensions: &["json"], words: document::JSON_WORDS, read: document::json },
    Target { name: "template", extensions: &["md"], words: template::WORDS, read: template::read },
    Target { name: "condition", extensions: &[], words: condition::WORDS, read: condition::read },
    Target { name: "import", extensions: &["json", "yaml"], words: import::WORDS, read: import::read },
    Target { name: "answer", extensions: &[], words: answer::WORDS, read: answer::read },
];

/// Gives an input to a target. With `plant` there is a panic in it that is not in the product.
pub(crate) fn run(target: &Target, input: &[u8], plant: bool) -> Seen {
    // Who opens files refuses what is not UTF-8; what is left of it is worth a try.
    let text = String::from_utf8_lossy(input);
    assert!(!(plant && template::is_planted(&text)), "the planted panic");
    (target.read)(&text)
}
