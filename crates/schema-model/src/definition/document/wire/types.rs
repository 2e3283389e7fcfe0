//! Types: a name, a map of fields, or a JSON Schema in which types may be names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use crate::definition::document::decode::keyword::{Holds, OTHERS, holds};

/// `string`, `integer`, `number`, `boolean`, `object`, `file`, the name of a type under `types`, or a list of one
/// (`string[]`; in quotes between `{` and `}`).
#[derive(JsonSchema)]
pub(super) struct TypeName(
    #[schemars(
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*(\[\])?$"),
        example = &"string",
        example = &"string[]"
    )]
    String,
);

/// A type: a name, a map of fields, or a JSON Schema in which types may be names.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Type {
    Name(TypeName),
    Schema(Box<Keywords>),
    /// An object with exactly these fields.
    Fields(BTreeMap<String, Type>),
}

/// A type, or whether anything fits.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Subschema {
    Type(Type),
    Anything(bool),
}

/// What else holds for the value, as JSON Schema says it. Beside `T[]`, what says nothing about lists holds for each
/// element.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(super) struct Constraints {
    /// The values there are; texts when no type is given.
    #[schemars(rename = "enum", length(min = 1))]
    values: Vec<Json>,
    /// The one value there is.
    #[schemars(rename = "const")]
    value: Json,
    /// The least number.
    minimum: f64,
    /// The greatest number.
    maximum: f64,
    /// A number all values are above.
    exclusive_minimum: f64,
    /// A number all values are below.
    exclusive_maximum: f64,
    /// A number every value is a multiple of.
    #[schemars(extend("exclusiveMinimum" = 0))]
    multiple_of: f64,
    /// Fewest characters.
    min_length: u64,
    /// Most characters.
    max_length: u64,
    /// A regular expression that matches somewhere in the text.
    pattern: String,
    /// A format of texts, such as `date` or `email`.
    format: String,
    /// Fewest elements.
    min_items: u64,
    /// Most elements.
    max_items: u64,
    /// Whether no element comes twice.
    unique_items: bool,
    /// The fields of an object, by name.
    properties: BTreeMap<String, Subschema>,
    /// The fields an object has to have.
    required: Vec<String>,
    /// Whether an object may have other fields, or the type of those.
    additional_properties: Subschema,
    /// The type of the elements.
    items: Subschema,
}

/// A JSON Schema: `type`, the constraints, and every other keyword the reader knows.
pub(super) struct Keywords;

impl JsonSchema for Keywords {
    fn schema_name() -> Cow<'static, str> {
        "Schema".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let constraints = Constraints::json_schema(generator);
        let mut properties = constraints.get("properties").cloned().unwrap_or_default();
        for key in OTHERS {
            let value = match (key, holds(key)) {
                ("type", _) => json!({
                    "description": "A type, or a list of names of JSON types.",
                    "anyOf": [generator.subschema_for::<Type>(), { "type": "array", "items": { "type": "string" } }],
                }),
                ("description" | "title" | "$comment" | "$ref" | "$id" | "$schema" | "$anchor", _) => {
                    json!({ "type": "string" })
                }
                (_, Holds::Schema) => generator.subschema_for::<Subschema>().to_value(),
                (_, Holds::SchemaList) => generator.subschema_for::<Vec<Subschema>>().to_value(),
                (_, Holds::Schemas) => generator.subschema_for::<BTreeMap<String, Subschema>>().to_value(),
                (_, Holds::Data) => json!(true),
            };
            properties[key] = value;
        }
        json_schema!({
            "description": "A JSON Schema in which types may be names.",
            "type": "object",
            "properties": properties,
            "patternProperties": { "^x-": true },
            "additionalProperties": false,
        })
    }
}
