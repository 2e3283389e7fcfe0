//! `inbox`: what waits for a person, and answers from scripts.

use crate::project::Project;
use crate::run::{only_run, project, run};

#[test]
fn without_a_terminal_it_waits_and_an_answer_goes_on_to_the_end() {
    let project = project("");
    let ran = run(&project, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (12, ""), "{ran:?}");
    let id = only_run(&project);
    let command = format!("branchline inbox answer {id}:main.pick --choose 1");
    assert!(ran.stderr.contains(&command), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("branchline resume {id}")), "{}", ran.stderr);

    let tasks = project.run(&["inbox", "list", "--json"]).json();
    let task = &tasks["tasks"][0];
    assert_eq!((&tasks["format"], &task["address"]), (&"branchline.tasks/1".into(), &"main.pick".into()));
    assert_eq!((&task["question"], &task["options"][1]["value"]), (&"Which one?".into(), &"two".into()));

    let place = format!("{id}:main.pick");
    let answered = project.run(&["inbox", "answer", &place, "--choose", "2", "--note", "shorter"]);
    assert_eq!(
        (answered.code, answered.stdout.as_str()),
        (0, "rain: two of one\ntwo\nthree\n"),
        "{answered:?}"
    );

    let late = project.run(&["inbox", "answer", &place, "--choose", "3"]);
    assert_eq!(late.code, 20);
    assert!(late.stderr.contains("the task was answered"), "{}", late.stderr);
    assert_eq!(project.run(&["runs", "values", "last", "best"]).stdout, "two\n");
}

#[test]
fn an_answer_that_does_not_fit_is_refused_and_the_task_still_waits() {
    let project = project("");
    assert_eq!(run(&project, &[]).code, 12);
    for flags in
        [&["--choose", "4"][..], &["--choose", "1,2"], &["--set", "best=x"], &["--set", "worst=x"], &[]]
    {
        let answered = project.run(&[&["inbox", "answer", "last"], flags].concat());
        assert_eq!(answered.code, 2, "{flags:?} {answered:?}");
    }
    // Whoever cannot be asked sees at least what there is to choose from.
    let shown = project.run(&["inbox", "answer", "last"]);
    assert!(shown.stderr.contains("Which one?") && shown.stderr.contains("\n  2  two\n"), "{}", shown.stderr);
    let own = project.run(&["inbox", "answer", "last", "--text", "{{topic}} of my own"]);
    assert_eq!(
        (own.code, own.stdout.as_str()),
        (0, "rain: {{topic}} of my own of one\ntwo\nthree\n"),
        "{own:?}"
    );
}

