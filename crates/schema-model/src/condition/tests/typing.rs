//! What is found before a run.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{read, type_of};

/// One problem a line: kind, the text it is about, message, fix.
pub(super) fn check(text: &str, expected: &Expect) {
    let mut shown = String::new();
    for problem in read(text).check(&type_of) {
        writeln!(
            shown,
            "{:?} at {:?}\n  {}\n  {}",
            problem.kind, &text[problem.at], problem.message, problem.fix
        )
        .expect("a String takes it");
    }
    expected.assert_eq(&shown);
}

pub(super) fn check_fine(texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text).check(&type_of), [], "{text}");
    }
}

#[test]
fn what_fits_is_fine() {
    check_fine(&[
        "verdict.score >= 7",
        "verdict.score >= 7.5 && verdict.weight > 1",
        "count + price * 2 > size(words) / 2",
        "verdicts.exists(v, v.kept && v.tags.all(t, t != ''))",
        "verdicts.filter(v, v.score > 3).map(v, v.kind)[0] == 'good'",
        "size(verdicts.map(v, v.kept, v.score)) > 0",
        "language in ['en', 'de'] && 'x' in words",
        "title.matches('^[A-Z]') || title.startsWith(words[0])",
        "has(verdict.note) && verdict.note.contains('x')",
        "verdicts.exists(v, has(v.note) && v.note == title)",
        "!has(verdict.note) || verdict.note != ''",
        "has(verdict.note) ? size(verdict.note) > 3 : done",
        "int(title) == count || double(title) > price || string(count) == title",
        "branch.number < branch.count && -count % 2 == 0",
        "words + ['x'] == words && title + 'x' > title",
        "open.anything.at[0] > 3 && 'key' in open && open['key'] == 1",
        "unknown.field && unknown.f > 3 || unknown in words",
        "open.flag",
        "verdict['score'] == 1 && words == []",
    ]);
}

