//! Every form of a workflow gives the same workflow again.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{files, read_yaml, render};
use crate::definition::document::{read, read_value};
use crate::definition::{
    Action, Attribute, CanonicalError, Choice, ForEach, Gather, Input, ModelParameters, OnError, OnMax,
    Repeat, Retry, Section, Select, SelectOrder, Spread, Step, TypeExpression, Variant, Workflow,
};

const NASTY: [&str; 46] = [
    " a",
    "a ",
    "#",
    "a #b",
    "a: b",
    "a:",
    ": a",
    "- a",
    "-",
    "?",
    "? a",
    "0755",
    "12",
    "1e3",
    "-1.5",
    ".5",
    "0x1f",
    "true",
    "False",
    "yes",
    "No",
    "on",
    "null",
    "~",
    "{{x}}",
    "{a}",
    "[a]",
    "a, b",
    "'a'",
    "\"a\"",
    "\\n",
    "@a",
    "`a`",
    "%a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "---",
    "...",
    "a\tb",
    "\ta",
    "<<",
    "=",
    "😀 ü \u{85}\u{2028}\u{feff}",
];

const LINES: [&str; 12] = [
    "a\nb",
    "a\nb\n",
    "a\nb\n\n\n",
    "\na",
    " a\nb",
    "a\n  b\n",
    "a \n\n b",
    "a\r\nb\r",
    "---\na: b\n---\nc\n",
    "\n",
    "\ttab\n\tb",
    "---\n",
];

const NAMES: [&str; 6] = ["string", "string[]", "integer", "T", "file", "object[]"];

const ACTIONS: [&str; 8] = ["prompt", "template", "choose", "gather", "select", "note", "true", "my action"];

const PATHS: [&str; 7] =
    ["prompts/a.md", "b.md", "prompts/A.md", "workflow.yaml", "prompts/_p.md", "../x.md", "a b/ü.txt"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(&NASTY[..]).prop_map(str::to_owned),
        3 => proptest::sample::select(&LINES[..]).prop_map(str::to_owned),
        2 => "[ -~\n\t]{1,40}",
        1 => "[^\u{0}]{1,20}",
        3 => "[A-Z][a-z]{1,8} [a-z]{1,8}",
    ]
}