#[test]
fn values_are_given_by_name_or_from_a_file() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { count: integer }\noutputs: [page]\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Ask, action: input, outputs: [title, count] }\n      \
         - { name: Page, action: template, prompt: '{{title}} × {{count}}', outputs: [page] }\n",
    );
    project.write("title.txt", "Rain");
    let waits = project.run(&["run", "w", "--unattended", "--quiet"]);
    assert_eq!(waits.code, 12, "an input has no first option to take");
    assert!(waits.stderr.contains("main.ask --set title=… --set count=…"), "{waits:?}");
    let wrong = project.run(&["inbox", "answer", "last", "--set", "title=x", "--set", "count=many"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let missing = project.run(&["inbox", "answer", "last", "--set", "title=x"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    let answered = project.run(&["inbox", "answer", "last", "--set", "title=@title.txt", "--set", "count=3"]);
    assert_eq!((answered.code, answered.stdout.as_str()), (0, "Rain × 3\n"), "{answered:?}");
}

#[test]
fn what_a_type_asks_for_holds_on_every_way_in() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes:\n  \
         tags: { type: 'string[]', minItems: 2, uniqueItems: true, input: true }\n  \
         day: { type: string, format: date, input: true }\n  \
         photo: { type: file, input: true }\n  \
         code: { type: string, pattern: '^[A-Z]{3}$' }\n  \
         score: { type: integer, minimum: 4, maximum: 5 }\n  \
         page: file\noutputs: [page]\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Ask, action: input, outputs: [code] }\n      \
         - { name: Judge, prompt: 'Score {{tags}} of {{day}}', outputs: [score] }\n      \
         - { name: Page, action: template, prompt: '{{code}} {{photo}} {{score}}', outputs: [page] }\n",
    );
    project.write("photo.png", "");
    let run = |inputs: &[&str]| project.run(&[&["run", "w", "--quiet"], inputs].concat());
    let (tags, day, photo) = (r#"tags=["a","b"]"#, "day=2026-02-28", "photo=photo.png");
    for (wrong, said) in [
        ([r#"tags=["a"]"#, day, photo], "less than 2 items"),
        ([r#"tags=["a","a"]"#, day, photo], "non-unique"),
        ([tags, "day=2026-02-30", photo], "is not a \"date\""),
        ([tags, day, "photo=foto.png"], "foto.png`, which is not there"),
    ] {
        let ran = run(&["-i", wrong[0], "-i", wrong[1], "-i", wrong[2]]);
        assert!(ran.code == 2 && ran.stderr.contains(said), "{wrong:?} {ran:?}");
    }
    project.write("inputs.yaml", "tags: [a]\nday: 2026-02-28\nphoto: photo.png\n");
    let ran = run(&["--inputs", "inputs.yaml"]);
    assert!(ran.code == 2 && ran.stderr.contains("less than 2 items"), "{ran:?}");

    assert_eq!(run(&["-i", tags, "-i", day, "-i", photo]).code, 12);
    let refused = project.run(&["inbox", "answer", "last", "--set", "code=abc"]);
    assert!(refused.code == 2 && refused.stderr.contains("does not match"), "{refused:?}");
    let ran = project.run(&["inbox", "answer", "last", "--set", "code=ABC"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let page = project.read(ran.stdout.trim());
    assert!(page.starts_with("ABC ") && page.contains("photo.png ") && page.ends_with(['4', '5']), "{page}");
}

#[test]
fn whole_branches_are_taken_by_their_names() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { topics: { type: 'string[]', input: true }, ideas: 'string[]', kept: 'string[]' }\n\
         outputs: [kept]\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Ideas, for_each: topic in topics, prompt: 'On {{topic}}', outputs: [ideas] }\n      \
         - { name: Pick, action: choose, from: ideas, outputs: [kept] }\n",
    );
    project.write(
        "answers.json",
        r#"{ "main.ideas/1": ["a", "b"], "main.ideas/2": ["c"], "main.ideas/3": ["d", "e"] }"#,
    );
    project.write("branchline.toml", "[models]\nfast = \"mock/x\"\n\n[mock]\nanswers = \"answers.json\"\n");
    assert_eq!(project.run(&["run", "w", "-i", "topics=x\ny\nz"]).code, 12);
    let unknown = project.run(&["inbox", "answer", "last", "--branch", "2,9"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("there is no branch `9`; the branches are `1`, `2`, `3`"), "{unknown:?}");
    let answered = project.run(&["inbox", "answer", "last", "--branch", "3,1"]);
    assert_eq!((answered.code, answered.stdout.as_str()), (0, "- d\n- e\n- a\n- b\n"), "{answered:?}");
    let decided = project.run(&["runs", "log", "--json"]).json();
    let picked = decided["events"].as_array().unwrap().iter().find(|event| event["event"] == "answered");
    assert_eq!(picked.unwrap()["picked"], serde_json::json!([4, 5, 1, 2]));
}

#[test]
fn of_many_options_a_dozen_is_shown() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { names: { type: \"string[]\", input: true } }\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Pick, action: choose, from: names, outputs: [best] }\n",
    );
    let names: Vec<String> = (1..=30).map(|number| format!("name-{number}")).collect();
    let given = format!("names={}", serde_json::to_string(&names).unwrap());
    assert_eq!(project.run(&["run", "w", "-i", &given]).code, 12);
    let shown = project.run(&["inbox", "answer", "last"]);
    assert_eq!(shown.code, 2, "{shown:?}");
    assert!(shown.stderr.contains("name-12\n") && !shown.stderr.contains("name-13"), "{}", shown.stderr);
    assert!(shown.stderr.contains("18 more: `branchline inbox list --json`"), "{}", shown.stderr);
    let all = project.run(&["inbox", "list", "--json"]).json();
    assert_eq!(all["tasks"][0]["options"].as_array().unwrap().len(), 30);
}

#[test]
fn an_error_does_not_repeat_a_whole_file() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { count: { type: integer, input: true } }\nsections:\n  - name: Main\n    steps:\n      \
         - { name: Say, prompt: \"{{count}}\", outputs: [said] }\n",
    );
    project.write("big.txt", &"word ".repeat(50_000));
    let ran = project.run(&["run", "w", "-i", "count=@big.txt"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`count`") && ran.stderr.len() < 1_000, "{} bytes", ran.stderr.len());
}
