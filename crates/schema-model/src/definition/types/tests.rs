//! Types of values.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::{Value as Json, json};

use super::{AttributeType, TypeExpression, TypeKind};

#[test]
fn a_text_is_stored_as_itself_and_a_list_as_canonical_json() {
    let list = AttributeType::STRING.list();
    assert_eq!(AttributeType::STRING.to_stored(&json!("a \"b\"")).unwrap(), "a \"b\"");
    assert_eq!(list.to_stored(&json!(["b", "a"])).unwrap(), r#"["b","a"]"#);
    let object = AttributeType::of(TypeKind::Object);
    assert_eq!(
        object.to_stored(&json!({"b": 1, "a": {"d": 2, "c": 3}})).unwrap(),
        r#"{"a":{"c":3,"d":2},"b":1}"#
    );
    assert!(AttributeType::STRING.to_stored(&json!("a\0")).is_err());
    assert!(list.to_stored(&json!(["a\0"])).is_err());
}

#[test]
fn named_types_resolve_with_their_schema() {
    let types = BTreeMap::from([("Score".to_owned(), json!({"type": "integer", "maximum": 10}))]);
    let score = TypeExpression::Name("Score[]".to_owned()).resolve(&types).unwrap();
    assert_eq!(score.to_string(), "integer[]");
    assert!(score.check(&json!([1, 10])).is_ok());
    assert!(score.check(&json!([11])).unwrap_err().to_string().starts_with("at /0"));
    assert_eq!(TypeExpression::Name("Scor".to_owned()).resolve(&types), Err("Scor".to_owned()));
}

#[test]
fn a_reference_holds_in_a_list_and_inside_another_schema() {
    let schema = json!({
        "type": "object", "required": ["part"],
        "properties": { "part": { "$ref": "#/$defs/Part" } },
        "$defs": { "Part": { "type": "object", "properties": { "size": { "type": "integer" } } } }
    });
    let types = BTreeMap::from([("Whole".to_owned(), schema)]);
    let wholes = TypeExpression::Name("Whole[]".to_owned()).resolve(&types).unwrap();
    assert_eq!(wholes.check(&json!([{ "part": { "size": 1 } }])), Ok(()));
    let problem = wholes.check(&json!([{ "part": { "size": "x" } }])).unwrap_err().to_string();
    assert!(problem.starts_with("at /0/part/size"), "{problem}");
    assert!(!wholes.json_schema().to_string().contains("$ref"));

    let named = json!({ "$ref": "#/$defs/Size", "$defs": { "Size": { "type": "integer" } } });
    let size = TypeExpression::Schema(named).resolve(&BTreeMap::new()).unwrap();
    assert_eq!((size.kind, size.schema), (TypeKind::Integer, Some(json!({ "type": "integer" }))));
}

#[test]
fn a_type_that_holds_itself_checks_also_in_a_list() {
    let tree =
        json!({ "type": "object", "properties": { "kid": { "$ref": "#" }, "n": { "type": "integer" } } });
    let trees = TypeExpression::Schema(json!({ "type": "array", "items": tree }));
    let trees = trees.resolve(&BTreeMap::new()).unwrap();
    assert_eq!(trees.check(&json!([{ "kid": { "kid": {}, "n": 1 } }])), Ok(()));
    assert!(trees.check(&json!([{ "kid": { "n": "x" } }])).is_err());
}

#[test]
fn a_problem_of_a_huge_value_is_a_short_sentence() {
    let word = AttributeType::of(TypeKind::Integer);
    let problem = word.check(&json!("x".repeat(1_000_000))).unwrap_err().to_string();
    assert!(problem.len() < 1_000 && problem.ends_with("is not of type \"integer\""), "{problem}");
}

#[test]
fn a_list_may_be_given_one_item_a_line() {
    assert_eq!(AttributeType::STRING.list().from_text("one\n\n two \n").unwrap(), json!(["one", "two"]));
}

#[test]
fn what_a_schema_says_of_a_list_holds_for_the_list() {
    let schema =
        json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2, "uniqueItems": true });
    let list = TypeExpression::Schema(schema.clone()).resolve(&BTreeMap::new()).unwrap();
    assert_eq!(list.check(&json!([1, 2])), Ok(()));
    assert_eq!(list.check(&json!([1])).unwrap_err().to_string(), "[1] has less than 2 items");
    assert_eq!(list.check(&json!([1, 1])).unwrap_err().to_string(), "[1,1] has non-unique elements");
    assert_eq!(list.json_schema(), schema);
    assert_eq!(list.element().list, None);
    assert_eq!(AttributeType::from_columns(list.kind, true, list.stored_schema()), list);
}

