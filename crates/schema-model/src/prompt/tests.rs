#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Partials, Usage, compile, read};

fn check_with(text: &str, partials: &[(&str, &str)], expected: &Expect) {
    let texts: BTreeMap<String, String> =
        partials.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let prompt = read(text, &Partials::compile(&texts));
    let mut shown = String::new();
    for mention in &prompt.mentions {
        let at = &mention.at;
        let file = at.partial.as_ref().map(|name| format!("{name}:")).unwrap_or_default();
        let usage =
            if mention.usage == Usage::Value { String::new() } else { format!(" {:?}", mention.usage) };
        let guarded = match mention.guarded {
            0 => String::new(),
            parts if parts > mention.path.len() => " guarded".to_owned(),
            parts => format!(" guarded to {parts}"),
        };
        writeln!(shown, "{file}{}:{}+{} {mention}{usage}{guarded}", at.line, at.column, at.length).unwrap();
    }
    for problem in &prompt.problems {
        writeln!(shown, "{}:{} {:?}", problem.at.line, problem.at.column, problem.kind).unwrap();
    }
    expected.assert_eq(&shown);
}

#[expect(clippy::needless_pass_by_value, reason = "`expect![…]` is written in the call")]
fn check(text: &str, expected: Expect) {
    check_with(text, &[], &expected);
}

