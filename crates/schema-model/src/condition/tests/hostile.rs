//! Texts and values meant to end the process, on a thread with the stack of a test or an engine's worker.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::random::cases;
use super::{read, type_of};
use crate::condition::Condition;
use crate::limits::{CONDITION_BYTES_MAX, CONDITION_DEPTH_MAX, CONDITION_NESTING_MAX};

fn refused(text: &str, expected: &Expect) {
    let error = Condition::parse(text).expect_err("refused");
    expected.assert_eq(&format!("{}: {error}", error.offset));
}

#[test]
fn large_texts_are_not_read() {
    refused(&"(".repeat(100_000), &expect!["0: the condition has 100000 bytes, at most 8192"]);
    refused(
        &format!("title == '{}'", "x".repeat(1024 * 1024)),
        &expect!["0: the condition has 1048587 bytes, at most 8192"],
    );
}

#[test]
fn deep_texts_are_refused_where_they_are_too_deep() {
    refused(
        &format!("{}a{}", "(".repeat(4_000), ")".repeat(4_000)),
        &expect!["32: more than 32 levels stand inside each other"],
    );
    refused(&"[".repeat(8_000), &expect!["32: more than 32 levels stand inside each other"]);
    refused(&format!("a{}", "[a".repeat(2_000)), &expect!["64: more than 32 levels stand inside each other"]);
    refused(&"f(".repeat(4_000), &expect!["64: more than 32 levels stand inside each other"]);
    refused(
        &format!("{}a", "a ? a : ".repeat(1_000)),
        &expect!["252: more than 32 levels stand inside each other"],
    );
    refused(
        &format!("{}a", "a ? ".repeat(1_000)),
        &expect!["128: more than 32 levels stand inside each other"],
    );
    refused(&format!("a{}", ".b".repeat(4_000)), &expect!["0: the condition has more than 64 levels"]);
    refused(&format!("a{}", "+b".repeat(4_000)), &expect!["0: the condition has more than 64 levels"]);
    refused(&format!("a{}", ".b()".repeat(2_000)), &expect!["0: the condition has more than 64 levels"]);
    refused(&"!(".repeat(4_000), &expect!["64: more than 32 levels stand inside each other"]);
    refused(&"a.exists(a, ".repeat(600), &expect!["381: more than 32 levels stand inside each other"]);
}

#[test]
fn long_and_flat_is_fine() {
    let words = (0..1_000).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    for text in [
        format!("count in [{words}]"),
        format!("done{}", " && done".repeat(900)),
        format!("{}done", "!".repeat(8_000)),
        format!("{}1 == 1", "-".repeat(8_000)),
    ] {
        assert!(text.len() <= CONDITION_BYTES_MAX);
        assert_eq!(read(&text).check(&type_of), []);
    }
}

