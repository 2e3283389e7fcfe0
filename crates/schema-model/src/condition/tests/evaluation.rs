//! What conditions mean.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use super::{read, type_of};

fn values() -> BTreeMap<String, Json> {
    let values = json!({
        "title": "Überall 7",
        "language": "en",
        "count": 7,
        "price": 7,
        "done": true,
        "words": ["a", "b", "c"],
        "counts": [1, 2.0, 3],
        "open": { "a": { "b": [1, 2.5, null] }, "n": null },
        "verdict": { "score": 7, "weight": 7.0, "kind": "good", "kept": true, "tags": ["x"] },
        "verdicts": [
            { "score": 3, "weight": 1, "kind": "bad", "kept": false, "tags": [] },
            { "score": 8.0, "weight": 1.5, "kind": "good", "kept": true, "tags": ["x", "y"], "note": "n" },
        ],
    });
    serde_json::from_value(values).expect("a map")
}

fn evaluate(text: &str) -> String {
    match read(text).evaluate(&values(), &type_of, Some((2, 5))) {
        Ok(result) => result.to_string(),
        Err(failure) => format!("{:?}: {failure}", failure.kind),
    }
}

fn check_true(texts: &[&str]) {
    for text in texts {
        assert_eq!(evaluate(text), "true", "{text}");
    }
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&evaluate(text));
}

#[test]
fn integers_and_numbers_go_together() {
    check_true(&[
        "verdict.score >= 7 && verdict.score == 7.0 && verdict.score < 7.5",
        "verdict.weight == 7 && 7.0 == verdict.score",
        "count * 1.5 == 10.5 && verdicts[1].score == 8 && 8 in [7.5, 8.0]",
        "9007199254740993 > 9007199254740992.0 && -1 < -0.5 && 1 > 0.5 && -9.5 < -9",
        "1 < 1e300 && -1 > -1e300",
    ]);
}

#[test]
fn a_number_is_one_by_its_type() {
    // Both were written `7`; only the integer is divided as one.
    check_true(&[
        "count / 2 == 3",
        "price / 2 == 3.5",
        "verdict.weight / 2 == 3.5",
        "verdicts[0].weight / 2 == 0.5",
    ]);
    check_true(&["verdicts[1].score / 3 == 2", "counts[1] % 2 == 0", "-7 / 2 == -3 && -7 % 2 == -1"]);
}

#[test]
fn operators_follow_cel() {
    check_true(&[
        "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 10 - 3 - 2 == 5",
        "!done || done && true",
        "false ? 1 / 0 == 1 : true",
        "'a' + 'b' == 'ab' && ['a'] + ['b'] == ['a', 'b']",
        "'a' < 'b' && 'Z' < 'a' && false < true",
        "'b' in words && !('z' in words) && 'a' in open",
        "verdict == verdict && verdict != verdicts[0]",
        "words[2] == 'c' && verdict['score'] == 7",
        "!!done && - -1 == 1",
        "1 in [2, 1] == true",
    ]);
}

