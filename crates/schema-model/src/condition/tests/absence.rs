//! What may be absent or null, and how it is asked for.

use expect_test::expect;

use super::typing::{check, check_fine};

#[test]
fn optional_fields_are_tested_first() {
    check(
        "verdict.note == 'x'",
        &expect![[r#"
        FieldMayBeAbsent at "verdict.note"
          `verdict.note` may be absent
          test it first: `has(verdict.note) && …`, or make the field required
    "#]],
    );
    check(
        "has(verdict.note) || verdict.note == 'x'",
        &expect![[r#"
        FieldMayBeAbsent at "verdict.note"
          `verdict.note` may be absent
          test it first: `has(verdict.note) && …`, or make the field required
    "#]],
    );
    check(
        "has(verdict.note) && verdicts.all(verdict, verdict.note == 'x')",
        &expect![[r#"
        FieldMayBeAbsent at "verdict.note"
          `verdict.note` may be absent
          test it first: `has(verdict.note) && …`, or make the field required
    "#]],
    );
}

#[test]
fn what_may_be_null_is_asked_for_first() {
    check_fine(&[
        "has(rank) && rank > 3",
        "rank != null && rank > 3",
        "rank == null || rank > 3",
        "rank == null ? count > 3 : rank > 3",
        "null != rank && rank + 1 == 3 && remark == 'a'",
        "rank == 3 && rank in counts && remark in ['a', 'b']",
        "has(remark) && remark.startsWith('a')",
    ]);
    check(
        "rank > 3 && rank != null || size(remark) > 0 || remark == 'c'",
        &expect![[r#"
            FieldMayBeAbsent at "rank"
              `rank` may be null
              test it first: `has(rank) && …`
            FieldMayBeAbsent at "remark"
              `remark` may be null
              test it first: `has(remark) && …`
            NotAChoice at "'c'"
              `'c'` is none of the values of this enum
              did you mean `"a"`?
        "#]],
    );
}
