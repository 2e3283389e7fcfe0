//! Without the planted panic (`--plant`) nothing is found.

use crate::{fuzz, text};

#[test]
fn nothing_is_found_where_nothing_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let found = fuzz(folder.path(), &["template", "--seconds", "1", "--seed", "1"]);
    assert!(found.status.success(), "{}", text(&found.stdout));
    assert!(text(&found.stdout).contains("inputs tried"), "{}", text(&found.stdout));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
