//! Mistakes in files, names, types, templates, reads, branches, questions and models.

use super::{Mutation, check_all, magazine};

#[test]
fn mistakes_in_files_and_names_are_found_where_they_are() {
    check_all(magazine, FILES);
    check_all(magazine, NAMES);
}

#[test]
fn mistakes_in_types_are_found_where_they_are() {
    check_all(magazine, TYPES);
}

#[test]
fn mistakes_in_templates_and_reads_are_found_where_they_are() {
    check_all(magazine, TEMPLATES);
    check_all(magazine, READS);
}

#[test]
fn mistakes_in_branches_questions_and_models_are_found_where_they_are() {
    check_all(magazine, BRANCHES);
    check_all(magazine, PEOPLE);
}

const FILES: &[Mutation] = &[
    ("a tab", &[("    steps:\n      - name: Outline", "‸\tsteps:\n      - name: Outline")], "BL0101"),
    ("a key twice", &[("timeout: 90s", "‸model: fast\n        timeout: 90s")], "BL0102"),
    ("an anchor", &[("model: strong", "model: ‸&big strong")], "BL0103"),
    ("a misspelt key", &[("parallel: 4", "‸paralell: 4")], "BL0110"),
    ("a list for a text", &[("model: strong", "model: ‸[strong]")], "BL0112"),
    ("a step without a name", &[("- name: Judge\n        model", "- ‸model")], "BL0113"),
    ("a duration without meaning", &[("timeout: 90s", "timeout: ‸soon")], "BL0114"),
    ("too many attempts", &[("attempts: 5", "attempts: ‸500")], "BL0114"),
    ("a missing prompt file", &[("prompt_file: prompts/page.md", "prompt_file: ‸prompts/pag.md")], "BL0120"),
    ("a prompt file outside", &[("prompt_file: prompts/page.md", "prompt_file: ‸../page.md")], "BL0121"),
    ("front matter that is not known", &[("temperature: 0.2", "‸outputs: [outline]")], "BL0122"),
];

const NAMES: &[Mutation] = &[
    ("a name without letters", &[("name: Judge", "name: ‸\"!!\"")], "BL0201"),
    ("two sections of one name", &[("  - name: Opening\n", "  - name: ‸Writing\n")], "BL0202"),
    ("two steps of one name", &[("name: Pick Titles", "name: ‸titles")], "BL0203"),
    (
        "an output that is no name",
        &[("outputs: [draft]", "outputs: [‸the-draft]"), ("before {{draft}}", "before")],
        "BL0204",
    ),
    ("an output twice", &[("outputs: [outline]", "outputs: [outline, ‸outline]")], "BL0206"),
    (
        "an item that is written",
        &[
            ("for_each: opening in", "for_each: ‸opening in"),
            ("outputs: [notice]", "outputs: [notice, opening]"),
        ],
        "BL0205",
    ),
    ("an input twice", &[("note: remark?", "note: remark?, ‸text: remark")], "BL0102"),
];

const TYPES: &[Mutation] = &[
    ("an unknown type", &[("verdict: Verdict\n", "verdict: ‸Verdikt\n")], "BL0230"),
    ("an unknown type in a type", &[("points: \"string[]\" }", "points: ‸strings }")], "BL0116"),
    ("a list of lists", &[("titles: string[]", "titles: ‸string[][]")], "BL0116"),
    ("a constraint of another type", &[("minimum: 1, maximum: 10", "‸minLength: 1, maximum: 10")], "BL0116"),
    ("bounds the wrong way round", &[("minimum: 1, maximum: 10", "minimum: ‸11, maximum: 10")], "BL0237"),
    (
        "an enum without values",
        &[("tone: { enum: [calm, lively], input: true, default: calm }", "tone: { enum: ‸[], input: true }")],
        "BL0237",
    ),
    (
        "a pattern that does not compile",
        &[("talk: { input: true,", "talk: { type: string, pattern: ‸\"[a\", input: true,")],
        "BL0236",
    ),
    ("a default that is not in the enum", &[("default: calm", "default: ‸angry")], "BL0231"),
    (
        "types that hold each other",
        &[
            ("points: \"string[]\" }", "whole: ‸Part }"),
            ("of {{part.points.[0]}} and", "and"),
            ("{{#each part.points as |point|}}{{point}}{{/each}}", ""),
        ],
        "BL0117",
    ),
    (
        "an unknown format",
        &[("talk: { input: true,", "talk: { type: string, format: ‸dat, input: true,")],
        "BL0310",
    ),
    (
        "a single value under for_each",
        &[("openings: string[]", "openings: string"), ("opening in openings", "opening in ‸openings")],
        "BL0233",
    ),
    (
        "a text where the gather gives objects",
        &[("verdicts: Verdict[]", "verdicts: string[]"), ("outputs: [verdicts]", "outputs: [‸verdicts]")],
        "BL0235",
    ),
    (
        "one value where the gather gives a list",
        &[
            ("verdicts: Verdict[]", "verdicts: Verdict"),
            ("outputs: [verdicts]", "outputs: [‸verdicts]"),
            ("{{len verdicts}}", ""),
        ],
        "BL0235",
    ),
    (
        "a choice that is kept as a number",
        &[("picked: string[]", "picked: integer[]"), ("outputs: [picked]", "outputs: [‸picked]")],
        "BL0235",
    ),
];