#[test]
fn fields_have_to_exist() {
    check(
        "verdict.scor > 3",
        &expect![[r#"
        UnknownField at "verdict.scor"
          `verdict` has no field `scor`
          did you mean `score`?
    "#]],
    );
    check(
        "verdicts.exists(v, v.other == 1)",
        &expect![[r#"
        UnknownField at "v.other"
          `v` has no field `other`
          use one of `kept`, `kind`, `note`, `score`, `tags`, `weight`
    "#]],
    );
    check(
        "verdicts.score > 3",
        &expect![[r#"
        FieldOfList at "verdicts.score"
          `verdicts` is a list, so it has no field `score`
          write `verdicts.exists(item, item.score …)`, or `verdicts[0].score`
    "#]],
    );
    check(
        "title.length > 3",
        &expect![[r#"
            FieldOfSingle at "title.length"
              `title` has no field `length`
              write `size(title)`
        "#]],
    );
    check(
        "has(verdict.scor)",
        &expect![[r#"
        UnknownField at "verdict.scor"
          `verdict` has no field `scor`
          did you mean `score`?
    "#]],
    );
    check(
        "branch.index == 0",
        &expect![[r#"
        UnknownField at "branch.index"
          there is no `branch.index`
          use `branch.number` or `branch.count`
    "#]],
    );
    check(
        "branch == 1",
        &expect![[r#"
        UnknownField at "branch"
          `branch` is not a value
          use `branch.number` or `branch.count`
    "#]],
    );
    check(
        "verdict['scor'] == 1",
        &expect![[r#"
        UnknownField at "verdict['scor']"
          `verdict` has no field `scor`
          did you mean `score`?
    "#]],
    );
}

#[test]
fn unlike_things_are_not_compared() {
    check(
        "title == 3",
        &expect![[r#"
        NotComparable at "title == 3"
          `title` is of type `string` and `3` of type `integer`, which `==` does not compare
          write `double(title) == …`
    "#]],
    );
    check(
        "verdict.score > '7'",
        &expect![[r#"
        NotComparable at "verdict.score > '7'"
          `verdict.score` is of type `integer` and `'7'` of type `string`, which `>` does not compare
          compare with a number, without quotes, as in `verdict.score > 7`
    "#]],
    );
    check(
        "title > 7",
        &expect![[r#"
        NotComparable at "title > 7"
          `title` is of type `string` and `7` of type `integer`, which `>` does not compare
          write `double(title) > …`
    "#]],
    );
    check(
        "words == 'x'",
        &expect![[r#"
        ListAsItem at "words == 'x'"
          `words` is a list, and `==` compares one item
          write `words.exists(item, item == …)`, or `size(words) == …`
    "#]],
    );
    check(
        "counts > 3",
        &expect![[r#"
        ListAsItem at "counts > 3"
          `counts` is a list, and `>` compares one item
          write `counts.exists(item, item > …)`, or `size(counts) > …`
    "#]],
    );
    check(
        "title == null",
        &expect![[r#"
        NotComparable at "title == null"
          `title` is of type `string` and `null` of type `null`, which `==` does not compare
          test whether it is there with `has(title)`
    "#]],
    );
    check(
        "verdict < verdict",
        &expect![[r#"
        NotComparable at "verdict < verdict"
          `verdict` is of type `object` and `verdict` of type `object`, which `<` does not compare
          compare values of one type
    "#]],
    );
    check(
        "done == 'true'",
        &expect![[r#"
            NotComparable at "done == 'true'"
              `done` is of type `boolean` and `'true'` of type `string`, which `==` does not compare
              compare with `true` or `false`, without quotes
        "#]],
    );
    check(
        "words == counts",
        &expect![[r#"
        NotComparable at "words == counts"
          `words` is of type `string[]` and `counts` of type `integer[]`, which `==` does not compare
          compare values of one type
    "#]],
    );
}

#[test]
fn an_enum_has_only_its_values() {
    check(
        "verdict.kind == 'god'",
        &expect![[r#"
        NotAChoice at "'god'"
          `'god'` is none of the values of this enum
          did you mean `"good"`?
    "#]],
    );
    check(
        "'fr' != language",
        &expect![[r#"
        NotAChoice at "'fr'"
          `'fr'` is none of the values of this enum
          use one of `"en"`, `"de"`
    "#]],
    );
    check(
        "language in ['en', 'fr']",
        &expect![[r#"
        NotAChoice at "'fr'"
          `'fr'` is none of the values of this enum
          use one of `"en"`, `"de"`
    "#]],
    );
}

#[test]
fn the_result_is_true_or_false() {
    check(
        "count",
        &expect![[r#"
        NotBoolean at "count"
          `count` is of type `integer`, and a condition is true or false
          compare it: `count > 0`
    "#]],
    );
    check(
        "verdicts",
        &expect![[r#"
        ListAsItem at "verdicts"
          `verdicts` is a list, and a condition is true or false
          write `size(verdicts) > 0`, or `verdicts.exists(item, …)`
    "#]],
    );
    check(
        "title",
        &expect![[r#"
        NotBoolean at "title"
          `title` is of type `string`, and a condition is true or false
          compare it: `title == "…"`, or write `title != ""`
    "#]],
    );
    check(
        "verdict",
        &expect![[r#"
        NotBoolean at "verdict"
          `verdict` is of type `object`, and a condition is true or false
          compare it with a value: `verdict == …`
    "#]],
    );
    check(
        "words.map(w, w + 'x')",
        &expect![[r#"
        ListAsItem at "words.map(w, w + 'x')"
          `words.map(w, w + 'x')` is a list, and a condition is true or false
          write `size(words.map(w, w + 'x')) > 0`, or `words.map(w, w + 'x').exists(item, …)`
    "#]],
    );
}

#[test]
fn lists_are_lists_and_items_are_items() {
    check(
        "title.exists(t, t == 'x')",
        &expect![[r#"
        NotAList at "title"
          `exists` goes through a list, and `title` is a single `string`
          write the condition about `title` itself, without `exists`
    "#]],
    );
    check(
        "'x' in title",
        &expect![[r#"
        NotAList at "title"
          `in` looks into a list, and `title` is a single `string`
          write `title.contains('x')`
    "#]],
    );
    check(
        "count in verdict.score",
        &expect![[r#"
        NotAList at "verdict.score"
          `in` looks into a list, and `verdict.score` is a single `integer`
          write `count == verdict.score`
    "#]],
    );
    check(
        "counts in counts",
        &expect![[r#"
        ListAsItem at "counts in counts"
          `counts` is a list, and `in` looks for one item of type `integer`
          write `counts.all(item, item in counts)`, or `exists`
    "#]],
    );
    check(
        "'x' in counts",
        &expect![[r#"
        NotComparable at "'x' in counts"
          `'x'` is of type `string`, and `counts` holds items of type `integer`
          look for an item of the list's type
    "#]],
    );
    check(
        "title[0] == 'x'",
        &expect![[r#"
        ItemOfSingle at "title[0]"
          `title` is a single `string`, so it has no items
          take the `[…]` out
    "#]],
    );
    check(
        "words['first'] == 'x'",
        &expect![[r#"
        Operand at "'first'"
          `'first'` is of type `string`, and items are counted
          use an integer; the first item is `[0]`
    "#]],
    );
    check(
        "words.contains('x')",
        &expect![[r#"
        ListAsItem at "words"
          `words` is a list, and `contains` looks into a text
          write `'x' in words`
    "#]],
    );
    check(
        "title.contains(words)",
        &expect![[r#"
        ListAsItem at "words"
          `words` is a list, and `contains` takes one text
          write `words.exists(item, item.contains(…))`
    "#]],
    );
    check(
        "words.exists(w, size(w))",
        &expect![[r#"
        NotBoolean at "size(w)"
          `size(w)` is of type `integer`, and `exists` asks something of each item
          compare it: `size(w) > 0`
    "#]],
    );
}

#[test]
fn one_mistake_is_one_problem_and_all_are_reported() {
    check(
        "verdict.scor + 1 > 3 && titel.x == 1 && words.size",
        &expect![[r#"
            UnknownField at "verdict.scor"
              `verdict` has no field `scor`
              did you mean `score`?
            FieldOfSingle at "words.size"
              `words` has no field `size`
              write `size(words)`
        "#]],
    );
}
