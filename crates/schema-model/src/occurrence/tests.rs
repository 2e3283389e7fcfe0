#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::{Form, Occurrences, Subject, rename};
use crate::definition::document::{self, ReadDocument};

fn files(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn read(texts: &[(&str, &str)]) -> ReadDocument {
    document::read(&files(texts), texts[0].0)
}

/// Each place with the words that stand there.
#[expect(clippy::needless_pass_by_value, reason = "`expect![…]` is written in the call")]
fn check(texts: &[(&str, &str)], expected: Expect) {
    let read = read(texts);
    let occurrences = Occurrences::of(&read.workflow.unwrap(), &read.sources);
    let mut shown = String::new();
    for one in occurrences.iter() {
        let span = &one.span;
        let line = read.sources.line(&span.file, span.line).unwrap_or_default();
        let words: String = line.chars().skip(span.column as usize - 1).take(span.length as usize).collect();
        let subject = match &one.subject {
            Subject::Attribute(name) => name.clone(),
            Subject::Step(place) => format!("step {}.{}", place.section, place.step),
            other => format!("{other:?}"),
        };
        let form = if one.form == Form::Name { String::new() } else { format!(" ({:?})", one.form) };
        writeln!(
            shown,
            "{}:{}:{} `{words}` {:?} {subject}{form}",
            span.file, span.line, span.column, one.role
        )
        .unwrap();
    }
    expected.assert_eq(&shown);
}

const KEYS: &str = r#"
name: keys
attributes:
  "chapters": string[]
  topic: { input: true }
outputs: final
sections:
  - name: One
    steps:
      - name: Plan
        prompt: "Über \"{{topic}}\" 🦀: {{topic}}"
        outputs: ["chapters"]
      - name: Draft
        for_each: chapter in chapters
        inputs: { theme: topic?, chapter: chapter }
        prompt: |

          Write 🦀 {{chapter}} of {{theme}} in {{topic}}
            for 'Zürich' {{#if topic}}{{topic}}{{/if}}
        outputs: [draft, 'notes']
      - name: Join
        action: template
        gather: [draft, notes]
        inputs: [topic]
        prompt: '{{#each draft}}it''s {{this}} {{../topic}}{{/each}} {{notes}}'
        outputs:
          - joined
      - name: Rows
        gather: { rows: [draft, notes], all: draft }
        prompt: "{{#each rows as |row|}}{{row.draft}} {{notes}}{{/each}} {{all}} {{branch.number}}"
        outputs: [final]
      - name: Pick
        action: choose
        from: chapters
        show: [topic]
        outputs: [pick]
"#;

#[test]
fn every_key_and_mention_has_its_exact_place() {
    check(
        &[("workflow.yaml", KEYS)],
        expect![[r#"
        workflow.yaml:4:4 `chapters` Declaration chapters
        workflow.yaml:5:3 `topic` Declaration topic
        workflow.yaml:6:10 `final` Read final
        workflow.yaml:10:15 `Plan` Declaration step 0.0 (Alias)
        workflow.yaml:11:27 `topic` Read topic
        workflow.yaml:11:42 `topic` Read topic
        workflow.yaml:12:20 `chapters` Write chapters
        workflow.yaml:13:15 `Draft` Declaration step 0.1 (Alias)
        workflow.yaml:14:19 `chapter` Declaration chapter
        workflow.yaml:14:30 `chapters` Read chapters
        workflow.yaml:15:19 `theme` Read topic (Alias)
        workflow.yaml:15:26 `topic` Read topic
        workflow.yaml:15:34 `chapter` Read chapter (Alias)
        workflow.yaml:15:43 `chapter` Read chapter
        workflow.yaml:18:21 `chapter` Read chapter
        workflow.yaml:18:36 `theme` Read topic (Alias)
        workflow.yaml:18:49 `topic` Read topic
        workflow.yaml:19:32 `topic` Read topic
        workflow.yaml:19:41 `topic` Read topic
        workflow.yaml:20:19 `draft` Write draft
        workflow.yaml:20:27 `notes` Write notes
        workflow.yaml:21:15 `Join` Declaration step 0.2 (Alias)
        workflow.yaml:23:18 `draft` Read draft
        workflow.yaml:23:25 `notes` Read notes
        workflow.yaml:24:18 `topic` Read topic
        workflow.yaml:25:26 `draft` Read draft
        workflow.yaml:25:41 `this` Read draft (Alias)
        workflow.yaml:25:53 `topic` Read topic
        workflow.yaml:25:72 `notes` Read notes
        workflow.yaml:27:13 `joined` Write joined
        workflow.yaml:28:15 `Rows` Declaration step 0.3 (Alias)
        workflow.yaml:29:26 `draft` Read draft
        workflow.yaml:29:33 `notes` Read notes
        workflow.yaml:29:41 `all` Read draft (Alias)
        workflow.yaml:29:46 `draft` Read draft
        workflow.yaml:30:47 `draft` Read draft
        workflow.yaml:30:57 `notes` Read notes
        workflow.yaml:30:76 `all` Read draft (Alias)
        workflow.yaml:31:19 `final` Write final
        workflow.yaml:32:15 `Pick` Declaration step 0.4 (Alias)
        workflow.yaml:34:15 `chapters` Read chapters
        workflow.yaml:35:16 `topic` Read topic
        workflow.yaml:36:19 `pick` Write pick
    "#]],
    );
}

const FLOW: &str = r#"
name: flow
attributes:
  topics: { type: "string[]", input: true }
  strict: { type: boolean, input: true }
  verdict: { type: { score: integer } }
sections:
  - name: Parts
    when: size(topics) > 0 && topics.exists(x, x != "strict" && strict)
    for_each: topic in topics
    where: 'topic != ''strict'''
    carry: [summary]
    label: "{{topic}} of {{branch.count}}"
    repeat: { until: "verdict.score > 8 || strict", max: 2 }
    steps:
      - name: Write It
        prompt: >
          On {{topic}},

            and {{#if summary}}what
          {{ summary }} said{{/if}}
        outputs: [summary]
      - name: Judge
        after: [write-it]
        prompt: Judge
          {{summary}} über
          {{topic}}
        when: |
          has(summary) &&
            !(strict)
        outputs: [verdict]
        assert:
          - verdict.score >= 1
          - 'verdict.score <= 10'
  - name: End
    steps:
      - name: Best
        action: select
        after: Parts.Judge
        select: { from: summary, by: verdict.score }
        outputs: [best]
"#;

#[test]
fn flow_is_full_of_names() {
    check(
        &[("workflow.yaml", FLOW)],
        expect![[r#"
        workflow.yaml:4:3 `topics` Declaration topics
        workflow.yaml:5:3 `strict` Declaration strict
        workflow.yaml:6:3 `verdict` Declaration verdict
        workflow.yaml:9:16 `topics` Read topics
        workflow.yaml:9:31 `topics` Read topics
        workflow.yaml:9:65 `strict` Read strict
        workflow.yaml:10:15 `topic` Declaration topic
        workflow.yaml:10:24 `topics` Read topics
        workflow.yaml:11:13 `topic` Read topic
        workflow.yaml:12:13 `summary` Read summary
        workflow.yaml:13:15 `topic` Read topic
        workflow.yaml:14:23 `verdict` Read verdict
        workflow.yaml:14:44 `strict` Read strict
        workflow.yaml:16:15 `Write It` Declaration step 0.0 (Alias)
        workflow.yaml:18:16 `topic` Read topic
        workflow.yaml:20:23 `summary` Read summary
        workflow.yaml:21:14 `summary` Read summary
        workflow.yaml:22:19 `summary` Write summary
        workflow.yaml:23:15 `Judge` Declaration step 0.1 (Alias)
        workflow.yaml:24:17 `write-it` Read step 0.0 (Alias)
        workflow.yaml:26:13 `summary` Read summary
        workflow.yaml:27:13 `topic` Read topic
        workflow.yaml:29:15 `summary` Read summary
        workflow.yaml:30:15 `strict` Read strict
        workflow.yaml:31:19 `verdict` Write verdict
        workflow.yaml:33:13 `verdict` Read verdict
        workflow.yaml:34:14 `verdict` Read verdict
        workflow.yaml:37:15 `Best` Declaration step 1.0 (Alias)
        workflow.yaml:39:16 `Parts.Judge` Read step 0.1 (Alias)
        workflow.yaml:40:25 `summary` Read summary
        workflow.yaml:40:38 `verdict` Read verdict
        workflow.yaml:41:19 `best` Write best
    "#]],
    );
}

#[test]
fn prompt_files_and_partials_have_theirs() {
    let workflow = "name: files\nattributes: { a: { input: true }, b: { input: true } }\nsections:\n  - name: One\n    steps:\n      - name: First\n        prompt_file: prompts/first.md\n        outputs: [x]\n      - name: Second\n        inputs: { a: b }\n        prompt: '{{> style}} {{> tone a=x}}'\n        outputs: [y]\n";
    check(
        &[
            ("workflow.yaml", workflow),
            ("prompts/first.md", "---\nmodel: fast\n---\n\nÄ {{a}} {{> style}}\n"),
            ("prompts/_style.md", "{{a}}"),
            ("prompts/_tone.md", "{{a}} {{b}}"),
            ("prompts/_unused.md", "{{b}}"),
        ],
        expect![[r#"
            prompts/_style.md:1:1 `{{a}}` Declaration Partial("style") (Alias)
            prompts/_style.md:1:3 `a` Read a
            prompts/_style.md:1:3 `a` Read b (Alias)
            prompts/_tone.md:1:1 `{{a}} {{b}}` Declaration Partial("tone") (Alias)
            prompts/_tone.md:1:3 `a` Read x (Alias)
            prompts/_tone.md:1:9 `b` Read b
            prompts/_unused.md:1:1 `{{b}}` Declaration Partial("unused") (Alias)
            prompts/_unused.md:1:3 `b` Read b
            prompts/first.md:5:5 `a` Read a
            prompts/first.md:5:13 `style` Read Partial("style")
            workflow.yaml:2:15 `a` Declaration a
            workflow.yaml:2:35 `b` Declaration b
            workflow.yaml:6:15 `First` Declaration step 0.0 (Alias)
            workflow.yaml:7:22 `prompts/first.md` Read PromptFile("prompts/first.md") (Alias)
            workflow.yaml:8:19 `x` Write x
            workflow.yaml:9:15 `Second` Declaration step 0.1 (Alias)
            workflow.yaml:10:19 `a` Read b (Alias)
            workflow.yaml:10:22 `b` Read b
            workflow.yaml:11:22 `style` Read Partial("style")
            workflow.yaml:11:34 `tone` Read Partial("tone")
            workflow.yaml:11:41 `x` Read x
            workflow.yaml:12:19 `y` Write y
        "#]],
    );
}

#[test]
fn texts_that_are_not_written_as_they_are_still_count() {
    check(
        &[(
            "workflow.yaml",
            "name: odd\nsections:\n  - name: One\n    steps:\n      - name: First\n        prompt: x\n        outputs: [\"\\x61\"]\n      - name: Second\n        prompt: \"{{\\x61}}\n          and {{a}}\"\n",
        )],
        expect![[r#"
            workflow.yaml:5:15 `First` Declaration step 0.0 (Alias)
            workflow.yaml:7:19 `"\x61"` Write a (Hidden)
            workflow.yaml:8:15 `Second` Declaration step 0.1 (Alias)
            workflow.yaml:9:17 `"{{\x61}}` Read a (Hidden)
        "#]],
    );
}

/// The files after a rename, or why there is none; those that stay as they are, are left out.
fn renamed(texts: &[(&str, &str)], from: &str, to: &str) -> String {
    let read = read(texts);
    let edits = match rename(&read, texts[0].0, from, to) {
        Ok(edits) => edits,
        Err(problem) => return format!("{problem}\n"),
    };
    let after = super::rename::edited(files(texts), &edits);
    let again = document::read(&after, texts[0].0);
    let occurrences = Occurrences::of(&again.workflow.unwrap(), &again.sources);
    assert_eq!(occurrences.places_of(&Subject::Attribute(from.to_owned())).count(), 0);
    let mut shown = String::new();
    for ((_, before), (file, after)) in files(texts).iter().zip(&after) {
        let lines = before.lines().zip(after.lines());
        for (_, after) in lines.filter(|(before, after)| before != after) {
            writeln!(shown, "{file}: {}", after.trim()).unwrap();
        }
    }
    shown
}

#[test]
fn an_attribute_is_renamed_everywhere_and_nothing_else_is() {
    let texts = [("workflow.yaml", KEYS)];
    expect![[r#"
        workflow.yaml: subject_matter: { input: true }
        workflow.yaml: prompt: "Über \"{{subject_matter}}\" 🦀: {{subject_matter}}"
        workflow.yaml: inputs: { theme: subject_matter?, chapter: chapter }
        workflow.yaml: Write 🦀 {{chapter}} of {{theme}} in {{subject_matter}}
        workflow.yaml: for 'Zürich' {{#if subject_matter}}{{subject_matter}}{{/if}}
        workflow.yaml: inputs: [subject_matter]
        workflow.yaml: prompt: '{{#each draft}}it''s {{this}} {{../subject_matter}}{{/each}} {{notes}}'
        workflow.yaml: show: [subject_matter]
    "#]]
    .assert_eq(&renamed(&texts, "topic", "subject_matter"));
    expect![[r#"
        workflow.yaml: outputs: [d, 'notes']
        workflow.yaml: gather: [d, notes]
        workflow.yaml: prompt: '{{#each d}}it''s {{this}} {{../topic}}{{/each}} {{notes}}'
        workflow.yaml: gather: { rows: [d, notes], all: d }
        workflow.yaml: prompt: "{{#each rows as |row|}}{{row.d}} {{notes}}{{/each}} {{all}} {{branch.number}}"
    "#]]
    .assert_eq(&renamed(&texts, "draft", "d"));
    expect![[r#"
        workflow.yaml: for_each: part in chapters
        workflow.yaml: inputs: { theme: topic?, chapter: part }
        workflow.yaml: Write 🦀 {{part}} of {{theme}} in {{topic}}
    "#]]
    .assert_eq(&renamed(&texts, "chapter", "part"));
    expect![[r#"
        workflow.yaml: "parts": string[]
        workflow.yaml: outputs: ["parts"]
        workflow.yaml: for_each: chapter in parts
        workflow.yaml: from: parts
    "#]]
    .assert_eq(&renamed(&texts, "chapters", "parts"));
    expect![[r#"
        workflow.yaml: outputs: [draft, 'remarks']
        workflow.yaml: gather: [draft, remarks]
        workflow.yaml: prompt: '{{#each draft}}it''s {{this}} {{../topic}}{{/each}} {{remarks}}'
        workflow.yaml: gather: { rows: [draft, remarks], all: draft }
        workflow.yaml: prompt: "{{#each rows as |row|}}{{row.draft}} {{remarks}}{{/each}} {{all}} {{branch.number}}"
    "#]].assert_eq(&renamed(&texts, "notes", "remarks"));
}

#[test]
fn conditions_and_folded_texts_are_renamed_too() {
    let texts = [("workflow.yaml", FLOW)];
    expect![[r#"
        workflow.yaml: is_strict: { type: boolean, input: true }
        workflow.yaml: when: size(topics) > 0 && topics.exists(x, x != "strict" && is_strict)
        workflow.yaml: repeat: { until: "verdict.score > 8 || is_strict", max: 2 }
        workflow.yaml: !(is_strict)
    "#]]
    .assert_eq(&renamed(&texts, "strict", "is_strict"));
    expect![[r#"
        workflow.yaml: carry: [gist]
        workflow.yaml: and {{#if gist}}what
        workflow.yaml: {{ gist }} said{{/if}}
        workflow.yaml: outputs: [gist]
        workflow.yaml: {{gist}} über
        workflow.yaml: has(gist) &&
        workflow.yaml: select: { from: gist, by: verdict.score }
    "#]]
    .assert_eq(&renamed(&texts, "summary", "gist"));
    expect![[r#"
        workflow.yaml: v: { type: { score: integer } }
        workflow.yaml: repeat: { until: "v.score > 8 || strict", max: 2 }
        workflow.yaml: outputs: [v]
        workflow.yaml: - v.score >= 1
        workflow.yaml: - 'v.score <= 10'
        workflow.yaml: select: { from: summary, by: v.score }
    "#]]
    .assert_eq(&renamed(&texts, "verdict", "v"));
    expect![[r#"
        workflow.yaml: for_each: x in topics
        workflow.yaml: where: 'x != ''strict'''
        workflow.yaml: label: "{{x}} of {{branch.count}}"
        workflow.yaml: On {{x}},
        workflow.yaml: {{x}}
    "#]]
    .assert_eq(&renamed(&texts, "topic", "x"));
}

#[test]
fn names_that_would_change_a_meaning_are_refused() {
    let texts = [("workflow.yaml", KEYS)];
    let cases = [
        ("topic", "final"),
        ("topic", "my-topic"),
        ("topic", "this"),
        ("topic", "theme"),
        ("notes", "row"),
        ("topic", "NULL"),
        ("nowhere", "x"),
    ];
    let problems: String = cases.iter().map(|(from, to)| renamed(&texts, from, to)).collect();
    expect![[r#"
        there is an attribute `final` already
        `my-topic` cannot be the name of an attribute: a letter or `_`, then letters, digits and `_`
        `this` cannot be the name of an attribute: a letter or `_`, then letters, digits and `_`
        with the name `theme`, workflow.yaml:18 would mean something else
        with the name `row`, workflow.yaml:30 would mean something else
        with the name `NULL`, workflow.yaml:24 would mean something else
        there is no attribute `nowhere`
    "#]]
    .assert_eq(&problems);
}

#[test]
fn a_partial_that_means_two_things_is_not_renamed() {
    let workflow = "name: files\nattributes: { a: { input: true }, b: { input: true } }\nsections:\n  - name: One\n    steps:\n      - name: First\n        prompt: '{{> style}}'\n        outputs: [x]\n      - name: Second\n        inputs: { a: b }\n        prompt: '{{> style}}'\n        outputs: [y]\n";
    let texts = [("workflow.yaml", workflow), ("prompts/_style.md", "{{a}}")];
    expect![[r#"
        with the name `c`, prompts/_style.md:1 would mean something else
    "#]]
    .assert_eq(&renamed(&texts, "a", "c"));
    expect![[r#"
        workflow.yaml: attributes: { a: { input: true }, c: { input: true } }
        workflow.yaml: inputs: { a: c }
    "#]]
    .assert_eq(&renamed(&texts, "b", "c"));
    let broken = [("workflow.yaml", workflow), ("prompts/_style.md", "{{a}} {{#if}")];
    expect![[r#"
        workflow.yaml: attributes: { a: { input: true }, c: { input: true } }
        workflow.yaml: inputs: { a: c }
    "#]]
    .assert_eq(&renamed(&broken, "b", "c"));
}
