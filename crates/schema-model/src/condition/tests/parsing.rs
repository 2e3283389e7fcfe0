//! What is a condition, and what is said about what is not.

use expect_test::{Expect, expect};

use crate::condition::Condition;

fn check(text: &str, expected: &Expect) {
    let said = match Condition::parse(text) {
        Ok(condition) => format!("{condition:?}"),
        Err(error) => format!("{}: {error}", error.offset),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_condition_keeps_its_text() {
    check("has(x) && x.y >= 7", &expect![[r#"Condition("has(x) && x.y >= 7")"#]]);
    check("a // why\n || !b", &expect![[r#"Condition("a // why\n || !b")"#]]);
}

#[test]
fn what_is_missing_is_named() {
    check("", &expect!["0: the condition is empty"]);
    check("  // nothing", &expect!["0: the condition is empty"]);
    check("a &&", &expect!["4: the condition ends too early: expected a value"]);
    check("(a || b", &expect!["7: the condition ends too early: expected `)`"]);
    check("a ? b", &expect!["5: the condition ends too early: expected `:`"]);
    check("words[0", &expect!["7: the condition ends too early: expected `]`"]);
    check("size(a,)", &expect!["7: `)` cannot stand here: expected an argument"]);
    check("a..b", &expect!["2: `.` cannot stand here: expected the name of a field or function"]);
}

#[test]
fn habits_from_other_languages_are_corrected() {
    check("a = 1", &expect!["2: `=` means nothing in a condition; two values are compared with `==`"]);
    check("a & b", &expect!["2: `&` means nothing in a condition; write `&&` for and, `||` for or"]);
    check("a and b", &expect!["2: `and` cannot stand here: write `&&` instead"]);
    check("title == “x”", &expect!["9: `“` means nothing in a condition; texts stand in straight quotes"]);
    check("a b", &expect!["2: `b` cannot stand here: expected an operator or the end"]);
    check("if a", &expect!["0: `if` is a word that CEL keeps for itself"]);
    check("{'a': 1}", &expect!["0: an object cannot be written in a condition; compare its fields"]);
    check("a == 1u", &expect!["5: `1u` is not a number that can be kept; numbers are written without `u`"]);
    check("a == b'x'", &expect!["5: there are no bytes in conditions; leave the `b` out"]);
    check("a.`b`", &expect!["2: ``` cannot stand here: expected the name of a field or function"]);
}

#[test]
fn texts_end_where_they_should() {
    check(r#"a == "x"#, &expect![[r#"5: this text is not closed with `"`"#]]);
    check("a == 'x\ny'", &expect!["5: this text is not closed with `'`"]);
    check(r"a == '\q'", &expect![[r"6: this is not an escape; `\\` is one backslash"]]);
    check(r"a == '\ud800'", &expect![[r"6: this is not an escape; `\\` is one backslash"]]);
    check(r"a == r'\q'", &expect![[r#"Condition("a == r'\\q'")"#]]);
}

#[test]
fn macros_and_has_are_held_to_their_form() {
    check("has(1)", &expect!["0: `has` takes one attribute or field, as in `has(verdict.score)`"]);
    check("has(a, b)", &expect!["0: `has` takes one attribute or field, as in `has(verdict.score)`"]);
    check(
        "words.exists(w.x, true)",
        &expect!["13: `exists` begins with a name for the item, as in `.exists(item, …)`"],
    );
}

#[test]
fn numbers_have_to_fit() {
    check("a == 9223372036854775808", &expect!["5: `9223372036854775808` is not a number that can be kept"]);
    check("a == 1e999", &expect!["5: `1e999` is not a number that can be kept"]);
    check("a == 0xzz", &expect!["5: `0xzz` is not a number that can be kept"]);
    check("a == 12abc", &expect!["5: `12abc` is not a number that can be kept"]);
}
