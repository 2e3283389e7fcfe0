//! Reads of what an earlier turn or branch wrote, and of what none of them can give.

use expect_test::expect;

use super::rule::rule;

#[test]
fn a_turn_does_not_see_the_branches_of_the_turn_before() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, note: { optional: true } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Plan, prompt: "Plan.{{#if note}} So far: {{note}}{{/if}}", outputs: [plan] }
      - { name: Note, for_each: topic in topics, prompt: "{{plan}} {{topic}}", outputs: [note] }
outputs: [note]
"#,
        expect![[r#"
            BL0240: `note` exists once per branch of `Note`, whose branches end with their turn
              workflow.yaml:7:43
              |       - { name: Plan, prompt: "Plan.{{#if note}} So far: {{note}}{{/if}}", outputs: [plan] }
              |                                           ^^^^
              workflow.yaml:8:17 written here, once per branch
              |       - { name: Note, for_each: topic in topics, prompt: "{{plan}} {{topic}}", outputs: [note] }
              |                 ^^^^
              fix: join them behind `Note`, for example with `gather: [note]`, and read what that step writes
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, notes: { type: "string[]", optional: true } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Plan, prompt: "Plan.{{#if notes}} So far: {{notes}}{{/if}}", outputs: [plan] }
      - { name: Note, for_each: topic in topics, prompt: "{{plan}} {{topic}}", outputs: [note] }
      - { name: Notes, action: gather, gather: [note], outputs: [notes] }
outputs: [notes]
"#,
    );
}

#[test]
fn a_branch_does_not_see_its_like_of_the_turn_before() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, note: { input: true, default: none } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Note, for_each: topic in topics, prompt: "{{note}} {{topic}}", outputs: [note] }
outputs: [note]
"#,
        expect![[r#"
            BL0240: `note` exists once per branch of `Note`, whose branches end with their turn
              workflow.yaml:7:61
              |       - { name: Note, for_each: topic in topics, prompt: "{{note}} {{topic}}", outputs: [note] }
              |                                                             ^^^^
              workflow.yaml:7:17 written here, once per branch
              |       - { name: Note, for_each: topic in topics, prompt: "{{note}} {{topic}}", outputs: [note] }
              |                 ^^^^
              fix: join them behind `Note`, for example with `gather: [note]`, and read what that step writes
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, note: { input: true, default: none } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Note, for_each: topic in topics, prompt: "{{note}} {{topic}}", outputs: [entry] }
      - { name: Best, action: choose, from: entry, outputs: [note] }
outputs: [note]
"#,
    );
}

#[test]
fn a_filter_is_asked_of_what_the_turn_before_wrote() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, note: { optional: true } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: A, for_each: topic in topics, where: has(note) && topic != note, prompt: "{{topic}}", outputs: [note] }
outputs: [note]
"#,
        expect![[r#"
            BL0240: `note` exists once per branch of `A`, whose branches end with their turn
              workflow.yaml:7:58
              |       - { name: A, for_each: topic in topics, where: has(note) && topic != note, prompt: "{{topic}}", outputs: [note] }
              |                                                          ^^^^
              workflow.yaml:7:17 written here, once per branch
              |       - { name: A, for_each: topic in topics, where: has(note) && topic != note, prompt: "{{topic}}", outputs: [note] }
              |                 ^
              fix: join them behind `A`, for example with `gather: [note]`, and read what that step writes
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, last: { optional: true } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: A, for_each: topic in topics, where: "!has(last) || topic != last", prompt: "{{topic}}", outputs: [note] }
      - { name: B, action: template, gather: [note], prompt: "{{join note}}", outputs: [last] }
outputs: [last]
"#,
    );
}

#[test]
fn only_what_a_branch_writes_is_carried() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    steps:
      - name: Text
        for_each: topic in topics
        carry: [summary]
        prompt: "{{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [text]
      - { name: Summary, action: template, gather: [text], prompt: "{{join text}}", outputs: [summary] }
outputs: [summary]
"#,
        expect![[r#"
            BL0246: `summary` is carried to the next branch, and no step of the branch writes it
              workflow.yaml:8:17
              |         carry: [summary]
              |                 ^^^^^^^
              workflow.yaml:11:95 written only here
              |       - { name: Summary, action: template, gather: [text], prompt: "{{join text}}", outputs: [summary] }
              |                                                                                               ^^^^^^^
              fix: name `summary` in the `outputs` of a step of the branch, or remove it here
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    steps:
      - name: Text
        for_each: topic in topics
        carry: [summary]
        prompt: "{{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [text]
      - { name: Summary, prompt: "{{text}}", outputs: [summary] }
outputs: [summary]
"#,
    );
}

