//! Walks a path into a typed value.

use serde_json::Value as Json;

use crate::definition::{AttributeType, Property, TypeExpression, TypeKind, property, unless_null};
use crate::prompt::PathPart;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Walked {
    /// A value of this type.
    Known(AttributeType),
    /// Something the type leaves open.
    Open,
    /// A field of a list.
    FieldOfList {
        /// The field.
        field: String,
    },
    /// A field that the type does not have.
    NoField {
        /// The field.
        field: String,
        /// Those it has; none for single values.
        known: Vec<String>,
    },
    /// An item of a single value.
    ItemOfSingle,
}

/// Follows a path from a value of a type.
pub(super) fn walk(from: &AttributeType, path: &[PathPart]) -> Walked {
    let mut current = from.clone();
    for part in path {
        current = match (current.is_array, part) {
            (true, PathPart::Item) => current.element(),
            (true, PathPart::Field(field)) if field.bytes().all(|byte| byte.is_ascii_digit()) => {
                current.element()
            }
            (true, PathPart::Field(field)) => return Walked::FieldOfList { field: field.clone() },
            (false, PathPart::Item) if current.kind == TypeKind::Object => return Walked::Open,
            (false, PathPart::Item) => return Walked::ItemOfSingle,
            (false, PathPart::Field(field)) => match field_of(&current, field) {
                Ok(Some(found)) => found,
                Ok(None) => return Walked::Open,
                Err(known) => return Walked::NoField { field: field.clone(), known },
            },
        };
    }
    Walked::Known(current)
}

/// Which part of a path is the first field that its object need not have.
pub(super) fn first_optional(from: &AttributeType, path: &[PathPart]) -> Option<usize> {
    (0..path.len()).find(|at| match (walk(from, &path[..*at]), &path[*at]) {
        (Walked::Known(object), PathPart::Field(field)) if !object.is_array => {
            let schema = object.schema.as_ref().map(|schema| unless_null(schema).unwrap_or(schema));
            matches!(property(schema, field), Property::Known { is_required: false, .. })
        }
        _ => false,
    })
}

/// The type of a field; `None` when the schema leaves it open, the known fields when there is none of that name.
fn field_of(object: &AttributeType, field: &str) -> Result<Option<AttributeType>, Vec<String>> {
    if object.kind != TypeKind::Object {
        return Err(Vec::new());
    }
    let schema = object.schema.as_ref().map(|schema| unless_null(schema).unwrap_or(schema));
    match property(schema, field) {
        Property::Open => Ok(None),
        Property::Missing { known } => Err(known),
        Property::Known { schema, .. } => {
            // A schema without a plain type (`$ref`, `anyOf`, several types) says nothing that can be followed.
            let is_plain = schema.get("type").is_some_and(Json::is_string) || schema.get("enum").is_some();
            let resolved = TypeExpression::Schema(schema.clone()).resolve(&std::collections::BTreeMap::new());
            Ok(resolved.ok().filter(|_| is_plain))
        }
    }
}
