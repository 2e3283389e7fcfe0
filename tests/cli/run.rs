//! `run`: from a definition to its outputs, and what a script learns from the way it ends.

use insta::assert_snapshot;

use crate::project::{Project, Ran};

/// A fan-out, a gather, a person's choice and a template.
const WORKFLOW: &str = r#"
name: w
model: fast
attributes:
  topic: { input: true, description: What it is about }
  tone: { input: true }
  titles: string[]
  texts: string[]
outputs: [page]
sections:
  - name: Main
    steps:
      - { name: Titles, prompt: "Titles on {{topic}}, {{tone}}", outputs: [titles] }
      - { name: Write, for_each: title in titles, prompt: "Write: {{title}}", outputs: [text] }
      - { name: All, action: gather, gather: [text], outputs: [texts] }
      - { name: Pick, description: Which one?, action: choose, from: text, outputs: [best] }
      - { name: Page, action: template, prompt: "{{topic}}: {{best}} of {{texts}}", outputs: [page] }
"#;

const ANSWERS: &str = r#"{
  "main.titles": { "titles": ["A", "B", "C"] },
  "main.write/1": "one", "main.write/2": "two", "main.write/3": "three"
}"#;

pub(crate) const INPUTS: [&str; 4] = ["-i", "topic=rain", "-i", "tone=dry"];

/// The project of this file; `mock` goes into its `[mock]` section.
pub(crate) fn project(mock: &str) -> Project {
    let project = Project::with_workflow(WORKFLOW);
    project.write("answers.json", ANSWERS);
    project.write(
        "branchline.toml",
        &format!("[models]\nfast = \"mock/fast\"\n\n[mock]\nanswers = \"answers.json\"\n{mock}"),
    );
    project
}

/// `run w` with its inputs and these flags.
pub(crate) fn run(project: &Project, flags: &[&str]) -> Ran {
    project.run(&[&["run", "w"], &INPUTS[..], flags].concat())
}

/// The short id of the only run there is, which differs every time.
pub(crate) fn only_run(project: &Project) -> String {
    let runs = project.run(&["runs", "list", "--json"]).json();
    let id = runs["runs"][0]["run"].as_str().unwrap();
    id[id.len() - 8..].to_owned()
}

