//! Templates.

use expect_test::expect;

use super::rule::rule;

#[test]
fn templates_are_complete() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "One {{draft} two"
"#,
        expect![[r#"
            BL0210: the template cannot be read: this is not a complete tag or block
              workflow.yaml:9:29
              |         prompt: "One {{draft} two"
              |                             ^
              fix: close every `{{` with `}}` and every block with its name, such as `{{/if}}`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "One {{draft}} two"
"#,
    );
}

#[test]
fn templates_are_bounded() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper draft))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))}}"
"#,
        expect![[r#"
            BL0211: blocks and parentheses are nested deeper than 64 levels
              workflow.yaml:9:474
              |         prompt: "{{upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper (upper draft))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))}}"
              |                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          ^^
              fix: make several steps of it
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{upper (upper draft)}}"
"#,
    );
}

#[test]
fn helpers_are_known() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{uper draft}}"
"#,
        expect![[r#"
            BL0212: there is no helper `uper`
              workflow.yaml:9:20
              |         prompt: "{{uper draft}}"
              |                    ^^^^
              fix: did you mean `upper`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{upper draft}}"
"#,
    );
}

#[test]
fn partials_are_known() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "{{> stile}}"
"#,
        expect![[r#"
            BL0213: there is no partial `stile`
              workflow.yaml:6:22
              |         prompt: "{{> stile}}"
              |                      ^^^^^
              fix: did you mean `style`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "{{> style}}"
"#,
    );
}

#[test]
fn helpers_have_arguments() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{truncate draft}} {{if draft}}"
"#,
        expect![[r#"
            BL0215: `truncate` takes 2 arguments, and there are 1
              workflow.yaml:9:20
              |         prompt: "{{truncate draft}} {{if draft}}"
              |                    ^^^^^^^^
              fix: write `{{truncate value …}}` with 2 arguments
            BL0215: `if` is not used in this way
              workflow.yaml:9:39
              |         prompt: "{{truncate draft}} {{if draft}}"
              |                                       ^^
              fix: write `{{#if value}}…{{/if}}`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{truncate draft 80}} {{#if draft}}-{{/if}}"
"#,
    );
}

#[test]
fn everything_at_once_is_no_variable() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{json this}} {{@index}} {{draft}}"
"#,
        expect![[r#"
            BL0216: `this` for all variables at once is not part of the template language
              workflow.yaml:9:25
              |         prompt: "{{json this}} {{@index}} {{draft}}"
              |                         ^^^^
              fix: leave it out, or name the attributes that are meant
            BL0216: `@index` outside of a block that sets it is not part of the template language
              workflow.yaml:9:34
              |         prompt: "{{json this}} {{@index}} {{draft}}"
              |                                  ^^^^^^
              fix: leave it out, or name the attributes that are meant
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{json draft}}"
"#,
    );
}
