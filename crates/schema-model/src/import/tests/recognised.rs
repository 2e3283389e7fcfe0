//! Meaning that a file only hints at.

use expect_test::expect;

use super::{errors, import, literal, minimal, report, written};

/// Five intros, an article per intro, and a section that goes on with one of them.
fn transcript() -> String {
    minimal(
        &[
            ("transcript", "string"),
            ("intro_variations", "array"),
            ("intro_variation", "string"),
            ("second_draft", "string"),
            ("intro_analysis", "string"),
            ("intro_analysis_combined", "string"),
            ("final_draft", "string"),
        ],
        &[
            ("#Analysis", "", "", ""),
            ("Generate Intros", "transcript", "intro_variations", "Five intros for [transcript]"),
            (
                "Update Draft",
                "transcript intro_variation",
                "second_draft",
                "Open [transcript] with [intro_variation]",
            ),
            ("Analyse Intro", "second_draft", "intro_analysis", "Analyse [second_draft]"),
            ("Combine Intro Analysis", "", "intro_analysis_combined", ""),
            ("#Writing", "", "", ""),
            ("Write Final Draft", "second_draft intro_analysis", "final_draft", "Polish [second_draft]"),
            ("Check", "final_draft second_draft", "", "Is [final_draft] like [second_draft]?"),
        ],
    )
}