#[test]
fn unattended_it_comes_to_its_end_and_prints_the_outputs_only() {
    let project = project("");
    let ran = run(&project, &["--unattended"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "rain: one of one\ntwo\nthree\n"), "{ran:?}");
    assert!(ran.stderr.contains("main.write fans out into 3 branches"), "{}", ran.stderr);
    assert!(ran.stderr.contains("✓ succeeded  w@1"), "{}", ran.stderr);
    let quiet = run(&project, &["--unattended", "--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("rain: one of one\ntwo\nthree\n", ""));
}

#[test]
fn the_result_as_json_has_everything_a_program_needs() {
    let project = project("");
    let result = run(&project, &["--unattended", "--json", "--label", "first"]).json();
    assert_eq!(result["format"], "branchline.run/1");
    assert_eq!((&result["workflow"], &result["version"]), (&"w".into(), &1.into()));
    assert_eq!((&result["status"], &result["label"]), (&"succeeded".into(), &"first".into()));
    assert_eq!(result["outputs"]["page"], "rain: one of one\ntwo\nthree");
    assert_eq!((&result["calls"], &result["failures"]), (&4.into(), &serde_json::json!([])));
    assert!(result["usage"]["input_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn equal_content_is_no_new_version_and_changed_content_is_one() {
    let project = project("");
    for _ in 0..2 {
        assert_eq!(run(&project, &["--unattended", "--json"]).json()["version"], 1);
    }
    project.write("workflows/w/workflow.yaml", &WORKFLOW.replace("Write: ", "Please write: "));
    assert_eq!(run(&project, &["--unattended", "--json"]).json()["version"], 2);
    let stored = project.run(&[&["run", "w@1"], &INPUTS[..], &["--unattended", "--json"]].concat());
    assert_eq!(stored.json()["version"], 1);
}

#[test]
fn all_missing_inputs_are_named_at_once_and_nothing_is_started() {
    let project = project("");
    assert_snapshot!(project.run(&["run", "w", "--no-input"]).shown(), @r"
    --- stderr
    error: the run input `tone` (string) is missing; the run input `topic` (string) is missing
      fix:   give values with `-i name=value`, `-i name=@file` or `--inputs FILE`
    --- exit 2
    ");
    assert_eq!(project.run(&["runs", "list", "--json"]).json()["runs"], serde_json::json!([]));
}

#[test]
fn an_unknown_model_is_found_before_anything_is_stored() {
    let project = project("");
    let ran = run(&project, &["--model", "fats"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("did you mean `fast`?"), "{}", ran.stderr);
    assert!(!project.path(".branchline").exists());
}

#[test]
fn a_mistake_in_the_definition_is_shown_as_check_shows_it() {
    let project = project("");
    project.write("workflows/w/workflow.yaml", &WORKFLOW.replace("{{title}}", "{{tilte}}"));
    let ran = run(&project, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("error[BL") && ran.stderr.contains("`tilte`"), "{}", ran.stderr);
}

#[test]
fn a_rehearsal_needs_no_inputs_and_nobody() {
    let project = project("");
    let ran = project.run(&["run", "w", "--rehearse"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("one of one"), "{ran:?}");
}

#[test]
fn a_failed_step_ends_with_10_and_is_named() {
    let project = project("fail = { \"main.write/2\" = [\"refused\"] }\n");
    let ran = run(&project, &["--unattended"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (10, ""), "{ran:?}");
    assert!(ran.stderr.contains("✗ main.write/2"), "{}", ran.stderr);
    let shown = project.run(&["runs", "show", "last"]);
    assert!(shown.stdout.contains("failed (1)\n  main.write/2"), "{}", shown.stdout);
    assert!(shown.stdout.contains("2 done, 1 failed"), "{}", shown.stdout);
    let json = project.run(&["runs", "show", "last", "--json"]).json();
    assert_eq!((&json["status"], &json["failures"][0]["step"]), (&"failed".into(), &"main.write/2".into()));
    assert_eq!(project.run(&["resume", "last"]).code, 2);
}

#[test]
fn a_retried_step_is_no_failure() {
    let project = project("fail = { \"main.write/2\" = [\"overloaded\"] }\n");
    let ran = run(&project, &["--unattended"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "rain: one of one\ntwo\nthree\n"), "{ran:?}");
    assert!(ran.stderr.contains("main.write/2 failed attempt 1, again in"), "{}", ran.stderr);
}

#[test]
fn without_a_key_it_pauses_and_names_the_variable_and_goes_on_later() {
    let project = project("");
    let broken = "[models]\nfast = \"shop/fast\"\n\n[providers.shop]\nkind = \"openai\"\n\
                  base_url = \"http://127.0.0.1:9\"\nkey_env = \"SHOP_KEY\"\n";
    let good = project.read("branchline.toml");
    project.write("branchline.toml", broken);
    let ran = run(&project, &["--unattended"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (15, ""), "{ran:?}");
    assert!(ran.stderr.contains("SHOP_KEY"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`main.titles` failed: `shop/fast` needs a key"), "{}", ran.stderr);
    assert!(ran.stderr.contains("  0 calls · "), "{}", ran.stderr);
    let command = format!("branchline resume {}", only_run(&project));
    assert!(ran.stderr.contains(&command), "{}", ran.stderr);
    project.write("branchline.toml", &good);
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, "rain: one of one\ntwo\nthree\n"), "{resumed:?}");
}

#[test]
fn a_provider_out_of_reach_pauses_the_run_which_goes_on_when_it_is_back() {
    let project = Project::initialised();
    let prompt = "        retry: { attempts: 3, delay: 10ms }\n        prompt_file: prompts/write.md";
    let workflow = project.read("workflows/hello/workflow.yaml");
    project.write(
        "workflows/hello/workflow.yaml",
        &workflow.replace("        prompt_file: prompts/write.md", prompt),
    );
    let gone = "[models]\nfast = \"gone/x\"\n\n[providers.gone]\nkind = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\n";
    project.write("branchline.toml", gone);
    let ran = project.run(&["run", "hello", "-i", "topic=rain", "--unattended"]);
    assert_eq!(ran.code, 15, "{ran:?}");
    assert!(ran.stderr.contains("`gone/x` cannot be reached"), "{ran:?}");
    assert!(ran.stderr.contains("  0 calls · "), "{ran:?}");
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n");
    assert_eq!(project.run(&["resume", "last"]).code, 0);
}

#[test]
fn a_large_fan_out_is_summed_up_instead_of_told_branch_by_branch() {
    let project = project("fail = { \"main.write/7\" = [\"refused\"] }\n");
    let titles: Vec<String> = (1..=60).map(|number| format!("t{number}")).collect();
    let answers = serde_json::json!({ "main.titles": { "titles": titles } });
    project.write("answers.json", &answers.to_string());
    let ran = run(&project, &["--unattended"]);
    assert_eq!(ran.code, 10);
    assert!(ran.stderr.contains("main.write fans out into 60 branches"), "{}", ran.stderr);
    assert!(ran.stderr.contains("main.write/7 failed: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("main.write/8"), "{}", ran.stderr);
}

#[test]
fn a_run_that_waits_can_be_cancelled() {
    let project = project("");
    assert_eq!(run(&project, &[]).code, 12);
    let cancelled = project.run(&["cancel", "last", "--json"]);
    assert_eq!((cancelled.code, &cancelled.json()["status"]), (0, &"cancelled".into()));
    assert_eq!(project.run(&["watch", "last"]).code, 14);
    assert_eq!(project.run(&["inbox", "list", "--json"]).json()["tasks"], serde_json::json!([]));
}

#[test]
fn under_quiet_a_failure_is_said_and_a_success_is_not() {
    let project = Project::initialised();
    let toml = "[models]\nfast = \"mock/x\"\n\n[mock]\nfail = { \"writing.write\" = [\"refused\"] }\n";
    project.write("branchline.toml", toml);
    let failed = project.run(&["run", "hello", "-i", "topic=rain", "--quiet"]);
    assert_eq!(failed.code, 10, "{failed:?}");
    assert!(failed.stderr.contains("writing.write") && failed.stderr.contains("refused"), "{failed:?}");
    let again = project.run(&["resume", "last"]);
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.stderr.contains("`branchline run hello` starts another"), "{again:?}");
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n");
    let succeeded = project.run(&["run", "hello", "--rehearse", "--quiet"]);
    assert_eq!((succeeded.code, succeeded.stderr.as_str()), (0, ""), "{succeeded:?}");
}

#[test]
fn a_failure_of_no_step_is_said_at_the_end_too() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { score: { type: integer, optional: true } }\nsections:\n  - name: Main\n    \
         repeat: { until: has(score) && score > 5, max: 2, on_max: fail }\n    steps:\n      \
         - { name: Score, prompt: Score it., outputs: [score] }\n",
    );
    project.write("answers.json", r#"{ "main+1.score": "1", "main+2.score": "2" }"#);
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n\n[mock]\nanswers = \"answers.json\"\n");
    let ran = project.run(&["run", "w", "--quiet"]);
    assert_eq!(ran.code, 10, "{ran:?}");
    assert!(ran.stderr.contains("  ✗ `main+2.until` failed: after 2 turns"), "{}", ran.stderr);
}

#[test]
fn turns_that_did_not_reach_what_they_were_for_are_said() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { score: { type: integer, optional: true } }\nsections:\n  - name: Main\n    \
         repeat: { until: has(score) && score > 5, max: 2 }\n    steps:\n      \
         - { name: Score, prompt: Score it., outputs: [score] }\n",
    );
    project.write("answers.json", r#"{ "main+1.score": "1", "main+2.score": "2" }"#);
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n\n[mock]\nanswers = \"answers.json\"\n");
    let ran = project.run(&["run", "w"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = "main goes on after 2 turns, `has(score) && score > 5` does not hold";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn a_value_of_another_type_is_refused_with_what_fits() {
    let project = Project::with_workflow(
        "name: w\nattributes:\n  count: { type: integer, input: true }\n  rows: { type: 'object[]', input: true }\n\
         sections:\n  - name: Main\n    steps:\n      \
         - { name: Page, action: template, prompt: '{{count}} {{json rows}}', outputs: [page] }\n",
    );
    let refused = |rows: &str, count: &str| {
        let ran = project.run(&["run", "w", "-i", &format!("rows={rows}"), "-i", &format!("count={count}")]);
        assert_eq!(ran.code, 2, "{ran:?}");
        ran.stderr
    };
    let word = refused("[]", "three");
    assert!(word.contains("cause: not a JSON value of type `integer`\n"), "{word}");
    let texts = refused("[\"a\"]", "3");
    assert!(texts.contains("a JSON list of such objects"), "{texts}");
}

#[test]
fn what_a_run_is_going_to_meet_is_said_before_it_starts() {
    let project = project("");
    let shop = "[models]\nfast = \"shop/fast\"\n\n[providers.shop]\nkind = \"openai\"\n\
                base_url = \"http://127.0.0.1:9\"\nkey_env = \"SHOP_KEY\"\n";
    let fan_out = "for_each: title in titles, parallel: 50,";
    project.write("workflows/w/workflow.yaml", &WORKFLOW.replace("for_each: title in titles,", fan_out));
    let good = project.read("branchline.toml");
    project.write("branchline.toml", shop);
    let key = "warning: `SHOP_KEY`, the key for `shop/fast`, is not set: the run pauses at `main.titles` and at 1 other step\n";
    let bound = "warning: `main.write` allows 50 branches at a time, a run makes at most 16 calls at a time: \
                 `--parallel 50`, or `parallel_calls` under `[limits]`, raises that\n";
    let ran = run(&project, &["--unattended"]);
    assert!(ran.code == 15 && ran.stderr.starts_with(&format!("{key}{bound}")), "{ran:?}");
    let planned = project.run(&["plan"]);
    assert!(planned.stdout.ends_with(&format!("\n{key}\n{bound}")), "{planned:?}");
    assert_eq!(project.run(&["plan", "--json"]).json()["remarks"].as_array().map(Vec::len), Some(2));
    let set = project.finish(project.command().env("SHOP_KEY", "x").args(["plan", "--model", "fast"]));
    assert!(!set.stdout.contains("SHOP_KEY"), "{set:?}");
    let rehearsed = project.run(&["run", "w", "--rehearse", "--parallel", "50"]);
    assert!(rehearsed.code == 0 && !rehearsed.stderr.contains("warning"), "{rehearsed:?}");
    project.write("branchline.toml", &format!("{good}\n[limits]\nparallel_calls = 50\n"));
    assert!(!run(&project, &["--unattended"]).stderr.contains("warning"));
}

#[test]
fn a_run_that_is_over_cannot_be_cancelled_and_a_cancelled_one_stays_so() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let over = project.run(&["cancel", "last"]);
    assert_eq!((over.code, over.stdout.as_str()), (2, ""));
    assert!(over.stderr.contains("is over: succeeded; there is nothing to cancel"), "{over:?}");
    assert_eq!(run(&project, &[]).code, 12);
    assert!(project.run(&["cancel", "last"]).stdout.contains("is cancelled; what it finished is kept"));
    let again = project.run(&["cancel", "last"]);
    assert!(again.code == 0 && again.stdout.contains("is cancelled already"), "{again:?}");
    assert_eq!(project.run(&["cancel", "last", "--json"]).json()["status"], "cancelled");
}

#[test]
fn branches_that_a_run_went_on_without_end_it_with_11_and_are_named() {
    let project = project("fail = { \"main.write/2\" = [\"refused\"] }\n");
    let tolerant = WORKFLOW.replace("for_each: title in titles,", "for_each: title in titles, at_least: 2,");
    project.write("workflows/w/workflow.yaml", &tolerant);
    let ran = run(&project, &["--unattended"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (11, "rain: one of one\nthree\n"), "{ran:?}");
    assert!(ran.stderr.contains("main.write/2 failed, the run goes on without it: "), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("✓ succeeded") && ran.stderr.contains("1 failed, went on without"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("\n  ✗ main.write/2  "), "{}", ran.stderr);
    assert_eq!(project.run(&["watch", "last"]).code, 11);
    let json = project.run(&["runs", "show", "--json"]).json();
    assert_eq!(
        (&json["status"], &json["failures"][0]["step"]),
        (&"succeeded".into(), &"main.write/2".into())
    );
    assert!(json["failures"][0]["tolerated"].is_string(), "{json}");
}

#[test]
fn turns_candidates_and_branches_within_branches_are_told_apart() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes:\n  parts: { type: 'string[]', input: true }\n  subs: 'string[]'\n  \
         score: { type: integer, optional: true }\nsections:\n  - name: Loop\n    \
         repeat: { until: has(score) && score > 5, max: 3 }\n    steps:\n      \
         - { name: Score, prompt: Score it., outputs: [score] }\n  - name: Main\n    steps:\n      \
         - { name: Subs, for_each: part in parts, prompt: '{{part}}', outputs: [subs] }\n      \
         - { name: Write, for_each: sub in subs, prompt: '{{sub}}', outputs: [text] }\n  - name: Title\n    steps:\n      \
         - { name: Title, prompt: A title., variants: { calm: { temperature: 0 }, bold: { temperature: 1 } }, outputs: [title] }\n      \
         - { name: Appeal, prompt: 'How good is {{title}}?', outputs: [appeal] }\n",
    );
    let answers =
        r#"{ "loop+1.score": "1", "loop+2.score": "9", "main.subs/1": ["a", "b"], "main.subs/2": ["c"] }"#;
    project.write("answers.json", answers);
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n\n[mock]\nanswers = \"answers.json\"\n");
    let ran = project.run(&["run", "w", "-i", "parts=x\ny"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for line in [
        "loop+1.score done",
        "loop+2.score done",
        "main.subs/2 done",
        "main.subs fans out into 2 branches",
        "main.write/1 fans out into 2 branches",
        "main.write/1/2 done",
        "main.write/2/1 done",
        "title.title@bold done",
        "title.appeal/2 (@bold) done",
    ] {
        assert!(ran.stderr.contains(line), "{line:?}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("loop+3"), "{}", ran.stderr);
    assert!(project.run(&["runs", "show", "last:title.appeal"]).stdout.contains("title.appeal/2  @bold"));
}