#[test]
fn a_format_is_checked_like_any_other_keyword() {
    let day = TypeExpression::Schema(json!({ "type": "string", "format": "date" }));
    let day = day.resolve(&BTreeMap::new()).unwrap();
    assert_eq!(day.check(&json!("2026-02-28")), Ok(()));
    assert_eq!(day.check(&json!("2026-02-30")).unwrap_err().to_string(), "\"2026-02-30\" is not a \"date\"");
}

/// A schema whose parts lead from one to the next, and the last one to `end`.
fn chain(links: usize, end: Json) -> Json {
    let link = |at: usize| (format!("P{at}"), json!({ "$ref": format!("#/$defs/P{}", at + 1) }));
    let mut parts: serde_json::Map<String, Json> = (0..links).map(link).collect();
    parts.insert(format!("P{links}"), end);
    json!({ "type": "object", "properties": { "x": { "$ref": "#/$defs/P0" } }, "$defs": parts })
}

fn levels(count: usize) -> Json {
    (0..count).fold(json!({}), |inner, _| json!({ "x": inner }))
}

/// On the stack of a server's worker: what a value has against a schema.
fn told(schema: Json, value: Json) -> String {
    let check = move || {
        let found = TypeExpression::Schema(schema).resolve(&BTreeMap::new()).unwrap();
        found.check(&value).map_or_else(|problem| problem.to_string(), |()| "fits".to_owned())
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(check).unwrap().join().unwrap()
}

#[test]
fn references_are_followed_only_so_far() {
    let text = json!({ "type": "string" });
    assert_eq!(told(chain(60, text.clone()), json!({ "x": "y" })), "fits");
    expect![[r#"at /x: 1 is not of type "string""#]]
        .assert_eq(&told(chain(60, text.clone()), json!({ "x": 1 })));
    expect!["the schema of the type is not valid: with all it refers to it has 40006 levels, and one with references may have 160"].assert_eq(&told(chain(20_000, text), json!({ "x": "y" })));
    expect!["the schema of the type is not valid: with all it refers to it has 40006 levels, and one with references may have 160"].assert_eq(&told(chain(20_000, json!({ "$ref": "#/$defs/P0" })), json!({})));
}

#[test]
fn a_value_is_followed_into_a_type_that_holds_itself_only_so_far() {
    let tree = || chain(0, json!({ "$ref": "#" }));
    assert_eq!(told(tree(), levels(100)), "fits");
    let detour = || chain(50, json!({ "$ref": "#" }));
    assert_eq!(told(detour(), levels(9)), "fits");
    expect!["the value is nested 121 levels deep, and at most 14 are checked against its type, which refers to its own parts"].assert_eq(&told(detour(), levels(120)));
    // As deep as it may be, through the keywords that take the most of a stack.
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let detour = (0..25).fold(json!({ "$ref": "#" }), |inner, _| json!({ keyword: [inner] }));
        assert_eq!(told(chain(0, detour), levels(9)), "fits", "{keyword}");
    }
    for keyword in ["not", "if", "then", "unevaluatedProperties"] {
        let detour = (0..50).fold(json!({ "$ref": "#" }), |inner, _| json!({ keyword: inner }));
        assert_eq!(told(chain(0, detour), levels(9)), "fits", "{keyword}");
    }
    let detour =
        (0..25).fold(json!({ "$ref": "#" }), |inner, _| json!({ "dependentSchemas": { "x": inner } }));
    assert_eq!(told(chain(0, detour), levels(9)), "fits");
}