const TEMPLATES: &[Mutation] = &[
    ("a tag that is not closed", &[("Split {{talk}}", "Split {{talk‸}")], "BL0210"),
    (
        "a block that is not closed",
        &[("{{#if editor}}The editor is {{editor}}.{{/if}}", "‸{{#if editor}}The editor is {{editor}}.")],
        "BL0210",
    ),
    ("an unknown helper", &[("{{truncate talk 5000}}", "{{‸trunkate talk 5000}}")], "BL0212"),
    ("an unknown partial", &[("{{> style}}", "{{> ‸stile}}")], "BL0213"),
    ("a partial that includes itself", &[("Write plainly.", "Write plainly. {{> ‸style}}")], "BL0214"),
    ("a helper without its argument", &[("{{len verdicts}}", "{{‸len verdicts verdicts}}")], "BL0215"),
    ("a word where a number is wanted", &[("{{truncate talk 5000}}", "{{‸truncate talk 'all'}}")], "BL0215"),
    ("a role in a text", &[("# {{#each picked}}", "{{‸role \"user\"}}# {{#each picked}}")], "BL0215"),
    ("a role nobody has", &[("{{role \"system\"}}", "{{‸role \"boss\"}}")], "BL0216"),
    (
        "everything at once",
        &[("# {{#each picked}}{{this}}", "# {{‸this}} {{#each picked}}{{this}}")],
        "BL0216",
    ),
];

const READS: &[Mutation] = &[
    ("a typing mistake in a prompt", &[("along {{outline}}", "along {{‸outlin}}")], "BL0220"),
    ("a typing mistake in a prompt file", &[("{{remark}}", "{{‸remarc}}")], "BL0220"),
    ("a typing mistake in inputs", &[("note: remark?", "note: ‸remarks?")], "BL0220"),
    ("a field of branch that is not there", &[("branch.number", "‸branch.total")], "BL0220"),
    ("a read before the write", &[("Split {{talk}}", "Split {{‸article}}")], "BL0221"),
    (
        "an item after its section",
        &[("Ten titles for {{article}}", "Ten titles for {{article}} {{‸opening}}")],
        "BL0240",
    ),
    (
        "an unknown result",
        &[("outputs: [page, picked, notice]", "outputs: [page, ‸piked, notice]")],
        "BL0222",
    ),
    ("a field of a list", &[("{{part.points.[0]}}", "{{‸part.points.first}}")], "BL0232"),
    ("a loop over a single value", &[("{{#each part.points as", "{{#each ‸part.title as")], "BL0233"),
    ("a field that is not there", &[("{{part.title}}\"", "{{‸part.titel}}\"")], "BL0234"),
    (
        "a field of a gathered row that is not there",
        &[("{{part.title}}: {{text}}", "{{‸part.name}}: {{text}}")],
        "BL0234",
    ),
    (
        "a field of a text",
        &[("{{#each part.points as |point|}}{{point}}", "{{#each part.points as |point|}}{{‸point.text}}")],
        "BL0234",
    ),
    ("an output nobody reads", &[("outputs: [outline]", "outputs: [outline, ‸mood]")], "BL0312"),
    (
        "a value that is overwritten unread",
        &[("outputs: [openings]", "outputs: [openings, ‸remark]")],
        "BL0313",
    ),
    (
        "a prompt file that says something else",
        &[("prompt_file: prompts/outline.md", "‸temperature: 0.9\n        prompt_file: prompts/outline.md")],
        "BL0125",
    ),
    (
        "an attribute nobody uses",
        &[("openings: string[]", "openings: string[]\n  ‸opening_count: integer")],
        "BL0301",
    ),
    (
        "an optional value without a guard",
        &[("{{#if editor}}The editor is {{editor}}.{{/if}}", "The editor is {{‸editor}}.")],
        "BL0302",
    ),
    (
        "a gathered list that is not used",
        &[("gather: { rows: [part, text] }", "gather: { rows: [part, text], more: ‸verdict }")],
        "BL0303",
    ),
];

