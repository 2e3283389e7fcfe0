//! What is fuzzed: each target takes any bytes, lets them through a part of the product, and holds the result to what
//! that part promises.

mod answer;
mod condition;
mod document;
mod import;
mod run;
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
    /// Inputs tried when nothing else is said, as in `cargo xtask ci`: about 20 seconds on a machine with two cores,
    /// without optimisation. With a seed they are the same inputs however fast the machine is, so that a change that
    /// fails is to blame for it: with seconds, a faster machine would come to inputs that nobody has tried yet.
    pub(crate) usual_inputs: u64,
    read: fn(&str) -> Seen,
}

/// Every target.
pub(crate) const ALL: &[Target] = &[
    Target {
        name: "yaml",
        extensions: &["yaml", "yml"],
        words: document::WORDS,
        usual_inputs: 4_500,
        read: document::yaml,
    },
    Target {
        name: "json",
        extensions: &["json"],
        words: document::JSON_WORDS,
        usual_inputs: 5_000,
        read: document::json,
    },
    Target {
        name: "template",
        extensions: &["md"],
        words: template::WORDS,
        usual_inputs: 9_500,
        read: template::read,
    },
    Target {
        name: "condition",
        extensions: &[],
        words: condition::WORDS,
        usual_inputs: 90_000,
        read: condition::read,
    },
    Target {
        name: "import",
        extensions: &["json", "yaml"],
        words: import::WORDS,
        usual_inputs: 5_000,
        read: import::read,
    },
    Target {
        name: "answer",
        extensions: &[],
        words: answer::WORDS,
        usual_inputs: 25_000,
        read: answer::read,
    },
    Target { name: "run", extensions: &[], words: run::WORDS, usual_inputs: 5_000, read: run::read },
];

/// Gives an input to a target. With `plant` there is a panic in it that is not in the product.
pub(crate) fn run(target: &Target, input: &[u8], plant: bool) -> Seen {
    // Who opens files refuses what is not UTF-8; what is left of it is worth a try.
    let text = String::from_utf8_lossy(input);
    assert!(!(plant && template::is_planted(&text)), "the planted panic");
    (target.read)(&text)
}