#[test]
fn functions_work_on_texts() {
    check_true(&[
        "size(title) == 9 && title.size() == 9 && size(words) == 3 && size(verdict) == 5",
        "title.contains('rall') && title.startsWith('Ü') && title.endsWith('7')",
        r"title.matches('\\d$') && matches(title, r'^\w+ \d$') && !title.matches('^rall$')",
        "int('12') == 12 && int(7.9) == 7 && double('1.5') == 1.5 && double(1) == 1.0",
        "string(count) == '7' && string(true) == 'true' && string(1.5) == '1.5' && string(1e300) == '1e300' && string(title) == title",
        r"'\u00e9\x41\101\n' == 'éAA' + '''
'''",
    ]);
}

#[test]
fn macros_go_through_lists() {
    check_true(&[
        "verdicts.exists(v, v.score > 7) && !verdicts.all(v, v.kept) && verdicts.exists_one(v, v.kept)",
        "verdicts.filter(v, v.kept)[0].score == 8",
        "verdicts.map(v, v.score) == [3, 8] && verdicts.map(v, v.kept, v.score) == [8]",
        "words.all(w, words.exists(v, v == w)) && [].all(x, false) && ![].exists(x, true)",
        "words.exists(count, count == 'a') && count == 7",
        "!words.existsOne(w, w != 'a')",
    ]);
}

#[test]
fn has_is_false_for_what_is_absent_or_null() {
    check_true(&[
        "has(title) && !has(absent) && !has(absent.field.deeper) && has(verdict.score)",
        "!has(verdict.note) && has(verdicts[1].note) && !has(verdicts[9]) && !has(verdicts[9].note)",
        "!has(open.n) && has(open.a.b) && !has(open.a.b[2]) && has(open['a'])",
        "!has(title.x) && verdicts.exists(v, has(v.note) && v.note == 'n')",
        "has(branch.number) && !has(branch.other)",
    ]);
}

#[test]
fn one_side_can_decide_whatever_fails_on_the_other() {
    check_true(&[
        "1 / 0 == 1 || true",
        "!(absent && false)",
        "words.exists(w, words[size(w) + 5] == 'x' || w == 'c')",
        "[0, 1].exists(n, 1 / n == 1) && ![0, 1].all(n, 1 / n == 2)",
    ]);
}

#[test]
fn branches_are_counted_from_one() {
    check_true(&["branch.number == 2 && branch.count == 5 && branch.number < branch.count"]);
    let outside = read("branch.number == 1").evaluate(&values(), &type_of, None);
    expect!["`branch.number`: this is not in a branch"]
        .assert_eq(&outside.expect_err("no branch").to_string());
}

#[test]
fn failures_name_the_expression() {
    check(
        "absent.score > 3",
        &expect!["Absent: `absent`: there is no value; test it first with `has(absent)`"],
    );
    check("verdict.note == 'x'", &expect!["MissingField: `verdict.note`: there is no field `note`"]);
    check("open.a.c", &expect!["MissingField: `open.a.c`: there is no field `c`"]);
    check("words[3] == 'x'", &expect!["IndexOutOfRange: `words[3]`: there is no item 3 in a list of 3"]);
    check("words[-1] == 'x'", &expect!["IndexOutOfRange: `words[-1]`: there is no item -1 in a list of 3"]);
    check(
        "count / (count - 7) == 1",
        &expect!["DivisionByZero: `count / (count - 7)`: this divides by zero"],
    );
    check("count % 0 == 1", &expect!["DivisionByZero: `count % 0`: this divides by zero"]);
    check(
        "9223372036854775807 + count > 0",
        &expect!["Overflow: `9223372036854775807 + count`: the result is larger than an integer can be"],
    );
    check(
        "-(-9223372036854775807 - 1) > 0",
        &expect!["Overflow: `-(-9223372036854775807 - 1)`: the result is larger than an integer can be"],
    );
    check("int(title) == 7", &expect!["Conversion: `int(title)`: the text is not an integer"]);
    check("int(1e300) == 7", &expect!["Overflow: `int(1e300)`: the number is larger than an integer can be"]);
    // What the conformance tests of CEL ask for at both ends, although the lower one would fit.
    for end in ["9223372036854775807.0", "-9223372036854775808.0"] {
        let message = format!("Overflow: `int({end})`: the number is larger than an integer can be");
        assert_eq!(evaluate(&format!("int({end}) == 7")), message);
    }
    check(
        "title.matches(title + '(')",
        &expect!["Pattern: `title.matches(title + '(')`: this is not a regular expression: unclosed group"],
    );
    check("open.a > 3", &expect!["WrongType: `open.a > 3`: an object and an integer have no order"]);
    check("open.a", &expect!["WrongType: `open.a`: expected true or false, found an object"]);
    check("title.foo() == 1", &expect!["Function: `title.foo()`: there is no such function `foo`"]);
    check(
        "words.exists(w, w == 'z' || w > 3)",
        &expect!["WrongType: `w > 3`: a text and an integer have no order"],
    );
    check("1 in title", &expect!["WrongType: `1 in title`: expected a list behind `in`, found a text"]);
}

#[test]
fn a_value_that_does_not_fit_its_type_is_read_as_it_looks() {
    let values = BTreeMap::from([("count".to_owned(), json!(7.5)), ("words".to_owned(), json!("x"))]);
    let condition = read("count == 7.5 && words == 'x'");
    assert_eq!(condition.evaluate(&values, &type_of, None), Ok(true));
}