const BRANCHES: &[Mutation] = &[
    ("a branched value outside its section", &[("before {{draft}}", "before {{‸text}}")], "BL0240"),
    (
        "two independent fan-outs",
        &[
            (
                "- name: Judge",
                "- name: Again\n        for_each: start in openings\n        prompt: \"{{start}}\"\n        outputs: [begin]\n      - name: ‸Judge",
            ),
            ("Score {{text}}", "Score {{text}} {{begin}}"),
        ],
        "BL0241",
    ),
    ("a gather without branches", &[("gather: [verdict]", "gather: [‸outline]")], "BL0242"),
    (
        "a gather of two levels",
        &[
            ("gather: { rows: [part, text] }", "gather: { rows: ‸[part, outline] }"),
            ("{{part.title}}: {{text}}", "{{part.title}}"),
        ],
        "BL0242",
    ),
    ("parallel alone", &[("model: strong\n", "model: strong\n        ‸parallel: 2\n")], "BL0244"),
    (
        "a value of the branches in the results",
        &[(
            "name: Verdicts\n        action: gather\n        gather: [verdict]",
            "name: Verdicts\n        action: gather\n        gather: [‸verdicts]",
        )],
        "BL0242",
    ),
];

const PEOPLE: &[Mutation] = &[
    ("an unknown action", &[("action: publish", "action: ‸publich")], "BL0250"),
    (
        "a step without a prompt",
        &[("- name: Titles\n        prompt: \"Ten titles for {{article}}\"", "- name: ‸Titles")],
        "BL0251",
    ),
    ("an empty prompt", &[("prompt: \"Five openings for {{outline}}\"", "prompt: ‸\"\"")], "BL0252"),
    (
        "a prompt nobody reads",
        &[("from: titles\n", "from: titles\n        prompt: ‸Choose well\n")],
        "BL0253",
    ),
    ("two outputs of a template", &[("outputs: [draft]", "outputs: ‸[draft, other]")], "BL0254"),
    (
        "a gather of nothing",
        &[(
            "- name: Verdicts\n        action: gather\n        gather: [verdict]",
            "- name: ‸Verdicts\n        action: gather",
        )],
        "BL0255",
    ),
    (
        "a choice from nothing",
        &[(
            "- name: Pick Titles\n        action: choose\n        from: titles\n",
            "- name: ‸Pick Titles\n        action: choose\n",
        )],
        "BL0260",
    ),
    ("a choice from a single value", &[("from: titles", "from: ‸article")], "BL0233"),
    ("bounds that cannot be met", &[("min: 1\n        max: 3", "min: 4\n        max: ‸3")], "BL0261"),
    ("a default that is no option", &[("default: 1\n", "default: ‸0\n")], "BL0262"),
    ("a question nobody is asked", &[("name: Judge\n", "name: Judge\n        ‸from: parts\n")], "BL0263"),
    ("an unknown model", &[("model: strong", "model: ‸strnog")], "BL0270"),
    ("an unknown model of the workflow", &[("model: fast", "model: ‸fst")], "BL0270"),
    ("no time at all", &[("timeout: 90s", "timeout: ‸0s")], "BL0271"),
    (
        "a disabled writer",
        &[
            ("- name: Titles\n        prompt", "- name: Titles\n        enabled: false\n        prompt"),
            ("outputs: [titles]", "outputs: [‸titles]"),
        ],
        "BL0307",
    ),
    ("no model anywhere", &[("model: fast\n", ""), ("name: Outline", "name: ‸Outline")], "BL0309"),
];