fn name() -> impl Strategy<Value = String> {
    text().prop_filter("names are not blank", |text| !text.trim().is_empty())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z_]{1,8}", 1 => proptest::sample::select(vec!["type", "pattern", "yes", "enum", "format", "x?"]).prop_map(str::to_owned)]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..=1.0, Just(1.0), Just(0.1), Just(1e-7)]
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_filter("JSON numbers are finite", |number| number.is_finite()).prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        text().prop_map(Json::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "a": null })),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            btree_map(name(), inner, 0..4).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn schema() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!({ "type": "string" })),
        Just(json!({ "type": "object" })),
        Just(json!({ "type": "integer", "minimum": 1, "maximum": 10 })),
        Just(json!({ "type": "string", "description": "a: b", "pattern": "^a" })),
        Just(json!({ "type": ["string", "null"] })),
        Just(json!({ "enum": [1, 2] })),
        Just(json!({ "type": "integer", "enum": [1, 2] })),
        vec(text(), 1..3).prop_map(|values| json!({ "enum": values })),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items, "maxItems": 3 })),
            vec(inner.clone(), 1..3).prop_map(|schemas| json!({ "anyOf": schemas })),
            (btree_map(word(), inner, 0..4), any::<bool>()).prop_map(|(properties, is_closed)| {
                let required: Vec<String> = properties.keys().cloned().collect();
                let mut schema = json!({ "type": "object", "properties": properties, "required": required });
                if is_closed {
                    schema["additionalProperties"] = json!(false);
                }
                schema
            }),
        ]
    })
    // An `enum` of numbers that names no type is given one by reading, so it is no canonical schema.
    .prop_filter("canonical", |schema| !schema.to_string().contains(r#"{"enum":[1,2]}"#))
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let value_type = prop_oneof![
        proptest::sample::select(&NAMES[..]).prop_map(|name| TypeExpression::Name(name.to_owned())),
        schema().prop_map(TypeExpression::Schema),
    ];
    let description = prop_oneof![Just(String::new()), text()];
    (description, value_type, any::<bool>(), any::<bool>(), option::of(value())).prop_map(
        |(description, value_type, input, optional, default)| Attribute {
            description,
            value_type,
            input,
            optional,
            default,
        },
    )
}

fn parameters() -> impl Strategy<Value = ModelParameters> {
    (
        option::of(number()),
        option::of(number()),
        option::of(1..9_u32),
        option::of(any::<u64>()),
        vec(text(), 0..2),
    )
        .prop_map(|(temperature, top_p, max_tokens, seed, stop)| ModelParameters {
            temperature,
            top_p,
            max_tokens,
            seed,
            stop,
        })
}

fn choice() -> impl Strategy<Value = Choice> {
    (
        option::of(name()),
        vec(text(), 0..2),
        option::of(0..3_u32),
        option::of(any::<bool>()),
        option::of(value()),
    )
        .prop_map(|(from, show, min, own_text, default)| Choice {
            from,
            show,
            min,
            max: min,
            own_text,
            default,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let plain = prop_oneof![Just(String::new()), text()];
    let action = proptest::sample::select(&ACTIONS[..]).prop_map(|name| Action::from(name.to_owned()));
    let prompt = (
        option::of(prop_oneof![Just(String::new()), text()]),
        option::of(proptest::sample::select(&PATHS[..])),
    );
    let input = (word(), word(), any::<bool>()).prop_map(|(name, attribute, optional)| Input {
        name,
        attribute,
        optional,
    });
    let gather = (word(), vec(word(), 1..3)).prop_map(|(name, attributes)| Gather { name, attributes });
    let each = prop_oneof![
        (word(), word()).prop_map(|(item, list)| ForEach { item, list }),
        (name(), name()).prop_map(|(item, list)| ForEach { item, list }),
    ];
    let retry = (1..20_u32, option::of(any::<u32>()))
        .prop_map(|(attempts, delay)| Retry { attempts, delay_ms: delay.map(u64::from) });
    let reads = (vec(input, 0..3), vec(gather, 0..3));
    let rest = (
        vec(text(), 0..3),
        option::of(name()),
        parameters(),
        choice(),
        option::of(retry),
        option::of(any::<u64>()),
        btree_map(name(), value(), 0..2),
    );
    let head = (name(), plain, action, any::<bool>());
    (head, prompt, reads, rest, spread(each), option::of(name()), candidates(), outcome()).prop_map(
        |(head, (prompt, file), (inputs, gather), rest, spread, when, candidates, outcome)| {
            let (name, description, action, enabled) = head;
            let (outputs, model, parameters, choice, retry, timeout_ms, with) = rest;
            let (variants, samples, select) = candidates;
            let (assert, on_error, after, effect) = outcome;
            // `select: …` without an action says `action: select`.
            let action = if select.is_some() && action == Action::Prompt { Action::Select } else { action };
            let prompt_file = prompt.as_ref().and(file).map(str::to_owned);
            Step {
                name,
                description,
                action,
                enabled,
                prompt,
                prompt_file,
                inputs,
                outputs,
                model,
                parameters,
                spread,
                when,
                variants,
                samples,
                gather,
                choice,
                select,
                assert,
                on_error,
                after,
                effect,
                retry,
                timeout_ms,
                with,
            }
        },
    )
}

fn spread(each: impl Strategy<Value = ForEach>) -> impl Strategy<Value = Spread> {
    let bounds = (option::of(1..64_u32), option::of(1..9_u32));
    (option::of(each), option::of(name()), bounds, vec(text(), 0..2), option::of(name())).prop_map(
        |(for_each, filter, (parallel, at_least), carry, label)| Spread {
            for_each,
            filter,
            parallel,
            carry,
            at_least,
            label,
        },
    )
}

fn candidates() -> impl Strategy<Value = (Vec<Variant>, Option<u32>, Option<Select>)> {
    let variant = (name(), option::of(name()), parameters()).prop_map(|(name, model, parameters)| Variant {
        name,
        model,
        parameters,
    });
    let order = proptest::sample::select(vec![SelectOrder::Highest, SelectOrder::Lowest, SelectOrder::First]);
    let select = (name(), name(), order, option::of(1..9_u32)).prop_map(|(from, by, order, max)| Select {
        from,
        by,
        order,
        max,
    });
    (vec(variant, 0..3), option::of(1..9_u32), option::of(select))
}

fn outcome() -> impl Strategy<Value = (Vec<String>, Option<OnError>, Vec<String>, Option<bool>)> {
    let on_error =
        proptest::sample::select(vec![OnError::Fail, OnError::Skip, OnError::Null, OnError::Pause]);
    (vec(text(), 0..2), option::of(on_error), vec(text(), 0..2), option::of(any::<bool>()))
}

fn repeat() -> impl Strategy<Value = Repeat> {
    let on_max = proptest::sample::select(vec![OnMax::Continue, OnMax::Fail]);
    (option::of(name()), 1..9_u32, on_max).prop_map(|(until, max, on_max)| Repeat { until, max, on_max })
}

pub(super) fn workflow() -> impl Strategy<Value = Workflow> {
    let head = (name(), prop_oneof![Just(String::new()), text()], any::<bool>());
    let each = (word(), word()).prop_map(|(item, list)| ForEach { item, list });
    let levels = (option::of(name()), spread(each), option::of(repeat()));
    let section = (head, vec(step(), 0..4), levels).prop_map(|(head, steps, (when, spread, repeat))| {
        let (name, description, enabled) = head;
        Section { name, description, enabled, when, spread, repeat, steps }
    });
    let partials = btree_map(prop_oneof!["[a-z]{1,3}", text()], text(), 0..3);
    let types = btree_map("[A-Z][a-z]{0,5}", schema(), 0..3);
    let attributes = btree_map(prop_oneof![word(), text()], attribute(), 0..4);
    let head = (name(), prop_oneof![Just(String::new()), text()], option::of(name()), parameters());
    (head, types, attributes, option::of(vec(text(), 0..3)), partials, vec(section, 0..3)).prop_map(
        |((name, description, model, parameters), types, attributes, outputs, partials, sections)| Workflow {
            name,
            description,
            model,
            parameters,
            types,
            attributes,
            outputs,
            partials,
            sections,
        },
    )
}

proptest! {

    #[test]
    fn the_canonical_document_is_read_as_itself(workflow in workflow()) {
        let canonical = workflow.to_canonical_json();
        prop_assert_eq!(&Workflow::from_canonical_json(&canonical).unwrap(), &workflow);
        // A prompt file outside the folder is an error of a document, whoever wrote it.
        let mut workflow = workflow;
        for step in workflow.sections.iter_mut().flat_map(|section| &mut section.steps) {
            step.prompt_file = step.prompt_file.take().filter(|path| !path.contains(".."));
        }
        let canonical = workflow.to_canonical_json();
        let document = read(&files([("w.json", &*canonical)]), "w.json");
        prop_assert_eq!(render(&document), "");
        prop_assert_eq!(document.workflow.unwrap().to_canonical_json(), canonical);
    }

    #[test]
    fn files_are_read_as_the_workflow_they_were_written_from(workflow in workflow()) {
        let files = workflow.to_files();
        let document = read(&files, "workflow.yaml");
        prop_assert_eq!(render(&document), "", "{:#?}", files);
        let again = document.workflow.unwrap();
        prop_assert_eq!(again.content_hash(), workflow.content_hash(), "{:#?}\n{:#?}\n{:#?}", files, again, workflow);
    }

    #[test]
    fn a_text_stays_itself_in_yaml(texts in vec(text(), 1..4)) {
        let fields: BTreeMap<String, Json> = texts.iter().map(|text| (text.clone(), json!(text))).collect();
        let step = Step { name: "t".to_owned(), with: fields.clone(), ..Step::default() };
        let section = Section { name: "s".to_owned(), description: texts[0].clone(), enabled: true, steps: vec![step], ..Section::default() };
        let workflow = Workflow { name: "n".to_owned(), sections: vec![section], ..Workflow::default() };
        let again = read(&workflow.to_files(), "workflow.yaml").workflow.unwrap();
        prop_assert_eq!(&again.sections[0].description, &texts[0]);
        prop_assert_eq!(&again.sections[0].steps[0].with, &fields);
    }

    #[test]
    fn nothing_that_is_read_panics(text in any::<String>()) {
        read_yaml(&text);
        let _ = read_value("inputs.json", &text);
        let _ = Workflow::from_canonical_json(&text);
    }

    #[test]
    fn no_mutation_of_a_workflow_panics(
        workflow in workflow(),
        cuts in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[ -~\n\t]{0,3}"), 1..4),
    ) {
        let mut files = workflow.to_files();
        for text in files.values_mut() {
            let mut characters: Vec<char> = text.chars().collect();
            for (from, length, insert) in &cuts {
                if characters.is_empty() { continue; }
                let from = from.index(characters.len());
                let until = from + length.index((characters.len() - from).min(8));
                characters.splice(from..until, insert.chars());
            }
            *text = characters.into_iter().collect();
        }
        let document = read(&files, "workflow.yaml");
        for diagnostic in &document.diagnostics {
            prop_assert!(diagnostic.places.iter().all(|place| place.line > 0 && place.column > 0));
        }
    }
}

#[test]
fn the_hash_leaves_out_where_prompts_stand() {
    let inline = read_yaml("name: n\nsections: [{ name: s, steps: [{ name: t, prompt: \"Hello\\n\" }] }]\n");
    let folder = files([
        ("workflow.yaml", "name: n\nsections: [{ name: s, steps: [{ name: t, prompt_file: p.md }] }]\n"),
        ("p.md", "Hello\r\n"),
    ]);
    let folder = read(&folder, "workflow.yaml").workflow.unwrap();
    assert_eq!(inline.workflow.unwrap().content_hash(), folder.content_hash());
    assert!(folder.to_canonical_json().contains(r#""prompt":"Hello\n","prompt_file":"p.md""#));
    assert_eq!(folder.to_files()["p.md"], "Hello\n");
}

#[test]
fn a_document_of_another_version_is_refused() {
    let problem = |text: &str| Workflow::from_canonical_json(text).unwrap_err();
    assert_eq!(problem(r#"{"name":"n","sections":[]}"#), CanonicalError::Format(String::new()));
    let newer = r#"{"format":"branchline.workflow/1","name":"n","repeat":3,"sections":[]}"#;
    assert_eq!(problem(newer), CanonicalError::Newer);
    assert!(matches!(problem("{"), CanonicalError::Shape(_)));
}
