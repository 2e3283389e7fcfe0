//! How deep something goes that follows the references of a schema.
//!
//! Schemas without references are as deep as they are written. One that refers to itself, or to other documents,
//! keeps its references (see `reference`), and what compiles and validates it follows them by recursion: a chain of
//! some thousands, or a value of a hundred levels each of which goes through a chain, would overflow a stack.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// Keywords that lead elsewhere.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Levels of a schema and of every part it refers to, together: no way through it is longer without coming back to
/// where it was. 0 for a schema without references.
pub(super) fn levels(schema: &Json) -> usize {
    let mut targets = BTreeMap::new();
    collect(schema, schema, &mut targets);
    if targets.is_empty() { 0 } else { depth(schema) + targets.values().sum::<usize>() }
}

/// Levels of a value: 1 for one that holds no other.
pub(super) fn depth(value: &Json) -> usize {
    let inner = match value {
        Json::Array(items) => items.iter().map(depth).max(),
        Json::Object(members) => members.values().map(depth).max(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    };
    1 + inner.unwrap_or_default()
}

/// What is referred to anywhere below `node`, with its levels. A place named by anything but a pointer may be any
/// part.
fn collect<'s>(root: &Json, node: &'s Json, targets: &mut BTreeMap<&'s str, usize>) {
    match node {
        Json::Array(items) => items.iter().for_each(|item| collect(root, item, targets)),
        Json::Object(members) => {
            for (key, member) in members {
                match member {
                    Json::String(target) if REFERENCES.contains(&key.as_str()) => {
                        targets.entry(target).or_insert_with(|| {
                            depth(target.strip_prefix('#').and_then(|at| root.pointer(at)).unwrap_or(root))
                        });
                    }
                    inner => collect(root, inner, targets),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
