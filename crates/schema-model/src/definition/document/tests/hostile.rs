//! Documents meant to end the process, on a thread with the stack of a server's worker.

use expect_test::expect;

use super::{files, read, read_yaml, render};

/// The stack of a tokio worker, on which the server reads workflows.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// What is said of a document, without its own lines, which are long.
fn said(text: String) -> String {
    let read = move || render(&read_yaml(&text));
    let reader = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(read).unwrap();
    let said = reader.join().unwrap();
    let lines = said.lines().filter(|line| !line.starts_with("  |"));
    lines.map(|line| line.chars().take(90).collect::<String>() + "\n").collect()
}

#[test]
fn a_list_of_lists_of_lists_is_one_mistake_however_long() {
    let many = "[]".repeat(50_000);
    let said = said(format!(
        "name: w\nsections: []\ntypes:\n  A: string{many}\n  B: {{ x: \"Kind{many}\" }}\n  C: Names{many}\n  \
         Names: string[]\nattributes:\n  a: A{many}\n  b: {{ type: \"integer{many}\", minItems: 1 }}\n"
    ));
    expect![[r#"
        BL0116: `string[][]` is a list of lists, which this language does not have
          workflow.yaml:4:6
          fix: use a list of objects that hold a list each
        BL0116: `Kind` is not a type
          workflow.yaml:5:11
          fix: use one of string, integer, number, boolean, object, file, or declare it under `typ
        BL0116: `Names[]` is a list of lists, which this language does not have
          workflow.yaml:6:6
          fix: use a list of objects that hold a list each
        BL0116: `A[][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][][]
          workflow.yaml:9:6
          fix: use a list of objects that hold a list each
        BL0116: `integer[][]` is a list of lists, which this language does not have
          workflow.yaml:10:14
          fix: use a list of objects that hold a list each
    "#]]
    .assert_eq(&said);
}

/// Maps of one field inside each other.
fn nested(levels: usize, innermost: &str) -> String {
    format!("{}{innermost}{}", "{ f: ".repeat(levels), " }".repeat(levels))
}

#[test]
fn deep_types_of_deep_types_are_refused_on_the_way() {
    let deep = |at: usize| format!("  T{at}: {}\n", nested(55, &format!("T{}", at + 1)));
    let types: String = (0..60).map(deep).collect();
    let said = said(format!("name: w\nsections: []\ntypes:\n{types}  T60: string\n"));
    expect![[r#"
        BL0107: this type is too large or too deep when it is written out
          workflow.yaml:5:37
          fix: use `object` for its inner parts
    "#]]
    .assert_eq(&said);
}

/// What is read without a complaint has to be read again when it is written out, which is never deeper than it may be.
#[test]
fn a_deep_type_with_names_in_it_is_no_deeper_than_one_without() {
    let workflow = |levels: usize| {
        let (inner, outer) = (nested(15, "string"), nested(levels, "Deep"));
        format!("name: w\nsections: []\ntypes:\n  Deep: {inner}\nattributes:\n  a: {{ type: {outer} }}\n")
    };
    let document = read_yaml(&workflow(15));
    assert_eq!(render(&document), "");
    let canonical = document.workflow.unwrap().to_canonical_json();
    let again = read(&files([("w.json", &canonical)]), "w.json");
    assert_eq!(render(&again), "");
    expect![[r#"
        BL0107: this type is too large or too deep when it is written out
          workflow.yaml:6:14
          fix: use `object` for its inner parts
    "#]]
    .assert_eq(&said(workflow(16)));
}