#[test]
fn fan_out_gather_and_the_choice_of_a_branch() {
    expect![[r"
        recognised
          Analysis / Update Draft: reads `intro_variation`, so it runs once for each of `intro_variations`
          Analysis / Combine Intro Analysis: it has no prompt: it makes a list of the `intro_analysis` of all branches
          Writing / Choose second draft: `second_draft` exists once per branch, so a person picks one: this step is added
        changed
          attribute intro_variations: type `array` with `is_array: false` becomes `string[]`
          attribute intro_analysis_combined: it is a list of the `intro_analysis` of all branches
          Writing / Write Final Draft: `intro_analysis` exists once per branch and is only shown; all of them are
        worth knowing
          workflow: no step writes `transcript`: asked for when a run starts
          attribute second_draft: 2 steps write it; readers see the last one before them
          Writing / Check: it has no outputs; its answer is kept with the step run
    "]].assert_eq(&report(&transcript()));
    expect![[r"
        name: w

        attributes:
          final_draft: string
          intro_analysis: string
          intro_analysis_combined: string[]
          intro_variation: string
          intro_variations: string[]
          second_draft: string
          transcript: { input: true }

        sections:
          - name: Analysis
            steps:
              - name: Generate Intros
                prompt: Five intros for {{transcript}}
                outputs: [intro_variations]
              - name: Update Draft
                for_each: intro_variation in intro_variations
                prompt: Open {{transcript}} with {{intro_variation}}
                outputs: [second_draft]
              - name: Analyse Intro
                prompt: Analyse {{second_draft}}
                outputs: [intro_analysis]
              - name: Combine Intro Analysis
                action: gather
                gather: [intro_analysis]
                outputs: [intro_analysis_combined]
          - name: Writing
            steps:
              - name: Choose second draft
                description: Pick the second draft to go on with.
                action: choose
                from: second_draft
                outputs: [second_draft]
              - name: Write Final Draft
                gather: [intro_analysis]
                prompt: Polish {{second_draft}}
                outputs: [final_draft]
              - name: Check
                prompt: Is {{final_draft}} like {{second_draft}}?
    "]]
    .assert_eq(&written(&import(&transcript())));
}

#[test]
fn literally_it_is_one_article() {
    let imported = literal(&transcript());
    assert_eq!(errors(&imported.workflow), []);
    expect![[r"
        recognised
          Analysis / Combine Intro Analysis: it has no prompt: a person gives `intro_analysis_combined`
        changed
          attribute intro_variations: type `array` with `is_array: false` becomes `string[]`
        worth knowing
          Writing / Write Final Draft: the prompt does not use `intro_analysis`: only shown, never waited for
          workflow: no step writes `intro_variation`, `transcript`: asked for when a run starts
          Writing / Check: it has no outputs; its answer is kept with the step run
    "]]
    .assert_eq(&imported.report.to_string());
}

#[test]
fn choices_by_name_and_by_shape() {
    let text = minimal(
        &[
            ("title_ideas", "array"),
            ("title", "string"),
            ("tags", "array"),
            ("best_tags", "array"),
            ("tag", "string"),
            ("mood", "string"),
            ("style", "string"),
        ],
        &[
            ("Titles", "", "title_ideas tags", "Ten titles and tags"),
            ("Decide", "title_ideas", "title", ""),
            ("Pick Tags", "tags title", "best_tags", ""),
            ("Choose Style", "mood", "style", ""),
            ("Tidy", "best_tags", "tags", ""),
        ],
    );
    expect![[r"
        recognised
          Main / Decide: it has no prompt: a person chooses from `title_ideas`
          Main / Pick Tags: it has no prompt: a person chooses from `tags`
          Main / Choose Style: it has no prompt: a person gives `style`
          Main / Tidy: it has no prompt: a person gives `tags`
        changed
          attribute best_tags: type `array` with `is_array: false` becomes `string[]`
          attribute tags: type `array` with `is_array: false` becomes `string[]`
          attribute title_ideas: type `array` with `is_array: false` becomes `string[]`
        worth knowing
          workflow: no step writes `mood`: asked for when a run starts
          attribute tags: 2 steps write it without reading what was there; readers see the last one before them
          attribute tag: no step reads or writes it
    "]].assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          best_tags: string[]
          mood: { input: true }
          style: string
          tag: string
          tags: string[]
          title: string
          title_ideas: string[]

        sections:
          - name: Main
            steps:
              - name: Titles
                prompt: Ten titles and tags
                outputs: [title_ideas, tags]
              - name: Decide
                action: choose
                from: title_ideas
                outputs: [title]
              - name: Pick Tags
                action: choose
                from: tags
                show: [title]
                outputs: [best_tags]
              - name: Choose Style
                action: input
                inputs: [mood]
                outputs: [style]
              - name: Tidy
                action: input
                inputs: [best_tags]
                outputs: [tags]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn a_combining_prompt_reads_all_branches() {
    let text = minimal(
        &[("query", "string"), ("queries", "array"), ("answer", "string"), ("answers_combined", "string")],
        &[
            ("Queries", "", "queries", "Five queries"),
            ("Ask", "query", "answer", "Answer [query]"),
            ("Combine", "answer", "answers_combined", "Make one text of [answer]"),
        ],
    );
    expect![[r"
        recognised
          Main / Ask: reads `query`, so it runs once for each of `queries`
          Main / Combine: reads `answer` of all branches as a list
        changed
          attribute queries: type `array` with `is_array: false` becomes `string[]`
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          answer: string
          answers_combined: string
          queries: string[]
          query: string

        sections:
          - name: Main
            steps:
              - name: Queries
                prompt: Five queries
                outputs: [queries]
              - name: Ask
                for_each: query in queries
                prompt: Answer {{query}}
                outputs: [answer]
              - name: Combine
                gather: [answer]
                prompt: Make one text of {{answer}}
                outputs: [answers_combined]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn a_singular_that_is_read_first_is_an_input() {
    let text = minimal(
        &[("idea", "string"), ("ideas", "array"), ("facts", "string")],
        &[
            ("Ideas", "idea", "ideas", "Five ideas like [idea]"),
            ("Facts", "idea", "facts", "Facts about [idea]"),
        ],
    );
    expect![[r"
        changed
          attribute ideas: type `array` with `is_array: false` becomes `string[]`
        worth knowing
          workflow: no step writes `idea`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn a_list_that_is_given_fans_out_too() {
    let text = minimal(
        &[("chapters", "array"), ("chapter", "string"), ("summary", "string"), ("all_summary", "string")],
        &[("Sum Up", "chapter", "summary", "Sum up [chapter]"), ("Collect", "", "all_summary", "")],
    );
    expect![[r"
        recognised
          Main / Sum Up: reads `chapter`, so it runs once for each of `chapters`
          Main / Collect: it has no prompt: it makes a list of the `summary` of all branches
        changed
          attribute chapters: type `array` with `is_array: false` becomes `string[]`
          attribute all_summary: it is a list of the `summary` of all branches
        worth knowing
          workflow: no step writes `chapters`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
    expect![[r#"
        name: w

        attributes:
          all_summary: string[]
          chapter: string
          chapters: { type: "string[]", input: true }
          summary: string

        sections:
          - name: Main
            steps:
              - name: Sum Up
                for_each: chapter in chapters
                prompt: Sum up {{chapter}}
                outputs: [summary]
              - name: Collect
                action: gather
                gather: [summary]
                outputs: [all_summary]
    "#]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn branches_inside_branches() {
    let text = minimal(
        &[
            ("topics", "array"),
            ("topic", "string"),
            ("angles", "array"),
            ("angle", "string"),
            ("text", "string"),
            ("text_combined", "string"),
        ],
        &[
            ("Topics", "", "topics", "Topics"),
            ("Angles", "topic", "angles", "Angles on [topic]"),
            ("Write", "topic angle", "text", "Write about [topic] from [angle]"),
            ("Combine Text", "", "text_combined", ""),
        ],
    );
    expect![[r"
        recognised
          Main / Angles: reads `topic`, so it runs once for each of `topics`
          Main / Write: reads `angle`, so it runs once for each of `angles`
          Main / Combine Text: it has no prompt: it makes a list of the `text` of all branches
        changed
          attribute angles: type `array` with `is_array: false` becomes `string[]`
          attribute topics: type `array` with `is_array: false` becomes `string[]`
          attribute text_combined: it is a list of the `text` of all branches
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          angle: string
          angles: string[]
          text: string
          text_combined: string[]
          topic: string
          topics: string[]

        sections:
          - name: Main
            steps:
              - name: Topics
                prompt: Topics
                outputs: [topics]
              - name: Angles
                for_each: topic in topics
                prompt: Angles on {{topic}}
                outputs: [angles]
              - name: Write
                for_each: angle in angles
                prompt: Write about {{topic}} from {{angle}}
                outputs: [text]
              - name: Combine Text
                action: gather
                gather: [text]
                outputs: [text_combined]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn two_items_of_one_step_are_no_product() {
    let text = minimal(
        &[
            ("titles", "array"),
            ("title", "string"),
            ("covers", "array"),
            ("cover", "string"),
            ("pair", "string"),
        ],
        &[
            ("Make", "", "titles covers", "Titles and covers"),
            ("Pair", "title cover", "pair", "Does [title] go with [cover]?"),
        ],
    );
    expect![[r"
        recognised
          Main / Pair: reads `cover`, so it runs once for each of `covers`
        changed
          attribute covers: type `array` with `is_array: false` becomes `string[]`
          attribute titles: type `array` with `is_array: false` becomes `string[]`
        not understood, kept as text
          attribute title: it could be one of `titles`, but a step needs it together with other branches; it is an input
        worth knowing
          workflow: no step writes `title`: asked for when a run starts
    "]].assert_eq(&report(&text));
}

#[test]
fn ids_are_no_names() {
    let text = serde_json::json!({
        "id": 7, "name": "w", "description": "d",
        "sections": [{ "id": 1, "name": "S", "description": null, "order": 1, "steps": [{
            "id": 3, "name": "One", "description": "", "order": 1, "prompt": "Make [b] of [a]",
            "input_attributes": [{ "id": 11, "name": "a" }], "output_attributes": [{ "id": 12 }],
        }] }],
        "attributes": [{ "id": 11, "name": "a", "type": "string", "is_array": false }, { "id": 12, "name": "b", "type": "array", "is_array": true }],
    });
    let text = text.to_string();
    expect![[r"
        changed
          S / One: the prompt reads `b`, which the step does not declare; it is an optional input
          attribute b: it is read before it is first written: an optional input of the run
        worth knowing
          workflow: the ids of the file are not kept; parts are known by their names
          workflow: no step writes `a`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
    expect![[r#"
        name: w
        description: d

        attributes:
          a: { input: true }
          b: { type: "string[]", input: true, optional: true }

        sections:
          - name: S
            steps:
              - name: One
                inputs: [b?]
                prompt: Make {{b}} of {{a}}
                outputs: [b]
    "#]]
    .assert_eq(&written(&import(&text)));
}
