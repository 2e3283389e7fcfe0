//! A panic that is not in the product, behind two conditions that no file of the corpus meets together.

use crate::{fuzz, text};

#[test]
fn a_planted_panic_is_found_made_small_and_can_be_seen_again() {
    let folder = tempfile::tempdir().unwrap();
    // Several short searches: what one of them meets first decides where it goes, and a long one turns in circles.
    let search = |seed: u32| {
        let seed = seed.to_string();
        let search = ["template", "--inputs", "10000", "--seed", &seed, "--plant"];
        let found = fuzz(folder.path(), &search);
        (!found.status.success()).then(|| text(&found.stdout))
    };
    let said = (2..12).find_map(search).expect("none of ten searches found it");
    assert!(said.contains("the planted panic"), "{said}");
    let again = said.lines().find_map(|line| line.split_once("--input ")).unwrap().1;
    let file = again.strip_suffix(" --plant").unwrap();
    let input = std::fs::read_to_string(file).unwrap();
    // Tags that only go in pairs are left.
    assert!(input.len() < 200 && input.contains("each") && input.contains("lookup"), "{input}");

    let again = fuzz(folder.path(), &["template", "--input", file, "--plant"]);
    assert!(!again.status.success());
    assert!(text(&again.stderr).contains("the planted panic"), "{}", text(&again.stderr));
    let without = fuzz(folder.path(), &["template", "--input", file]);
    assert!(without.status.success(), "{}", text(&without.stderr));
}

#[test]
fn nothing_is_found_where_nothing_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let found = fuzz(folder.path(), &["template", "--inputs", "300", "--seed", "1"]);
    assert!(found.status.success(), "{}", text(&found.stdout));
    assert!(text(&found.stdout).contains("inputs tried"), "{}", text(&found.stdout));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
