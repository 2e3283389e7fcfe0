//! Where the parts of a type stand, by the pointers of the schema it becomes.

use super::escape;
use super::keyword::{self, Holds, is_schema};
use crate::definition::document::report::Report;
use crate::definition::document::tree::{Entry, Node, NodeValue};

/// Marks the parts of the type at a pointer. A type that is named and not written out here has none.
pub(super) fn mark_type(report: &mut Report, node: &Node, pointer: &str, is_canonical: bool) {
    let NodeValue::Map(entries) = &node.value else { return };
    report.mark_value(pointer, node);
    if is_canonical || is_schema(node) {
        mark_keywords(report, &entries.iter().collect::<Vec<_>>(), pointer, is_canonical);
        return;
    }
    for entry in entries {
        mark_type(
            report,
            &entry.value,
            &format!("{pointer}/properties/{}", escape(&entry.key)),
            is_canonical,
        );
    }
}

/// Marks the keywords of a schema, and what they hold.
pub(super) fn mark_keywords(report: &mut Report, entries: &[&Entry], pointer: &str, is_canonical: bool) {
    let is_list_name = entries
        .iter()
        .any(|entry| entry.key == "type" && entry.value.as_text().is_some_and(|name| name.ends_with("[]")));
    let on_items = format!("{pointer}/items");
    let owners = [Some(pointer), is_list_name.then_some(on_items.as_str())];
    for owner in owners.into_iter().flatten() {
        for entry in entries {
            let inner = format!("{owner}/{}", escape(&entry.key));
            // `type` may hold a whole type, whose parts become parts of this one.
            match (&*entry.key, &entry.value.value) {
                ("type", NodeValue::Map(_)) => mark_type(report, &entry.value, owner, is_canonical),
                // The name of a type: its parts stand elsewhere.
                (key, NodeValue::Text(_)) if keyword::holds(key) == Holds::Schema => {}
                _ => report.mark(&inner, entry),
            }
            mark_inner(report, entry, &inner, is_canonical);
        }
    }
    if let (true, Some(first)) = (is_list_name, entries.first()) {
        report.mark_value(&on_items, &first.value);
    }
}

fn mark_inner(report: &mut Report, entry: &Entry, pointer: &str, is_canonical: bool) {
    match (keyword::holds(&entry.key), &entry.value.value) {
        (Holds::Schema, _) => mark_type(report, &entry.value, pointer, is_canonical),
        (Holds::Schemas, NodeValue::Map(entries)) => {
            for entry in entries {
                mark_type(report, &entry.value, &format!("{pointer}/{}", escape(&entry.key)), is_canonical);
            }
        }
        (Holds::SchemaList, NodeValue::List(items)) => {
            for (at, item) in items.iter().enumerate() {
                mark_type(report, item, &format!("{pointer}/{at}"), is_canonical);
            }
        }
        _ => {}
    }
}
