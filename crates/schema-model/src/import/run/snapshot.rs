//! Start values from the snapshot of a page.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::file::SnapshotFile;
use crate::definition::{AttributeType, TypeKind};
use crate::import::ImportReport;
use crate::import::convert::attribute_name;
use crate::plan::Plan;

/// Values of run inputs by attribute name.
pub type Seeds = BTreeMap<String, Json>;

/// The values of a snapshot that a run of this workflow can begin with.
pub fn snapshot_inputs(file: &SnapshotFile, plan: &Plan, report: &mut ImportReport) -> Seeds {
    let mut seeds = Seeds::new();
    for (foreign, attribute) in &file.attributes {
        let Some(value) = attribute.value.as_ref().filter(|value| !is_nothing(value)) else { continue };
        let place = format!("attribute {foreign}");
        let name = attribute_name(foreign);
        let Some(declared) = plan.attribute_named(&name).map(|index| plan.attribute(index)) else {
            report.left_out(place, "the workflow has no such attribute");
            continue;
        };
        if declared.run_input.is_none() && declared.default.is_none() {
            report.left_out(
                place,
                "steps of the workflow write it, so the value of the snapshot is not needed",
            );
            continue;
        }
        if let Some(value) = read_value(value, &declared.value_type, &place, report) {
            seeds.insert(name, value);
        } else {
            report.left_out(place, format!("its value is no `{}`", declared.value_type));
        }
    }
    if let Some(section) = &file.section {
        let step = file.step.as_deref().map(|step| format!(" / {step}")).unwrap_or_default();
        report.info("run", format!("the person was at {section}{step}; a new run begins at the start"));
    }
    seeds
}

fn is_nothing(value: &Json) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The value as its type wants it. A list that was kept as one text is split into lines.
pub(super) fn read_value(
    value: &Json,
    value_type: &AttributeType,
    place: &str,
    report: &mut ImportReport,
) -> Option<Json> {
    let fits = |value: Json| value_type.check(&value).is_ok().then_some(value);
    let Json::String(text) = value else {
        return fits(value.clone()).or_else(|| fits(Json::String(value.to_string())));
    };
    if value_type.is_plain_text() {
        return fits(value.clone());
    }
    if let Some(value) = serde_json::from_str(text.trim()).ok().and_then(fits) {
        return Some(value);
    }
    if !value_type.is_array {
        return value_type.from_text(text).ok();
    }
    let items = items(text);
    if let [_] = items.as_slice() {
        report.info(
            place,
            "it is a list and its text has one line, so it has one element; line ends may have been lost",
        );
    } else {
        report.changed(place, format!("its text is split into a list of {} lines", items.len()));
    }
    let element = value_type.element();
    let item = |text: &str| match element.kind {
        TypeKind::String | TypeKind::File => Some(Json::from(text)),
        _ => serde_json::from_str(text).ok(),
    };
    fits(items.iter().map(|text| item(text)).collect::<Option<Json>>()?)
}

/// Lines without bullets and numbers in front.
fn items(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.into_iter().map(|line| without_bullet(line).to_owned()).filter(|line| !line.is_empty()).collect()
}

fn without_bullet(line: &str) -> &str {
    if let Some(rest) = ["- ", "* ", "• ", "– "].iter().find_map(|bullet| line.strip_prefix(bullet)) {
        return rest.trim_start();
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    let numbered = (1..=3).contains(&digits).then(|| rest.strip_prefix(['.', ')'])).flatten();
    numbered.and_then(|rest| rest.strip_prefix(' ')).map_or(line, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_kept_as_text_are_split() {
        let read = |text: &str, value_type: &str| {
            let value_type = crate::definition::TypeExpression::Name(value_type.to_owned())
                .resolve(&BTreeMap::new())
                .unwrap();
            let mut report = ImportReport::default();
            let value = read_value(&Json::from(text), &value_type, "x", &mut report);
            (value, report.findings.len())
        };
        let list = |items: &[&str]| Some(Json::from(items.to_vec()));
        assert_eq!(
            read("1. One\n\n2) Two\n- Three\r\n• 4 five", "string[]"),
            (list(&["One", "Two", "Three", "4 five"]), 1)
        );
        assert_eq!(read("3.5 apples\n2024", "string[]"), (list(&["3.5 apples", "2024"]), 1));
        assert_eq!(read("One, two, three", "string[]"), (list(&["One, two, three"]), 1));
        assert_eq!(read("[\"a\", \"b\"]", "string[]"), (list(&["a", "b"]), 0));
        assert_eq!(read("1\n2", "integer[]"), (Some(Json::from(vec![1, 2])), 1));
        assert_eq!(read(" 12 ", "integer"), (Some(Json::from(12)), 0));
        assert_eq!(read("twelve", "integer"), (None, 0));
        assert_eq!(read("[\"a\"]", "string"), (Some(Json::from("[\"a\"]")), 0));
    }
}
