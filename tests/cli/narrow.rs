//! What is printed on a narrow terminal. COLUMNS stands for its width, as it does for other programs.

use insta::assert_snapshot;

use crate::look::FAN_OUT;
use crate::project::{Project, Ran};

fn run_on(project: &Project, columns: usize, args: &[&str]) -> Ran {
    project.finish(project.command().env("COLUMNS", columns.to_string()).args(args))
}

fn assert_fits(ran: &Ran, columns: usize) {
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= columns, "{columns} columns: {line:?}");
    }
}

#[test]
fn a_plan_fits() {
    let project = Project::with_workflow(FAN_OUT);
    for columns in [40, 60, 80, 120] {
        assert_fits(&run_on(&project, columns, &["plan"]), columns);
    }
    assert_snapshot!(run_on(&project, 60, &["plan"]).stdout, @"
    w  workflows/w/workflow.yaml

      main.write
          prompt fast, n(topics) branches · calls n(topics)
          tokens in 52–10k · tokens out 50–10k · basis assumed
          cost $0.00
      main.shorten
          prompt fast, n(topics) branches · calls n(topics)
          tokens in 52–10k · tokens out 50–10k · basis assumed
          cost $0.00
    main.join
        template · calls –
    main.off
        disabled · calls –

    step            reads                       writes
      main.write    topics ← run input          text
                    topic ← each of main.write
                    mood ← default
      main.shorten  text ← main.write           short
    main.join       short ← all branches of     page
                      main.shorten
    main.off        page ← main.join            nothing

    run input  type               what it means
    mood       string    default
    topics     string[]  needed

    Results  page
    Total    2 × n(topics) calls, no stop for a person
    Tokens   104–20.1k in, 100–20k out
    Cost     $0.00
    Basis    measured: the text, at 3 to 5 bytes a token
             assumed: texts that are not there yet, of 50 to
             1000 tokens, in lists and objects of 10 to 250
             n(…): 1 to 10 elements, unless the type bounds the
             list
    ");
}

#[test]
fn problems_fit() {
    let project = Project::with_workflow(
        "\
name: w
model: fast
attributes: { topic: { input: true }, mood: { input: true, optional: true } }
sections:
  - name: Main
    steps:
      - { name: Write, prompt: 'A text about {{topic}} in the mood that was asked for, {{mood}}, and {{tpoic}}', outputs: [text] }
",
    );
    for columns in [40, 60, 80, 120] {
        let checked = run_on(&project, columns, &["check"]);
        assert_eq!(checked.code, 3);
        assert_fits(&checked, columns);
    }
    assert_snapshot!(run_on(&project, 60, &["check"]).shown(), @r#"
    warning[BL0302]: `mood` is optional, and without it this
                     part of the prompt has a gap
      ╭▸ workflows/w/workflow.yaml:7:90
      │
    7 │ …od that was asked for, {{mood}}, and {{tpoic}}', outpu…
      │                           ━━━━
      │
      ⸬  workflows/w/workflow.yaml:3:39
      │
    3 │ … { input: true }, mood: { input: true, optional: true …
      │                    ──── declared here
      │
      ╰ fix: write `{{#if mood}}…{{/if}}` around it, or
             `{{default mood "…"}}`

    error[BL0220]: there is no attribute `tpoic`
      ╭▸ workflows/w/workflow.yaml:7:104
      │
    7 │ …ed for, {{mood}}, and {{tpoic}}', outputs: [text] }
      │                          ━━━━━
      │
      ⸬  workflows/w/workflow.yaml:3:15
      │
    3 │ attributes: { topic: { input: true }, mood: { input: tr…
      │               ───── declared here
      │
      ╰ fix: did you mean `topic`?

    1 error, 1 warning in 1 workflow, 1 step ([n] ms)
    --- exit 3
    "#);
}

#[test]
fn a_run_fits() {
    let project = Project::with_workflow(FAN_OUT);
    assert_eq!(project.run(&["run", "-i", "topics=a\nb"]).code, 0);
    for columns in [40, 60, 80] {
        for what in [&["runs", "show"][..], &["runs", "show", "last:main.write"]] {
            assert_fits(&run_on(&project, columns, what), columns);
        }
    }
    let narrow = run_on(&project, 40, &["runs", "show", "last:main.write"]).stdout;
    assert!(narrow.contains("main.write/2\n    ✓ done · time "), "{narrow}");
}