#[test]
fn everything_that_is_read_can_be_walked_on_a_small_stack() {
    let nested = CONDITION_NESTING_MAX - 1;
    let texts = [
        format!("{}done{}", "(".repeat(nested), ")".repeat(nested)),
        format!("{}done{}", "!(done && ".repeat(nested), ")".repeat(nested)),
        format!("done{}", " ? done : done".repeat(nested)),
        format!("{}true{}", "words.exists(w, ".repeat(nested), ")".repeat(nested)),
        format!("open{} == 1", ".a".repeat(CONDITION_DEPTH_MAX - 2)),
        format!("1{} == 1", "+1".repeat(CONDITION_DEPTH_MAX - 2)),
        format!("{}0{} == 1", "counts[".repeat(nested), "]".repeat(nested)),
    ];
    let walk = move || {
        for text in texts {
            let condition = read(&text);
            let _ = condition.check(&type_of);
            let values = BTreeMap::from([
                ("done".to_owned(), json!(true)),
                ("words".to_owned(), json!(["a"])),
                ("counts".to_owned(), json!([0])),
            ]);
            let _ = condition.evaluate(&values, &type_of, None);
            assert_eq!(condition.clone(), condition);
        }
    };
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(walk)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

fn work(text: &str, values: Json, expected: &Expect) {
    let values: BTreeMap<String, Json> = serde_json::from_value(values).expect("a map");
    let result = read(text).evaluate(&values, &type_of, None);
    expected.assert_eq(&match result {
        Ok(result) => result.to_string(),
        Err(failure) => format!("{:?}: {failure}", failure.kind),
    });
}

#[test]
fn work_is_bounded() {
    let many = json!({ "counts": vec![1; 100_000] });
    work("counts.all(x, x > 0)", many.clone(), &expect!["true"]);
    work(
        "counts.all(x, counts.all(y, y > 0))",
        many.clone(),
        &expect![
            "TooMuchWork: `counts.all(x, counts.all(y, y > 0))`: this takes too long with values so large"
        ],
    );
    work(
        "counts.all(x, counts.all(y, counts.all(z, x > 0))) || true",
        many.clone(),
        &expect![
            "TooMuchWork: `counts.all(x, counts.all(y, counts.all(z, x > 0))) || true`: this takes too long with values so large"
        ],
    );
    work(
        "counts.exists(x, counts.all(y, y > 0)) || counts.exists(x, counts == counts)",
        many.clone(),
        &expect!["true"],
    );
    work(
        "size(counts.map(x, counts.map(y, 1))) > 0",
        many.clone(),
        &expect![
            "TooMuchWork: `size(counts.map(x, counts.map(y, 1))) > 0`: this takes too long with values so large"
        ],
    );
    work(
        "size(counts.map(x, counts + counts)) > 0",
        many,
        &expect![
            "TooMuchWork: `size(counts.map(x, counts + counts)) > 0`: this takes too long with values so large"
        ],
    );
    let text = json!({ "title": "a".repeat(400_000), "counts": vec![1; 100_000] });
    work(
        "counts.exists(x, title == title + 'b')",
        text.clone(),
        &expect![
            "TooMuchWork: `counts.exists(x, title == title + 'b')`: this takes too long with values so large"
        ],
    );
    work(
        "size(counts.map(x, title + title)) > 0",
        text.clone(),
        &expect![
            "TooMuchWork: `size(counts.map(x, title + title)) > 0`: this takes too long with values so large"
        ],
    );
    work("title.matches('(a|b|ab)*c') || title.matches('^a+$')", text.clone(), &expect!["true"]);
    work("counts.all(x, title.matches('^a' + string(x)))", text.clone(), &expect!["false"]);
    work("title.matches('(a|b)*a(a|b){1000}c')", text.clone(), &expect!["false"]);
    work(
        "title.matches('(((a{50}){50}){50}){50}')",
        text,
        &expect![
            "Pattern: `title.matches('(((a{50}){50}){50}){50}')`: this is not a regular expression: it is too large once it is compiled"
        ],
    );
}

/// A text in which nearly every place looks different to an expression that counts back.
fn letters(count: usize) -> Json {
    json!({ "title": super::pattern::letters(count), "counts": vec![1; 100_000] })
}

#[test]
fn a_regular_expression_pays_for_what_it_takes() {
    work("title.matches('(a|b)*a(a|b){100}c')", letters(5_000), &expect!["false"]);
    work(
        "title.matches('(a|b)*a(a|b){100}c')",
        letters(1_000_000),
        &expect![
            "TooMuchWork: `title.matches('(a|b)*a(a|b){100}c')`: this takes too long with values so large"
        ],
    );
    work(
        "title.matches(r'\\d{4}-\\d{2}-\\d{2}') || title.matches(r'\\w+@\\w+\\.\\w+')",
        letters(200_000),
        &expect!["false"],
    );
    // One for each item, and none of them one at all.
    work(
        "counts.exists(x, title.matches('(a|b)*a(a|b){100}c' + string(x)))",
        letters(10_000),
        &expect![
            "TooMuchWork: `counts.exists(x, title.matches('(a|b)*a(a|b){100}c' + string…`: this takes too long with values so large"
        ],
    );
    work(
        "counts.exists(x, title.matches('((a{50}){50}){50}' + string(x)))",
        letters(10),
        &expect![
            "TooMuchWork: `counts.exists(x, title.matches('((a{50}){50}){50}' + string(…`: this takes too long with values so large"
        ],
    );
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn no_text_is_too_strange(text in r#"([a-c0-9.()\[\]{}?:!&|<>=+*/%, "'\\nrxuU`\n-]|has|in|true|null|\.exists\(a, |é|😀){0,40}"#) {
        match Condition::parse(&text) {
            Ok(condition) => {
                for problem in condition.check(&type_of) {
                    prop_assert!(text.get(problem.at).is_some());
                }
                for mention in condition.mentions() {
                    prop_assert!(text[mention.at.clone()].contains(&mention.name));
                }
                let _ = condition.evaluate(&BTreeMap::new(), &type_of, None);
            }
            Err(error) => prop_assert!(text.is_char_boundary(error.offset)),
        }
    }
}
