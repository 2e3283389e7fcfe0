//! What a condition reads.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::read;
use crate::condition::place;

/// One mention a line, with its place; `?` marks one that may be absent without harm.
fn check(text: &str, expected: &Expect) {
    let condition = read(text);
    let mut shown = String::new();
    for mention in condition.mentions() {
        let mark = if mention.guarded { "?" } else { "" };
        writeln!(shown, "{mention}{mark} {:?}", &text[mention.at.clone()]).expect("a String takes it");
    }
    if condition.uses_branch() {
        shown.push_str("branch\n");
    }
    expected.assert_eq(&shown);
}

#[test]
fn reads_are_paths_from_a_variable() {
    check(
        "verdict.score >= 7 && title == verdict.kind",
        &expect![[r#"
        verdict.score "verdict.score"
        title "title"
        verdict.kind "verdict.kind"
    "#]],
    );
    check(
        "chapters[last].title.contains(word) || size(chapters) > 3",
        &expect![[r#"
        chapters[].title "chapters[last].title"
        last "last"
        word "word"
        chapters "chapters"
    "#]],
    );
    check(
        "(a ? b : c).d[e] in [f, g]",
        &expect![[r#"
        a "a"
        b "b"
        c "c"
        e "e"
        f "f"
        g "g"
    "#]],
    );
}

#[test]
fn a_test_guards_what_follows() {
    check(
        "has(a) && a > 1",
        &expect![[r#"
        a? "a"
        a? "a"
    "#]],
    );
    check(
        "a > 1 && has(a)",
        &expect![[r#"
        a "a"
        a? "a"
    "#]],
    );
    check(
        "!has(a) || a > 1",
        &expect![[r#"
        a? "a"
        a? "a"
    "#]],
    );
    check(
        "has(a) || a > 1",
        &expect![[r#"
        a? "a"
        a "a"
    "#]],
    );
    check(
        "has(a) ? a > 1 : a < 1",
        &expect![[r#"
        a? "a"
        a? "a"
        a "a"
    "#]],
    );
    check(
        "has(a.b) && a.b > 1 && a.c",
        &expect![[r#"
        a.b? "a.b"
        a.b? "a.b"
        a.c? "a.c"
    "#]],
    );
    check(
        "!(has(a) && has(b)) || a == b",
        &expect![[r#"
        a? "a"
        b? "b"
        a? "a"
        b? "b"
    "#]],
    );
    check(
        "!(!has(a) || c) && a",
        &expect![[r#"
        a? "a"
        c "c"
        a? "a"
    "#]],
    );
    check(
        "(has(a) && has(b) && a == b) || a",
        &expect![[r#"
        a? "a"
        b? "b"
        a? "a"
        b? "b"
        a "a"
    "#]],
    );
}

#[test]
fn variables_of_macros_are_not_reads() {
    check(
        "xs.exists(x, x.score > least && x.ok)",
        &expect![[r#"
        xs "xs"
        least "least"
    "#]],
    );
    check(
        "xs.map(x, x.ok, ys.filter(y, y.id == x.id))[0].z",
        &expect![[r#"
        xs "xs"
        ys "ys"
    "#]],
    );
    check(
        "x.all(x, x.y)",
        &expect![[r#"
        x "x"
    "#]],
    );
    check(
        "has(x) && xs.all(x, x > 1) && x > 1",
        &expect![[r#"
        x? "x"
        xs "xs"
        x? "x"
    "#]],
    );
    check(
        "has(least) && xs.all(x, x > least)",
        &expect![[r#"
        least? "least"
        xs "xs"
        least? "least"
    "#]],
    );
}

#[test]
fn places_are_lines_and_characters() {
    let text = "title == 'é' &&\n  'ü' in words";
    let shown: Vec<_> = read(text).mentions().iter().map(|mention| place(text, &mention.at)).collect();
    let shown: Vec<_> = shown.iter().map(|place| (place.line, place.column, place.length)).collect();
    assert_eq!(shown, [(1, 1, 5), (2, 10, 5)]);
    let end = text.len();
    assert_eq!((place(text, &(end..end)).line, place(text, &(end..end)).column), (2, 15));
    assert_eq!(place(text, &(0..end)).length, 15);
}

#[test]
fn branch_is_built_in() {
    check(
        "branch.number == branch.count",
        &expect![[r"
        branch
    "]],
    );
    check(
        "branch.number == 1 || has(title)",
        &expect![[r#"
        title? "title"
        branch
    "#]],
    );
    check(
        "xs.exists(branch, branch.number == 1)",
        &expect![[r#"
        xs "xs"
    "#]],
    );
}
