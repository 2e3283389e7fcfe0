//! The example of each code: it has exactly this problem, in these words, and its correction has none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use expect_test::expect_file;

use super::rule::{problems_of, render};
use crate::check::{CodeInfo, codes};
use crate::definition::document;

fn all() -> impl Iterator<Item = &'static CodeInfo> {
    document::code::TABLE.iter().chain(codes())
}

fn folder(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_example_of_each_code_shows_it_and_its_correction() {
    let mut wrong = Vec::new();
    for info in all() {
        let (code, example) = (info.code.0, info.example());
        let found = problems_of(&folder(&example.wrong));
        let files = |kind: &str, files: &[(&str, &str)]| {
            let parts = files.iter().map(|(path, body)| format!("-- {kind}/{path} --\n{body}"));
            parts.collect::<Vec<_>>().concat()
        };
        let (wrong_files, right_files) = (files("wrong", &example.wrong), files("right", &example.right));
        let text = format!("{wrong_files}-- says --\n{}{right_files}", render(&found));
        expect_file![format!("../example/{code}.txt")].assert_eq(&text);
        if found.is_empty() || found.iter().any(|diagnostic| diagnostic.code != info.code) {
            wrong.push(format!("the wrong example of {code} has\n{}", render(&found)));
        }
        let left = problems_of(&folder(&example.right));
        if !left.is_empty() {
            wrong.push(format!("the right example of {code} has\n{}", render(&left)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_no_example_without_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/example");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, all().map(|info| format!("{}.txt", info.code)).collect());
}
