//! What operators and functions take.

use expect_test::expect;

use super::typing::check;

#[test]
fn operators_take_what_they_are_for() {
    check(
        "title - 1 > 0",
        &expect![[r#"
        Operand at "title - 1"
          `-` does not take `title` of type `string` and `1` of type `integer`
          use two numbers
    "#]],
    );
    check(
        "title + count == 'x3'",
        &expect![[r#"
        Operand at "title + count"
          `+` does not take `title` of type `string` and `count` of type `integer`
          write `string(count)`
    "#]],
    );
    check(
        "words + 'x' == words",
        &expect![[r#"
        ListAsItem at "words + 'x'"
          `words` is a list, and `+` takes one item
          write `size(words)`, or choose an item: `words[0]`
    "#]],
    );
    check(
        "price % 2 == 0",
        &expect![[r#"
        Operand at "price % 2"
          `%` is the remainder of integers, and this is a `number`
          write `int(…) % …`
    "#]],
    );
    check(
        "-title == 'x'",
        &expect![[r#"
        Operand at "-title"
          `title` is of type `string`, and `-` takes a number
          take the `-` out
    "#]],
    );
    check(
        "!count",
        &expect![[r#"
        NotBoolean at "count"
          `count` is of type `integer`, and `!` takes true or false
          compare it: `count > 0`
    "#]],
    );
    check(
        "title && done",
        &expect![[r#"
        NotBoolean at "title"
          `title` is of type `string`, and `&&` takes true or false
          compare it: `title == "…"`, or write `title != ""`
    "#]],
    );
    check(
        "[1, 'x'][0] == 1",
        &expect![[r#"
        Operand at "[1, 'x']"
          this list has items of type `integer` and of type `string`
          give it items of one type
    "#]],
    );
    check(
        "(done ? 1 : 'x') == 1",
        &expect![[r#"
        Operand at "(done ? 1 : 'x')"
          this is of type `integer` or of type `string`
          give both sides of `:` one type
    "#]],
    );
}

#[test]
fn functions_are_called_as_they_are_written() {
    check(
        "title.lenght() > 3",
        &expect![[r#"
        UnknownFunction at "lenght"
          there is no function `lenght`
          use one of `size`, `contains`, `startsWith`, `endsWith`, `matches`, `int`, `double`, `string`
    "#]],
    );
    check(
        "length(title) > 3",
        &expect![[r#"
        UnknownFunction at "length"
          there is no function `length`
          did you mean `size`?
    "#]],
    );
    check(
        "contain(title, 'x')",
        &expect![[r#"
        UnknownFunction at "contain"
          there is no function `contain`
          did you mean `contains`?
    "#]],
    );
    check(
        "contains(title, 'x')",
        &expect![[r#"
        FunctionUse at "contains(title, 'x')"
          `contains` is not called in this way
          write `text.contains("x")`
    "#]],
    );
    check(
        "title.contains()",
        &expect![[r#"
        FunctionUse at "title.contains()"
          `contains` is not called in this way
          write `text.contains("x")`
    "#]],
    );
    check(
        "words.exists(w)",
        &expect![[r#"
        FunctionUse at "words.exists(w)"
          `exists` is not called in this way
          write `list.exists(item, …)`
    "#]],
    );
    check(
        "count.contains('x')",
        &expect![[r#"
        ArgumentType at "count"
          `contains` takes texts, and `count` is of type `integer`
          write `string(count)`
    "#]],
    );
    check(
        "size(count) > 3",
        &expect![[r#"
        ArgumentType at "count"
          `size` counts items or characters, and `count` is of type `integer`
          use the value itself
    "#]],
    );
    check(
        "int(words) > 3",
        &expect![[r#"
        ListAsItem at "words"
          `int` takes one text or number, and `words` is of type `string[]`
          use a text or a number
    "#]],
    );
    check(
        "title.matches('(')",
        &expect![[r#"
        Pattern at "'('"
          this is not a regular expression: unclosed group
          correct the pattern; it has at most 1024 bytes
    "#]],
    );
    check(
        "title.matches('(a{1000}){1000}')",
        &expect![[r#"
        Pattern at "'(a{1000}){1000}'"
          this is not a regular expression: it is too large once it is compiled
          correct the pattern; it has at most 1024 bytes
    "#]],
    );
}
