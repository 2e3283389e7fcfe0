//! Types that allow no value: bounds the wrong way round, words that fit nothing, fields that may not be there.
//!
//! A JSON Schema may be valid and still refuse everything. A step that writes such a type fails after its last try,
//! and a person can never give an answer, so it is found here.

use serde_json::{Map, Value as Json};

use super::code;
use super::report::Report;
use crate::definition::{check_value, compiled_schema};
use crate::name::nearest;

/// The names `format` may have in JSON Schema.
const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "uri-template",
    "iri",
    "iri-reference",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// A lower bound, an upper bound, and whether they may be equal.
const BOUNDS: [(&str, &str, bool); 8] = [
    ("minimum", "maximum", true),
    ("exclusiveMinimum", "maximum", false),
    ("minimum", "exclusiveMaximum", false),
    ("exclusiveMinimum", "exclusiveMaximum", false),
    ("minLength", "maxLength", true),
    ("minItems", "maxItems", true),
    ("minProperties", "maxProperties", true),
    ("minContains", "maxContains", true),
];

/// Checks the schema written at a pointer, which belongs to the attribute or type `name`; says whether values can be
/// checked against it.
pub(super) fn check(schema: &Json, pointer: &str, name: &str, report: &mut Report<'_>) -> bool {
    if let Err((path, error)) = compiled_schema(schema) {
        let message = format!("the schema of `{name}` is not valid: {error}");
        let place = report.value(&format!("{pointer}{path}"), "");
        report.add(code::INVALID_SCHEMA, message, [place], "correct the JSON Schema");
        return false;
    }
    let element = schema.get("items").filter(|_| is_list(schema));
    if element.is_some_and(is_list) {
        let message = format!("`{name}` is a list of lists, and there are none");
        let place = report.value(&format!("{pointer}/items"), "");
        report.add(code::UNKNOWN_TYPE, message, [place], "use a list of objects that hold the inner lists");
        return false;
    }
    Visitor { name, report }.node(schema, pointer);
    true
}

fn is_list(schema: &Json) -> bool {
    schema.get("type").is_some_and(|kind| kind == "array")
}

struct Visitor<'n, 'r, 'a> {
    name: &'n str,
    report: &'r mut Report<'a>,
}

