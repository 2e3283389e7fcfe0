//! Branches.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::{problems, rule};

#[test]
fn branches_end_with_their_section() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
  - name: Next
    steps:
      - { name: Use, prompt: "{{text}}" }
"#,
        expect![[r#"
            BL0240: `text` exists once per branch of `Each`, whose branches end with their section
              workflow.yaml:12:33
              |       - { name: Use, prompt: "{{text}}" }
              |                                 ^^^^
              workflow.yaml:6:15 written here, once per branch
              |       - name: Each
              |               ^^^^
              fix: read all of them with `gather: [text]`, or add a step with `action: choose` and `from: text`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
  - name: Next
    steps:
      - { name: Use, prompt: "{{text}}", gather: [text] }
"#,
    );
}

#[test]
fn an_item_ends_with_its_section() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
  - name: Next
    steps:
      - { name: Use, prompt: "{{topic}}" }
"#,
        expect![[r#"
            BL0240: `topic` exists once per branch of `Each`, whose branches end with their section
              workflow.yaml:12:33
              |       - { name: Use, prompt: "{{topic}}" }
              |                                 ^^^^^
              workflow.yaml:6:15 written here, once per branch
              |       - name: Each
              |               ^^^^
              fix: read all of them with `gather: [topic]`, or add a step with `action: choose` and `from: topic`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
  - name: Next
    steps:
      - { name: Use, prompt: "{{topics}}" }
"#,
    );
}

#[test]
fn two_fan_outs_are_not_multiplied() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, sizes: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Other
        for_each: size in sizes
        prompt: "{{size}}"
        outputs: [cut]
      - name: Both
        prompt: "{{text}} {{cut}}"
"#,
        expect![[r#"
            BL0241: `cut` comes from the branches of `Other`, `text` from those of `Each`, and neither lies inside the other
              workflow.yaml:14:15
              |       - name: Both
              |               ^^^^
              workflow.yaml:7:28 the other fan-out
              |         for_each: topic in topics
              |                            ^^^^^^
              fix: read one of them as a list: `gather: [text]`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, sizes: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Other
        for_each: size in sizes
        prompt: "{{size}}"
        outputs: [cut]
      - name: Both
        prompt: "{{text}} {{cut}}"
        gather: [cut]
"#,
    );
}

#[test]
fn only_branches_are_gathered() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{draft}}"
        gather: [draft]
"#,
        expect![[r#"
            BL0242: `gather` joins branches, and `Draft` writes `draft` outside of any
              workflow.yaml:10:18
              |         gather: [draft]
              |                  ^^^^^
              workflow.yaml:5:15 written here, once
              |       - name: Draft
              |               ^^^^^
              fix: read `draft` as it is, or give `Draft` a `for_each`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{draft}}"
"#,
    );
}

#[test]
fn a_gather_is_behind_the_branches_of_a_section() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, notes: "string[]" }
sections:
  - name: S
    for_each: topic in topics
    steps:
      - name: Note
        prompt: "{{topic}}"
        outputs: [note]
      - name: Notes
        action: gather
        gather: [note]
        outputs: [notes]
"#,
        expect![[r#"
            BL0242: `gather` joins branches, and this step is in the same branch as `Note`
              workflow.yaml:12:18
              |         gather: [note]
              |                  ^^^^
              workflow.yaml:7:15 written here, once in the branch
              |       - name: Note
              |               ^^^^
              fix: read `note` as it is, or move the step to a section behind this one
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, notes: "string[]" }
sections:
  - name: S
    for_each: topic in topics
    steps:
      - name: Note
        prompt: "{{topic}}"
        outputs: [note]
  - name: T
    steps:
      - name: Notes
        action: gather
        gather: [note]
        outputs: [notes]
"#,
    );
}

#[test]
fn one_gather_is_of_one_branch() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, parts: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Sub
        for_each: part in parts
        prompt: "{{part}}"
        outputs: [note]
      - name: All
        prompt: "{{rows}}"
        gather: { rows: [text, note] }
"#,
        expect![[r#"
            BL0243: `text` and `note` are not written in the same branches
              workflow.yaml:16:25
              |         gather: { rows: [text, note] }
              |                         ^
              fix: gather each of them under a name of its own
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Note
        prompt: "{{text}}"
        outputs: [note]
      - name: All
        prompt: "{{rows}}"
        gather: { rows: [text, note] }
"#,
    );
}

