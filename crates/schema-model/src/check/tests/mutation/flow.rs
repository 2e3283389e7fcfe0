//! Mistakes in conditions, turns, candidates, selections, and what follows what.

use super::{Mutation, check_all, studio};

#[test]
fn mistakes_in_conditions_are_found_where_they_are() {
    check_all(studio, CONDITIONS);
}

#[test]
fn mistakes_in_branches_and_turns_are_found_where_they_are() {
    check_all(studio, BRANCHES);
}

#[test]
fn mistakes_in_candidates_and_order_are_found_where_they_are() {
    check_all(studio, CANDIDATES);
}

const CONDITIONS: &[Mutation] = &[
    (
        "a condition that ends early",
        &[("when: language == \"de\" && size(tale) > 2", "when: language ==‸")],
        "BL0217",
    ),
    ("an unknown name in a condition", &[("when: language ==", "when: ‸langage ==")], "BL0220"),
    ("an unknown name in a filter", &[("where: page != ", "where: ‸pag != ")], "BL0220"),
    ("a text compared with a number", &[("language == \"de\"", "‸language == 3")], "BL0218"),
    ("a word the enum does not have", &[("language == \"de\"", "language == ‸\"fr\"")], "BL0218"),
    (
        "a condition that is a text",
        &[("when: language == \"de\" && size(tale) > 2", "when: ‸language")],
        "BL0218",
    ),
    (
        "a filter that is a number",
        &[("where: chapter.research && chapter.pages > 2", "where: ‸chapter.pages")],
        "BL0218",
    ),
    (
        "an unknown field in a filter",
        &[("chapter.research && chapter.pages", "‸chapter.reserch && chapter.pages")],
        "BL0234",
    ),
    (
        "an optional value that is not asked for",
        &[("when: language == \"de\" && size(tale) > 2", "when: ‸tagline == \"x\"")],
        "BL0219",
    ),
    ("an unknown function", &[("size(checked) > 10", "‸length(checked) > 10")], "BL0218"),
    (
        "an assert over something it does not know",
        &[("assert: size(checked)", "assert: size(‸chekced)")],
        "BL0220",
    ),
    (
        "an end that is never asked",
        &[("until: has(grade) && grade.score >= 8", "until: has(grade) && ‸grade.mark >= 8")],
        "BL0234",
    ),
    ("a list compared with a text", &[("size(tale) > 2", "‸tale == \"x\"")], "BL0232"),
];

const BRANCHES: &[Mutation] = &[
    (
        "a filter without branches",
        &[("- name: Pages\n", "- name: Pages\n        ‸where: language == \"de\"\n")],
        "BL0244",
    ),
    ("a carry without branches", &[("- name: Pages\n", "- name: Pages\n        ‸carry: [plan]\n")], "BL0244"),
    (
        "a least number without branches",
        &[("- name: Judge\n", "- name: Judge\n        ‸at_least: 1\n")],
        "BL0244",
    ),
    ("a label without branches", &[("- name: Judge\n", "- name: Judge\n        ‸label: x\n")], "BL0244"),
    (
        "a filter on a section without branches",
        &[("  - name: End\n", "  - name: End\n    ‸where: language == \"de\"\n")],
        "BL0244",
    ),
    ("a carry of something nobody writes", &[("carry: [summary]", "carry: [summary, ‸sumary]")], "BL0220"),
    (
        "a carry without a first value",
        &[
            ("summary: { optional: true }", "summary: string"),
            ("{{#if summary}}after {{summary}}{{/if}}", "after {{‸summary}}"),
        ],
        "BL0221",
    ),
    (
        "a turn that reads what the first has not",
        &[("plan: { optional: true }", "plan: string"), ("{{#if plan}}Was {{plan}}{{/if}}", "Was {{‸plan}}")],
        "BL0221",
    ),
    (
        "a label that knows too much",
        &[("label: \"{{chapter.title}}\"", "label: \"{{‸language}}\"")],
        "BL0247",
    ),
    (
        "a label with an unknown field",
        &[("label: \"{{chapter.title}}\"", "label: \"{{‸chapter.name}}\"")],
        "BL0234",
    ),
    (
        "a section that goes through one thing",
        &[
            ("for_each: chapter in book", "for_each: chapter in ‸language"),
            ("where: chapter.research && chapter.pages > 2", "where: chapter != \"\""),
            ("label: \"{{chapter.title}}\"", "label: \"{{chapter}}\""),
            ("Facts on {{chapter.title}}", "Facts on {{chapter}}"),
        ],
        "BL0233",
    ),
    (
        "the item of a section outside of it",
        &[("Pages of {{#if plan}}", "{{‸chapter.title}} {{#if plan}}")],
        "BL0240",
    ),
    ("a value of a section outside of it", &[("Pages of {{#if plan}}", "{{‸facts}} {{#if plan}}")], "BL0240"),
    ("no turns at all", &[("max: 3, on_max", "max: ‸0, on_max")], "BL0114"),
    (
        "turns without an end",
        &[
            ("until: has(grade) && grade.score >= 8, max: 3,", "until: has(grade) && grade.score >= 8,"),
            ("repeat: {", "repeat: ‸{"),
        ],
        "BL0113",
    ),
    ("an unknown end of turns", &[("on_max: continue", "on_max: ‸stop")], "BL0114"),
];

const CANDIDATES: &[Mutation] = &[
    (
        "variants of a text",
        &[(
            "- name: Sheet\n        action: template",
            "- name: Sheet\n        ‸samples: 2\n        action: template",
        )],
        "BL0248",
    ),
    ("no samples", &[("samples: 2", "samples: ‸0")], "BL0114"),
    ("two variants of one name", &[("bold: {", "‸Calm: {")], "BL0248"),
    ("an unknown model of a variant", &[("model: strong", "model: ‸stong")], "BL0270"),
    (
        "a candidate as one value",
        &[
            ("- name: Translate\n", "- name: Translate\n"),
            ("Translate {{title}}", "Translate {{‸candidate}}"),
        ],
        "BL0240",
    ),
    (
        "a selection from nothing",
        &[
            ("select: { from: candidate, by: verdict.score, order: highest }", "action: select"),
            ("- name: Best", "- name: ‸Best"),
        ],
        "BL0264",
    ),
    ("a score that is a text", &[("by: verdict.score", "by: ‸verdict.notes")], "BL0265"),
    ("a score that is not there", &[("by: verdict.score", "by: ‸verdict.points")], "BL0234"),
    (
        "the first of numbers",
        &[("order: highest", "order: first"), ("by: verdict.score", "by: ‸verdict.score")],
        "BL0265",
    ),
    ("the highest of answers", &[("by: verdict.score", "by: ‸verdict.good")], "BL0265"),
    ("an unknown order", &[("order: highest", "order: ‸best")], "BL0114"),
    (
        "a score of other branches",
        &[("from: candidate, by: verdict.score", "from: language, by: ‸verdict.score")],
        "BL0265",
    ),
    ("a step after an unknown one", &[("after: [Sheet]", "after: [‸Sheat]")], "BL0223"),
    ("a step after a later one", &[("after: [Sheet]", "after: [‸Tell Everybody]")], "BL0223"),
    ("a step after itself", &[("after: [Sheet]", "after: [‸Remember]")], "BL0223"),
    ("an unknown answer to failure", &[("on_error: skip", "on_error: ‸ignore")], "BL0114"),
    (
        "a note with an output",
        &[(
            "description: Send the sheet to the printer",
            "description: Send the sheet to the printer\n        outputs: ‸[sent]",
        )],
        "BL0254",
    ),
];
