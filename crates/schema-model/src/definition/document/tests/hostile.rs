//! Documents meant to end the process, on a thread with the stack of a server's worker.

use expect_test::expect;

use super::{read_yaml, render};

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