#[test]
fn what_inner_branches_write_is_not_carried() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    for_each: topic in topics
    carry: [summary]
    steps:
      - name: Text
        prompt: "{{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [text]
      - { name: Summary, samples: 2, prompt: "{{text}}", outputs: [summary] }
outputs: [summary]
"#,
        expect![[r#"
            BL0246: `summary` is carried to the next branch, and `Summary` writes it in branches within
              workflow.yaml:6:13
              |     carry: [summary]
              |             ^^^^^^^
              workflow.yaml:11:17 written here, once per inner branch
              |       - { name: Summary, samples: 2, prompt: "{{text}}", outputs: [summary] }
              |                 ^^^^^^^
              fix: join the inner branches in a step that writes `summary` once
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    for_each: topic in topics
    carry: [summary]
    steps:
      - name: Text
        prompt: "{{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [text]
      - { name: Summary, samples: 2, prompt: "{{text}}", outputs: [sketch] }
      - { name: Best, action: choose, from: sketch, outputs: [summary] }
outputs: [summary]
"#,
    );
}

#[test]
fn a_step_outside_the_branches_reads_nothing_that_is_carried() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    steps:
      - { name: Plan, prompt: "Plan.{{#if summary}} After {{summary}}{{/if}}", outputs: [plan] }
      - name: Summary
        for_each: topic in topics
        carry: [summary]
        prompt: "{{plan}} {{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [summary]
outputs: [summary]
"#,
        expect![[r#"
            BL0221: `summary` is read before any step writes it
              workflow.yaml:6:43
              |       - { name: Plan, prompt: "Plan.{{#if summary}} After {{summary}}{{/if}}", outputs: [plan] }
              |                                           ^^^^^^^
              workflow.yaml:11:19 written only here
              |         outputs: [summary]
              |                   ^^^^^^^
              fix: move the step behind the one that writes it, or declare `summary` with `input: true`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    steps:
      - { name: Plan, prompt: "Plan.", outputs: [plan] }
      - name: Summary
        for_each: topic in topics
        carry: [summary]
        prompt: "{{plan}} {{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [summary]
outputs: [summary]
"#,
    );
}

#[test]
fn the_first_turn_has_nothing_to_read() {
    rule(
        r#"sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Draft, prompt: "Write. {{remarks}}", outputs: [draft] }
      - { name: Remarks, prompt: "{{draft}}", outputs: [remarks] }
outputs: [draft]
"#,
        expect![[r#"
            BL0221: `remarks` is read before any step writes it
              workflow.yaml:6:42
              |       - { name: Draft, prompt: "Write. {{remarks}}", outputs: [draft] }
              |                                          ^^^^^^^
              workflow.yaml:7:57 written only here
              |       - { name: Remarks, prompt: "{{draft}}", outputs: [remarks] }
              |                                                         ^^^^^^^
              fix: declare `remarks` with `optional: true` and read it inside `{{#if remarks}}`: the first time has none
        "#]],
        r#"attributes: { remarks: { optional: true } }
sections:
  - name: S
    repeat: { max: 2 }
    steps:
      - { name: Draft, prompt: "Write. {{#if remarks}}{{remarks}}{{/if}}", outputs: [draft] }
      - { name: Remarks, prompt: "{{draft}}", outputs: [remarks] }
outputs: [draft]
"#,
    );
}

/// Switching a step off is no mistake of what reads it.
#[test]
fn what_a_disabled_step_would_write_may_be_carried() {
    let text = r#"attributes: { topics: { type: "string[]", input: true }, summary: { optional: true } }
sections:
  - name: S
    steps:
      - name: Text
        for_each: topic in topics
        carry: [summary]
        prompt: "{{topic}}{{#if summary}}, after {{summary}}{{/if}}"
        outputs: [text]
      - { name: Summary, enabled: false, prompt: "{{text}}", outputs: [summary] }
outputs: [text]
"#;
    let found: Vec<_> = super::rule::problems(text).iter().map(|problem| problem.code.0).collect();
    assert_eq!(found, ["BL0307"]);
}