#[test]
fn mentions_have_paths_and_places() {
    check(
        "Judge {{draft}} by\n  {{verdict.score}}, {{{ verdict.[reason] }}} {{~this.raw~}}",
        expect![[r#"
            1:9+5 draft
            2:5+13 verdict.score
            2:26+16 verdict.reason
            2:50+8 raw
        "#]],
    );
}

#[test]
fn blocks_change_what_names_mean() {
    check(
        "{{#each items}}{{title}} {{this.url}} {{../heading}} {{@root.foot}} {{@index}}{{#with author}}{{name}} {{../title}}{{/with}}{{else}}{{nothing}}{{/each}}",
        expect![[r#"
            1:9+5 items Each guarded
            1:18+5 items[].title guarded to 1
            1:28+8 items[].url guarded to 1
            1:41+10 heading
            1:56+10 foot
            1:87+6 items[].author Context guarded
            1:97+4 items[].author.name guarded to 3
            1:106+8 items[].title guarded to 2
            1:135+7 nothing
        "#]],
    );
    check(
        "{{#each items as |item number|}}{{item.title}} {{number}} {{other}}{{/each}}",
        expect![[r#"
            1:9+5 items Each guarded
            1:35+10 items[].title guarded to 1
            1:61+5 items[].other guarded to 1
        "#]],
    );
    check(
        "{{@index}} {{this}} {{#each (lines text)}}{{this}}{{/each}}",
        expect![[r#"
        1:36+4 text Argument("lines")
        1:3 Unsupported { what: "`@index` outside of a block that sets it" }
        1:14 Unsupported { what: "`this` for all variables at once" }
    "#]],
    );
}

#[test]
fn conditions_guard_their_bodies() {
    check(
        "{{#if notes}}{{notes}}{{else if other}}{{other}}{{notes}}{{else}}{{other}}{{/if}}{{notes}}",
        expect![[r#"
            1:7+5 notes Condition guarded
            1:16+5 notes guarded
            1:33+5 other Condition guarded
            1:42+5 other guarded
            1:51+5 notes
            1:68+5 other
            1:84+5 notes
        "#]],
    );
    check(
        "{{#unless notes}}-{{else}}{{notes}}{{/unless}}{{default notes 'none'}}",
        expect![[r#"
        1:11+5 notes Condition guarded
        1:29+5 notes guarded
        1:57+5 notes Argument("default") guarded
    "#]],
    );
    check(
        "{{#if (and a (not b))}}{{a}}{{b}}{{else}}{{b}}{{/if}}",
        expect![[r#"
        1:12+1 a Argument("and") guarded
        1:19+1 b Argument("not") guarded
        1:26+1 a guarded
        1:31+1 b
        1:44+1 b
    "#]],
    );
}

#[test]
fn places_are_those_of_the_variable_and_of_nothing_else() {
    check(
        "{{eq 'draft' draft}} {{#if draft}} draft {{else if draft}}{{#if x}}{{else}}{{/if}}{{else if (eq draft draft)}}{{/if}}",
        expect![[r#"
            1:14+5 draft Argument("eq") guarded
            1:28+5 draft Condition guarded
            1:52+5 draft Condition guarded
            1:65+1 x Condition guarded
            1:97+5 draft Argument("eq") guarded
            1:103+5 draft Argument("eq") guarded
        "#]],
    );
    check(
        "{{#each draft as |draft|}}{{join draft.join}}{{elsewhere}}{{else}}{{#each each}}{{/each}}{{/each}}",
        expect![[r#"
            1:9+5 draft Each guarded
            1:34+10 draft[].join Argument("join") guarded to 1
            1:46 UnknownHelper { name: "where" }
        "#]],
    );
    check_with(
        "{{> draft draft draft=draft}}",
        &[("draft", "{{draft}} {{foot}}")],
        &expect![[r#"
        1:11+5 draft Context
        1:23+5 draft
        draft:1:3+5 draft
        draft:1:13+4 draft.foot
    "#]],
    );
}

#[test]
fn parts_of_a_path_stand_where_they_are_written() {
    let text = "{{#each chapters as |c|}}{{c.[title].x}} {{../[c]}} {{@root.chapters}} {{name}}{{/each}} {{this/a.b}}";
    let prompt = read(text, &Partials::default());
    let mut shown = String::new();
    for mention in &prompt.mentions {
        write!(shown, "{mention}:").unwrap();
        for part in 0..=mention.path.len() {
            let Some(at) = mention.part_at(part) else {
                write!(shown, " -").unwrap();
                continue;
            };
            let word: String = text.chars().skip(at.column as usize - 1).take(at.length as usize).collect();
            write!(shown, " {word}").unwrap();
        }
        shown.push('\n');
    }
    expect![[r#"
        chapters: chapters
        chapters[].title.x: - - title x
        chapters[]: - -
        chapters: chapters
        chapters[].name: - - name
        a.b: a b
    "#]]
    .assert_eq(&shown);
}

#[test]
fn partials_are_walked_where_they_are_included() {
    let partials = [
        ("style", "Write like {{author}}.\n{{> foot}}"),
        ("foot", "{{year}}"),
        ("a", "{{> b}}"),
        ("b", "{{> a}}"),
    ];
    check_with(
        "{{> style}} {{> style author=me}} {{> style person}}",
        &partials,
        &expect![[r#"
        style:1:14+6 author
        foot:1:3+4 year
        1:30+2 me
        style:1:14+6 me
        foot:1:3+4 year
        1:45+6 person Context
        style:1:14+6 person.author
        foot:1:3+4 person.year
    "#]],
    );
    check_with(
        "{{#> foot}}{{inside}}{{/foot}}{{role who}}{{upper (role 'user')}}{{role 'user'}}",
        &partials,
        &expect![[r#"
            1:38+3 who Argument("role")
            1:1 Unsupported { what: "a partial with a body" }
            1:33 Unsupported { what: "`role` with anything but \"system\", \"user\" or \"assistant\"" }
            1:52 HelperForm { name: "role" }
        "#]],
    );
    check_with(
        "{{> a}}{{> stile}}{{> (lookup this 'x')}}",
        &partials,
        &expect![[r#"
        1:5 PartialCycle { cycle: ["a", "b", "a"] }
        1:12 UnknownPartial { name: "stile" }
        1:19 Unsupported { what: "a partial whose name is computed" }
    "#]],
    );
    check_with(
        "{{#*inline \"row\"}}{{cell}}{{/inline}}{{#each rows}}{{> row}}{{/each}}",
        &[],
        &expect![[r#"
            1:46+4 rows Each guarded
            1:1 Unsupported { what: "a decorator or inline partial" }
            1:56 UnknownPartial { name: "row" }
        "#]],
    );
}

#[test]
fn helpers_are_the_known_ones() {
    check(
        "{{join tags ', '}} {{jion tags}} {{eq a}} {{if a}} {{#json a}}{{/json}} {{date}} {{len}}",
        expect![[r#"
            1:8+4 tags Argument("join")
            1:27+4 tags
            1:39+1 a Argument("eq") guarded
            1:48+1 a Argument("if")
            1:60+1 a Argument("json")
            1:75+4 date
            1:84+3 len
            1:22 UnknownHelper { name: "jion" }
            1:36 HelperArguments { name: "eq", given: 1 }
            1:45 HelperForm { name: "if" }
        "#]],
    );
    check(
        "{{#each (lines text)}}{{lookup ../list @index}}{{/each}}{{{{raw}}}} {{not_read}} {{{{/raw}}}}",
        expect![[r#"
        1:16+4 text Argument("lines")
        1:32+7 list Argument("lookup")
    "#]],
    );
}

#[test]
fn broken_templates_have_a_place() {
    check(
        "one\ntwo {{#if x}}",
        expect![[r#"
            2:5 Syntax { reason: "this block is not closed" }
        "#]],
    );
    check(
        "{{#if x}}{{/each}}",
        expect![[r#"
        1:10 Syntax { reason: "helper \"if\" was opened, but \"each\" is closing" }
    "#]],
    );
    check(
        "{{draft} and {{x}}",
        expect![[r#"
            1:8 Syntax { reason: "this is not a complete tag or block" }
        "#]],
    );
}

#[test]
fn deep_templates_are_refused_before_they_are_parsed() {
    let mut deep = vec!["{{#if x}}".repeat(5_000) + &"{{/if}}".repeat(5_000)];
    deep.push(format!("{{{{a {}x{}}}}}", "(not ".repeat(5_000), ")".repeat(5_000)));
    deep.push(format!("{{{{a.[\"]}}}} {} {{{{a.[\"]}}}}", deep[0]));
    deep.push(format!("{{{{a.[\"] {}x{} }}}}", "(not ".repeat(5_000), ")".repeat(5_000)));
    deep.push(format!("\\{{{{!-- {} --}}}}", deep[0]));
    deep.push(format!("{{{{!-- }}}}{}", deep[0]));
    deep.push(format!("{{{{a {}}}}}", "[".repeat(5_000)));
    for text in deep {
        assert!(compile(&text).is_err(), "{}", &text[..40]);
    }
}

proptest! {
    #[test]
    fn no_text_panics(parts in proptest::collection::vec(
        prop_oneof![
            Just("{{"), Just("}}"), Just("{{{"), Just("{{{{"), Just("}}}}"), Just("{{#"), Just("{{/"), Just("{{else}}"),
            Just("{{~"), Just("~}}"), Just("each"), Just("if"), Just("inline"), Just("*"), Just(">"), Just(" "), Just("\n"),
            Just("x"), Just("x.y"), Just("../"), Just("@"), Just("this"), Just("["), Just("]"), Just("("), Just(")"),
            Just("\""), Just("'"), Just("\\"), Just("as |a b|"), Just("="), Just("!"), Just("--"), Just("é"), Just("1"),
            Just("{{x}}"), Just("{{#if x}}"), Just("{{/if}}"), Just("{{> p}}"), Just("else"), Just("^"), Just("&"),
        ],
        0..24,
    )) {
        let text = parts.concat();
        let partials = BTreeMap::from([("p".to_owned(), text.clone())]);
        read(&text, &Partials::compile(&partials));
    }
}

/// A chain of partials, each with blocks around the next one, walked on the stack of a server's worker.
#[test]
fn a_chain_of_partials_ends() {
    let problems = |links: usize, open: &str, close: &str| {
        let link = |at: usize| (format!("p{at}"), format!("{open}{{{{> p{}}}}}{close}", at + 1));
        let mut texts: BTreeMap<String, String> = (0..links).map(link).collect();
        texts.insert(format!("p{links}"), "end".to_owned());
        let read = move || read("{{> p0}}", &Partials::compile(&texts)).problems;
        let walker = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(read).unwrap();
        format!("{:?}", walker.join().unwrap())
    };
    assert_eq!(problems(63, "", ""), "[]");
    assert_eq!(problems(31, "{{#if a}}", "{{/if}}"), "[]");
    expect![[r#"[PromptProblem { kind: TooLarge { reason: "with its partials the prompt is nested deeper than 64 levels" }, at: TextPlace { partial: Some("p64"), line: 1, column: 1, length: 2 } }]"#]].assert_eq(&problems(64, "", ""));
    assert_eq!(problems(5_000, "", ""), problems(64, "", ""));
    assert_eq!(problems(3_000, "{{#each a}}", "{{/each}}"), problems(32, "{{#each a}}", "{{/each}}"));
}