/// An element, and what stands around the branches, goes beside what was written in them; a name that several fan-outs
/// give to their elements is that of the branches at hand.
#[test]
fn a_gather_reaches_up_from_its_branches() {
    let found = problems(
        r#"types: { Part: { name: string, points: "string[]" } }
attributes: { parts: { type: "Part[]", input: true } }
sections:
  - name: Write
    for_each: part in parts
    steps:
      - { name: Plan, prompt: "{{part.name}}", outputs: [idea] }
      - { name: Point, for_each: point in part.points, prompt: "{{point}} {{idea}}", outputs: [text] }
  - name: Other
    steps:
      - { name: Sum, for_each: part in parts, prompt: "{{part.name}}", outputs: [sum] }
      - { name: Join, gather: { rows: [part, idea, point, text], sums: [part, sum] }, prompt: "{{rows}}{{sums}}" }
"#,
    );
    assert_eq!(found, []);
}

#[test]
fn parallel_needs_branches() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        parallel: 4
"#,
        expect![[r#"
            BL0244: `parallel` is about the branches of a `for_each`, and there is none
              workflow.yaml:7:9
              |         parallel: 4
              |         ^^^^^^^^
              fix: add `for_each`, or remove `parallel`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
        parallel: 4
"#,
    );
}

#[test]
fn levels_are_bounded() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Step 0
        for_each: i0 in topics
        prompt: "{{i0}}"
        outputs: [t0]
      - name: Step 1
        for_each: i1 in topics
        prompt: "{{i1}} {{t0}}"
        outputs: [t1]
      - name: Step 2
        for_each: i2 in topics
        prompt: "{{i2}} {{t1}}"
        outputs: [t2]
      - name: Step 3
        for_each: i3 in topics
        prompt: "{{i3}} {{t2}}"
        outputs: [t3]
      - name: Step 4
        for_each: i4 in topics
        prompt: "{{i4}} {{t3}}"
        outputs: [t4]
      - name: Step 5
        for_each: i5 in topics
        prompt: "{{i5}} {{t4}}"
        outputs: [t5]
      - name: Step 6
        for_each: i6 in topics
        prompt: "{{i6}} {{t5}}"
        outputs: [t6]
      - name: Step 7
        for_each: i7 in topics
        prompt: "{{i7}} {{t6}}"
        outputs: [t7]
      - name: Step 8
        for_each: i8 in topics
        prompt: "{{i8}} {{t7}}"
        outputs: [t8]
"#,
        expect![[r#"
            BL0245: `Step 8` opens branches inside 8 levels of branches
              workflow.yaml:39:19
              |         for_each: i8 in topics
              |                   ^^^^^^^^^^^^
              fix: gather before the level 8 is passed
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Step 0
        for_each: i0 in topics
        prompt: "{{i0}}"
        outputs: [t0]
      - name: Step 1
        for_each: i1 in topics
        prompt: "{{i1}} {{t0}}"
        outputs: [t1]
      - name: Step 2
        for_each: i2 in topics
        prompt: "{{i2}} {{t1}}"
        outputs: [t2]
      - name: Step 3
        for_each: i3 in topics
        prompt: "{{i3}} {{t2}}"
        outputs: [t3]
      - name: Step 4
        for_each: i4 in topics
        prompt: "{{i4}} {{t3}}"
        outputs: [t4]
      - name: Step 5
        for_each: i5 in topics
        prompt: "{{i5}} {{t4}}"
        outputs: [t5]
      - name: Step 6
        for_each: i6 in topics
        prompt: "{{i6}} {{t5}}"
        outputs: [t6]
      - name: Step 7
        for_each: i7 in topics
        prompt: "{{i7}} {{t6}}"
        outputs: [t7]
"#,
    );
}

#[test]
fn a_shown_value_does_not_pull_its_step_into_branches() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Use
        prompt: "Hi"
        inputs: [text]
"#,
        expect![[r#"
            BL0240: `text` exists once per branch, and `Use` runs outside of them
              workflow.yaml:12:17
              |         inputs: [text]
              |                 ^
              fix: mention `{{text}}` in the prompt, or gather it
            BL0304: the prompt does not mention the input `text`
              workflow.yaml:12:18
              |         inputs: [text]
              |                  ^^^^
              fix: write `{{text}}` where it belongs, or remove the input
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Use
        prompt: "Hi {{text}}"
"#,
    );
}
