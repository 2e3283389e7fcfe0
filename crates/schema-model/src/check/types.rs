//! Rules about types: known names, valid schemas, fitting defaults.

use super::code;
use super::report::{Report, attribute_pointer, type_pointer};
use super::schema;
use crate::definition::{Attribute, AttributeType, TypeExpression, TypeKind, Workflow};
use crate::name::nearest;

/// The type of a declared attribute; `None` after reporting why there is none.
pub(super) fn resolve(
    name: &str,
    declared: &Attribute,
    workflow: &Workflow,
    report: &mut Report<'_>,
) -> Option<AttributeType> {
    let value_type = match declared.value_type.resolve(&workflow.types) {
        Ok(value_type) => value_type,
        Err(unknown) => {
            unknown_type(name, &unknown, workflow, report);
            return None;
        }
    };
    if let TypeExpression::Schema(schema) = &declared.value_type
        && !schema::check(schema, &format!("{}/type", attribute_pointer(name)), name, report)
    {
        return None;
    }
    check_default(name, declared, &value_type, report);
    Some(value_type)
}

fn unknown_type(name: &str, unknown: &str, workflow: &Workflow, report: &mut Report<'_>) {
    let place = report.value(&format!("{}/type", attribute_pointer(name)), "");
    if let Some(element) = unknown.strip_suffix("[]") {
        let message = format!("`{name}` is a list of lists, and there are none");
        let fix = format!("use `{element}[]`, or a list of objects that hold the inner lists");
        return report.add(code::UNKNOWN_TYPE, message, [place], fix);
    }
    let named = workflow.types.keys().map(String::as_str);
    let fix = match nearest(unknown, named.chain(TypeKind::NAMES)) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => format!("use one of `{}`, or define `{unknown}` under `types`", TypeKind::NAMES.join("`, `")),
    };
    report.add(code::UNKNOWN_TYPE, format!("there is no type `{unknown}`"), [place], fix);
}

fn check_default(name: &str, declared: &Attribute, value_type: &AttributeType, report: &mut Report<'_>) {
    let Some(default) = &declared.default else { return };
    if let Err(problem) = value_type.check(default) {
        let place = report.value(&format!("{}/default", attribute_pointer(name)), "");
        report.add(
            code::DEFAULT_TYPE,
            format!("the default of `{name}` is not of type `{value_type}`: {problem}"),
            [place],
            format!("give a value of type `{value_type}`, or change the type"),
        );
    }
}

/// Checks the named types.
pub(super) fn check(workflow: &Workflow, report: &mut Report<'_>) {
    for (name, schema) in &workflow.types {
        let pointer = type_pointer(name);
        if TypeKind::from_name(name).is_some() || name.ends_with("[]") {
            report.add(
                code::UNKNOWN_TYPE,
                format!("`{name}` cannot be the name of a type"),
                [report.key(&pointer, "")],
                "choose a name that is not built in and has no `[]`",
            );
        }
        schema::check(schema, &pointer, name, report);
    }
}