impl Visitor<'_, '_, '_> {
    fn node(&mut self, schema: &Json, pointer: &str) {
        let Json::Object(keywords) = schema else { return };
        // A named type that is used here was written, and is checked, elsewhere.
        if self.report.is_from_files() && !self.report.is_written(pointer) {
            return;
        }
        self.bounds(keywords, pointer);
        self.words(keywords, pointer);
        self.fields(keywords, pointer);
        self.format(keywords, pointer);
        if let Some(default) = keywords.get("default") {
            self.default(keywords, default, pointer);
        }
        for (key, inner) in keywords {
            self.inner(key, inner, &format!("{pointer}/{}", escape(key)));
        }
    }

    fn inner(&mut self, key: &str, inner: &Json, pointer: &str) {
        match (key, inner) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Json::Object(schemas),
            ) => {
                for (name, schema) in schemas {
                    self.node(schema, &format!("{pointer}/{}", escape(name)));
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Json::Array(schemas)) => {
                for (at, schema) in schemas.iter().enumerate() {
                    self.node(schema, &format!("{pointer}/{at}"));
                }
            }
            (
                "items"
                | "additionalProperties"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else"
                | "propertyNames",
                _,
            ) => {
                self.node(inner, pointer);
            }
            _ => {}
        }
    }

    fn bounds(&mut self, keywords: &Map<String, Json>, pointer: &str) {
        let bound = |key: &str| keywords.get(key).and_then(Json::as_f64);
        for (low_key, high_key, may_be_equal) in BOUNDS {
            let (Some(low), Some(high)) = (bound(low_key), bound(high_key)) else { continue };
            if low > high || (low >= high && !may_be_equal) {
                let message = format!("`{low_key}` is {low} and `{high_key}` is {high}");
                let fix = format!("give a `{high_key}` above the `{low_key}`");
                return self.impossible(&message, &[(pointer, low_key), (pointer, high_key)], fix);
            }
        }
        let is_whole = keywords.get("type").is_some_and(|kind| kind == "integer");
        if let (true, Some(low), Some(high)) = (is_whole, bound("minimum"), bound("maximum"))
            && low.ceil() > high.floor()
        {
            let message = format!("there is no whole number from {low} to {high}");
            let fix = "widen the bounds, or use `number`";
            return self.impossible(&message, &[(pointer, "minimum"), (pointer, "maximum")], fix);
        }
        self.distinct(keywords, pointer);
    }

    /// A list of different items cannot be longer than there are values.
    fn distinct(&mut self, keywords: &Map<String, Json>, pointer: &str) {
        let words = keywords.get("items").and_then(|items| items.get("enum")).and_then(Json::as_array);
        let is_unique = keywords.get("uniqueItems") == Some(&Json::Bool(true));
        let least = keywords.get("minItems").and_then(Json::as_u64);
        let (Some(words), true, Some(least)) = (words, is_unique, least) else { return };
        if least > words.len() as u64 {
            let message = format!("{least} different items are wanted, and there are {} values", words.len());
            let fix = format!("give a `minItems` of at most {}", words.len());
            self.impossible(&message, &[(pointer, "minItems")], fix);
        }
    }

    /// Each value of `enum`, or that of `const`, has to pass the keywords beside it.
    fn words(&mut self, keywords: &Map<String, Json>, pointer: &str) {
        for key in ["enum", "const"] {
            let Some(given) = keywords.get(key) else { continue };
            let words = match given {
                Json::Array(words) if key == "enum" => words.as_slice(),
                _ => std::slice::from_ref(given),
            };
            if words.is_empty() {
                return self.impossible(
                    "`enum` has no values",
                    &[(pointer, key)],
                    "name the values that are allowed",
                );
            }
            let rest = without(keywords, key);
            let misfit = words.iter().find_map(|word| Some((word, check_value(&rest, word).err()?)));
            if let Some((word, problem)) = misfit {
                let message = format!(
                    "the type of `{}` names the value `{word}`, which it refuses: {problem}",
                    self.name
                );
                let place = self.report.value(&format!("{pointer}/{key}"), "");
                let fix = "remove the value, or the keyword that refuses it";
                self.report.add(code::NO_VALUE_FITS, message, [place], fix);
            }
        }
    }

    fn fields(&mut self, keywords: &Map<String, Json>, pointer: &str) {
        let is_closed = keywords.get("additionalProperties") == Some(&Json::Bool(false))
            && !keywords.contains_key("patternProperties");
        let Some(required) = keywords.get("required").and_then(Json::as_array).filter(|_| is_closed) else {
            return;
        };
        let known = keywords.get("properties").and_then(Json::as_object);
        for field in required.iter().filter_map(Json::as_str) {
            if known.is_some_and(|known| known.contains_key(field)) {
                continue;
            }
            let fix = match nearest(field, known.into_iter().flat_map(Map::keys).map(String::as_str)) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => format!("add `{field}` to `properties`, or take it out of `required`"),
            };
            let message =
                format!("the field `{field}` is required and, by `additionalProperties: false`, not allowed");
            self.impossible(&message, &[(pointer, "required"), (pointer, "additionalProperties")], fix);
        }
    }

    fn format(&mut self, keywords: &Map<String, Json>, pointer: &str) {
        let Some(format) = keywords.get("format").and_then(Json::as_str) else { return };
        if FORMATS.contains(&format) {
            return;
        }
        let fix = match nearest(format, FORMATS) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "use `pattern`, or one of the formats of JSON Schema, such as `date`, `email` or `uri`"
                .to_owned(),
        };
        let message = format!("there is no format `{format}`, so nothing is checked");
        let place = self.report.value(&format!("{pointer}/format"), "");
        self.report.add(code::UNKNOWN_FORMAT, message, [place], fix);
    }

    fn default(&mut self, keywords: &Map<String, Json>, default: &Json, pointer: &str) {
        let Err(problem) = check_value(&Json::Object(keywords.clone()), default) else { return };
        let message = format!("a default in the type of `{}` does not fit: {problem}", self.name);
        let place = self.report.value(&format!("{pointer}/default"), "");
        self.report.add(
            code::DEFAULT_TYPE,
            message,
            [place],
            "give a value that passes the keywords beside it",
        );
    }

    fn impossible(&mut self, why: &str, keys: &[(&str, &str)], fix: impl Into<String>) {
        let message = format!("no value fits the type of `{}`: {why}", self.name);
        let labels = ["", "and here"];
        let places = keys
            .iter()
            .zip(labels)
            .map(|((pointer, key), label)| self.report.value(&format!("{pointer}/{key}"), label));
        let places: Vec<_> = places.collect();
        self.report.add(code::NO_VALUE_FITS, message, places, fix);
    }
}

fn without(keywords: &Map<String, Json>, key: &str) -> Json {
    let rest = keywords.iter().filter(|(name, _)| *name != key && *name != "default");
    Json::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
