//! `lsp`: the real server, spoken to as an editor does.

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use insta::assert_snapshot;
use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value as Json, json};

use crate::project::Project;

/// An editor with its server.
struct Editor<'p> {
    project: &'p Project,
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    requests: i32,
}

impl<'p> Editor<'p> {
    fn start(project: &'p Project) -> Self {
        let mut editor = Self::started(project, &["lsp", "--stdio"]);
        let capabilities = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
        let answer = editor
            .ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", json!({}));
        editor
    }

    fn started(project: &'p Project, args: &[&str]) -> Self {
        let mut command = project.command();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let input = server.stdin.take();
        let output = BufReader::new(server.stdout.take().unwrap());
        Self { project, server, input, output, requests: 0 }
    }

    fn uri(&self, path: &str) -> String {
        gen_lsp_types::Uri::from_file_path(self.project.path(path)).unwrap().to_string()
    }

    fn send(&mut self, message: impl Into<Message>) {
        message.into().write(self.input.as_mut().unwrap()).unwrap();
    }

    fn tell(&mut self, method: &str, params: Json) {
        self.send(Notification { method: method.to_owned(), params });
    }

    /// The next message; a word on the standard output that is no message is a failure.
    fn next(&mut self) -> Message {
        Message::read(&mut self.output).unwrap().expect("the server is gone")
    }

    /// The result, or the error, of a request.
    fn asked(&mut self, method: &str, params: Json) -> Result<Json, String> {
        self.requests += 1;
        let id = self.requests.into();
        self.send(Request { id, method: method.to_owned(), params });
        loop {
            if let Message::Response(Response { id, response_result }) = self.next() {
                assert_eq!(id, self.requests.into());
                return response_result.map_err(|error| error.message);
            }
        }
    }

    fn ask(&mut self, method: &str, params: Json) -> Json {
        self.asked(method, params).unwrap()
    }

    fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, path: &str, version: i32, text: &str) {
        let document = json!({ "uri": self.uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// The problems of a version of a file, `line:unit-line:unit code message` each.
    fn problems(&mut self, path: &str, version: i32) -> String {
        let uri = self.uri(path);
        loop {
            let Message::Notification(Notification { method, params }) = self.next() else { continue };
            if method == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && params["version"] == version
            {
                let problems = params["diagnostics"].as_array().unwrap();
                return problems.iter().map(shown_problem).collect::<Vec<_>>().join("\n");
            }
        }
    }

    fn place(&self, path: &str, (line, character): (u32, u32)) -> Json {
        json!({ "textDocument": { "uri": self.uri(path) }, "position": { "line": line, "character": character } })
    }

    /// Where a request about a place of `text` leads, `file range` each.
    fn places(&mut self, method: &str, path: &str, place: (u32, u32)) -> String {
        let mut params = self.place(path, place);
        params["context"] = json!({ "includeDeclaration": true });
        let answer = self.ask(method, params);
        let places = answer.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let folder = format!("{}/", self.uri("workflows/w"));
        let shown = places.map(|place| {
            let uri = place["uri"].as_str().unwrap();
            format!("{} {}", uri.strip_prefix(&folder).unwrap_or(uri), shown_range(&place["range"]))
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    fn hover(&mut self, path: &str, place: (u32, u32)) -> String {
        let answer = self.ask("textDocument/hover", self.place(path, place));
        if answer.is_null() {
            return "nothing".to_owned();
        }
        format!("{}: {}", shown_range(&answer["range"]), answer["contents"]["value"].as_str().unwrap())
    }

    /// The labels that are offered, with what is said of them.
    fn completion(&mut self, path: &str, place: (u32, u32)) -> Vec<String> {
        let answer = self.ask("textDocument/completion", self.place(path, place));
        let items = answer.as_array().unwrap().iter();
        items
            .map(|item| format!("{}: {}", item["label"].as_str().unwrap(), item["detail"].as_str().unwrap()))
            .collect()
    }

    fn stop(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Json::Null), Json::Null);
        self.tell("exit", Json::Null);
        self.server.wait().unwrap().code().unwrap()
    }
}

fn shown_range(range: &Json) -> String {
    let at = |end: &str| format!("{}:{}", range[end]["line"], range[end]["character"]);
    format!("{}-{}", at("start"), at("end"))
}

fn shown_problem(problem: &Json) -> String {
    let related = problem["relatedInformation"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let related = related.map(|one| {
        format!("\n  {} {}", shown_range(&one["location"]["range"]), one["message"].as_str().unwrap())
    });
    let related = related.collect::<Vec<_>>().concat();
    assert_eq!((&problem["source"], &problem["codeDescription"]), (&json!("branchline"), &Json::Null));
    let (code, message) = (problem["code"].as_str().unwrap(), problem["message"].as_str().unwrap());
    format!("{} {code} {message}{related}", shown_range(&problem["range"]))
}

const WORKFLOW: &str = r#"name: w
model: fast
types:
  Verdict: { score: integer, reason: string }
attributes:
  topic: { input: true, description: What it is about }
  verdict: Verdict
  chapters: string[]
outputs: [result]
sections:
  - name: Main
    steps:
      - name: Plan
        prompt_file: prompts/plan.md
        outputs: [chapters]
      - name: Write
        for_each: chapter in chapters
        prompt: |
          Ü 🦀 {{chapter}} über {{topic}}
        outputs: [draft]
      - name: Judge
        gather: { drafts: draft }
        prompt: "🦀 {{#each drafts as |draft|}}{{draft}} {{../topic}}{{/each}}"
        outputs: [verdict]
      - name: End
        action: template
        prompt: '{{verdict.score}} {{> style}}'
        outputs: [result]
"#;
const PLAN: &str = "---\nmodel: fast\n---\nPläne für 🦀 {{topic}}, {{> style}}\n";
const STYLE: &str = "Kurz über {{ topic }}.\n";

fn project() -> Project {
    let project = Project::with_workflow(WORKFLOW);
    project.write("workflows/w/prompts/plan.md", PLAN);
    project.write("workflows/w/prompts/_style.md", STYLE);
    project
}

const YAML: &str = "workflows/w/workflow.yaml";
const PLAN_FILE: &str = "workflows/w/prompts/plan.md";

#[test]
fn problems_come_from_the_texts_in_the_editor() {
    let project = project();
    let mut editor = Editor::start(&project);
    editor.open(YAML, &WORKFLOW.replace("über {{topic}}", "über {{topc}}"));
    assert_snapshot!(editor.problems(YAML, 1), @"
    18:34-18:38 BL0220 there is no attribute `topc`
    fix: did you mean `topic`?
      5:2-5:7 declared here
    ");
    editor.change(YAML, 2, WORKFLOW);
    assert_snapshot!(editor.problems(YAML, 2), @"");
    editor.open(PLAN_FILE, &PLAN.replace("{{topic}}", "{{chapter}}"));
    assert_snapshot!(editor.problems(PLAN_FILE, 1), @"
    3:15-3:22 BL0221 `chapter` is an item, and no earlier `for_each` of this section goes through its list
    fix: give this step the `for_each` that binds `chapter`, or read the list itself
    ");
    editor.change(PLAN_FILE, 2, &PLAN.replace("{{topic}}", "{{#if topic}}"));
    assert_snapshot!(editor.problems(PLAN_FILE, 2), @"
    3:13-3:15 BL0210 the template cannot be read: this block is not closed
    fix: close every `{{` with `}}` and every block with its name, such as `{{/if}}`
    ");
    editor.change(PLAN_FILE, 3, PLAN);
    assert_snapshot!(editor.problems(PLAN_FILE, 3), @"");
    editor.change(YAML, 3, "name: [w\n");
    assert_snapshot!(editor.problems(YAML, 3), @"
    0:6-0:7 BL0101 a bracket that is not closed, or a comma that is missing
    fix: close the bracket or add the comma
    ");
    editor.change(YAML, 4, &WORKFLOW.replace("attributes:\n", "attributes:\n  topic: string\n"));
    assert_snapshot!(editor.problems(YAML, 4), @"
    6:2-6:7 BL0102 the key `topic` is given twice in this map
    fix: keep one of the two
      5:2-5:7 first given here
    ");
    assert_eq!(editor.stop(), 0);
    assert_eq!(project.read(YAML), WORKFLOW, "nothing is written");
}

#[test]
fn hover_says_what_a_name_is() {
    let project = project();
    let mut editor = Editor::start(&project);
    editor.open(YAML, WORKFLOW);
    assert_snapshot!(editor.hover(YAML, (18, 35)), @"
    18:34-18:39: **`topic`** `string` · run input

    What it is about

    read by *Plan*, *Write*, *Judge*, *End*
    ");
    assert_snapshot!(editor.hover(YAML, (18, 20)), @"
    18:17-18:24: **`chapter`** `string` · item of a fan-out

    read by *Write*
    ");
    assert_snapshot!(editor.hover(YAML, (21, 20)), @"
    21:18-21:24: **`draft`** `string`

    written by *Write*

    read by *Judge*
    ");
    assert_snapshot!(editor.hover(YAML, (23, 19)), @"
    23:18-23:25: **`verdict`** `Verdict`

    written by *Judge*

    read by *End*
    ");
    assert_snapshot!(editor.hover(YAML, (26, 40)), @"
    26:39-26:44: **`{{> style}}`** partial

    used by *Plan*, *End*

    ````
    Kurz über {{ topic }}.
    ````
    ");
    assert_snapshot!(editor.hover(YAML, (20, 16)), @"
    20:14-20:19: **Judge** `prompt` in *Main*

    reads `draft`, `topic`

    writes `verdict`
    ");
    assert_snapshot!(editor.hover(PLAN_FILE, (3, 18)), @"
    3:15-3:20: **`topic`** `string` · run input

    What it is about

    read by *Plan*, *Write*, *Judge*, *End*
    ");
    assert_snapshot!(editor.hover(YAML, (0, 0)), @"nothing");
    assert_snapshot!(editor.hover("nowhere/prompt.md", (0, 0)), @"nothing");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn definition_and_references_lead_across_files() {
    let project = project();
    let mut editor = Editor::start(&project);
    editor.open(PLAN_FILE, PLAN);
    let definition = "textDocument/definition";
    assert_snapshot!(editor.places(definition, PLAN_FILE, (3, 18)), @"workflow.yaml 5:2-5:7");
    assert_snapshot!(editor.places(definition, PLAN_FILE, (3, 31)), @"prompts/_style.md 0:0-0:22");
    assert_snapshot!(editor.places(definition, YAML, (13, 30)), @"prompts/plan.md 0:0-0:0");
    assert_snapshot!(editor.places(definition, YAML, (21, 28)), @"workflow.yaml 19:18-19:23");
    assert_snapshot!(editor.places(definition, YAML, (22, 50)), @"workflow.yaml 19:18-19:23");
    assert_snapshot!(editor.places("textDocument/references", PLAN_FILE, (3, 18)), @"
    prompts/_style.md 0:13-0:18
    prompts/plan.md 3:15-3:20
    workflow.yaml 5:2-5:7
    workflow.yaml 18:34-18:39
    workflow.yaml 22:62-22:67
    ");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn completion_offers_what_could_be_meant() {
    let project = project();
    let mut editor = Editor::start(&project);
    let typing = WORKFLOW.replace("über {{topic}}", "über {{to").replace("outputs: [draft]", "outputs: [dr");
    let typing =
        typing.replace("{{verdict.score}}", "{{verdict.").replace("{{#each drafts as", "{{#each dr as");
    editor.open(YAML, WORKFLOW);
    editor.change(YAML, 2, &typing);
    let labels = editor.completion(YAML, (18, 36));
    assert!(
        labels.contains(&"topic: string".to_owned()) && labels.contains(&"join: helper".to_owned()),
        "{labels:?}"
    );
    assert_snapshot!(editor.completion(YAML, (19, 20)).join("\n"), @"
    chapter: string
    chapters: string[]
    draft: string
    result: string
    topic: string
    verdict: Verdict
    ");
    assert_snapshot!(editor.completion(YAML, (26, 27)).join("\n"), @"
    reason: string
    score: integer
    ");
    let labels = editor.completion(YAML, (22, 30));
    assert!(labels.contains(&"drafts: the list of `draft`".to_owned()), "{labels:?}");
    editor.open(PLAN_FILE, "ü {{> st");
    assert_snapshot!(editor.completion(PLAN_FILE, (0, 8)).join("\n"), @"style: partial");
    editor.change(PLAN_FILE, 2, "ü 🦀 {{to");
    let answer = editor.ask("textDocument/completion", editor.place(PLAN_FILE, (0, 9)));
    let topic = answer.as_array().unwrap().iter().find(|item| item["label"] == "topic").unwrap();
    assert_eq!(topic["documentation"], "What it is about");
    assert_eq!(shown_range(&topic["textEdit"]["range"]), "0:7-0:9");
    assert_eq!(editor.stop(), 0);
}

/// A text with edits made, from the last to the first.
fn edited(text: &str, edits: &[Json]) -> String {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let offset = |units: &[u16], at: &Json| {
        let before = units
            .split_inclusive(|unit| *unit == u16::from(b'\n'))
            .take(at["line"].as_u64().unwrap() as usize);
        before.map(<[u16]>::len).sum::<usize>() + at["character"].as_u64().unwrap() as usize
    };
    for edit in edits.iter().rev() {
        let (start, end) = (offset(&units, &edit["range"]["start"]), offset(&units, &edit["range"]["end"]));
        units.splice(start..end, edit["newText"].as_str().unwrap().encode_utf16());
    }
    String::from_utf16(&units).unwrap()
}

#[test]
fn rename_is_one_edit_of_all_files() {
    let project = project();
    let mut editor = Editor::start(&project);
    editor.open(PLAN_FILE, PLAN);
    let mut params = editor.place(PLAN_FILE, (3, 18));
    let prepared = editor.ask("textDocument/prepareRename", params.clone());
    assert_eq!(
        (shown_range(&prepared["range"]).as_str(), &prepared["placeholder"]),
        ("3:15-3:20", &json!("topic"))
    );
    params["newName"] = "sujet".into();
    let edit = editor.ask("textDocument/rename", params.clone());
    let changes = edit["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 3);
    for change in changes {
        let uri: gen_lsp_types::Uri = serde_json::from_value(change["textDocument"]["uri"].clone()).unwrap();
        let path = uri.to_file_path().unwrap();
        let is_open = path.ends_with("plan.md");
        assert_eq!(change["textDocument"]["version"], if is_open { json!(1) } else { Json::Null });
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, edited(&text, change["edits"].as_array().unwrap())).unwrap();
    }
    for path in [YAML, PLAN_FILE, "workflows/w/prompts/_style.md"] {
        assert!(!project.read(path).contains("topic"), "{}", project.read(path));
    }
    assert_snapshot!(project.run(&["check"]).shown(), @"
    ✓ no problems in 1 workflow, 4 steps ([n] ms)
    --- exit 0
    ");
    for (name, problem) in [
        ("verdict", "there is an attribute `verdict` already"),
        (
            "my topic",
            "`my topic` cannot be the name of an attribute: a letter or `_`, then letters, digits and `_`",
        ),
    ] {
        editor.change(PLAN_FILE, 2, &project.read(PLAN_FILE));
        params["newName"] = name.into();
        assert_eq!(editor.asked("textDocument/rename", params.clone()).unwrap_err(), problem);
    }
    let on_alias = editor.asked("textDocument/prepareRename", editor.place(YAML, (21, 20))).unwrap_err();
    assert_snapshot!(on_alias, @"this is a name that the step or the block gives `draft`; rename `draft` at one of its own places, or change the name here by hand");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn nonsense_is_skipped_and_the_server_goes_on() {
    let project = project();
    let mut editor = Editor::started(&project, &["lsp"]);
    assert_eq!(editor.asked("textDocument/hover", json!({})).unwrap_err(), "`initialize` comes first");
    editor.input.as_mut().unwrap().write_all(b"\xff\x00hello\r\n\r\nContent-Length: 2\r\n\r\n{]").unwrap();
    editor.ask("initialize", json!({ "capabilities": {} }));
    editor.open("untitled.yaml", "\u{0}{{{{");
    editor.tell("textDocument/didOpen", json!({ "textDocument": 3 }));
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "untitled:x", "version": 1 }, "contentChanges": [{ "text": "a" }] }),
    );
    editor.tell("no/such", json!([1]));
    assert_eq!(editor.asked("no/such", json!(null)).unwrap_err(), "`no/such` is not understood");
    assert!(editor.asked("textDocument/hover", json!({ "textDocument": {} })).is_err());
    editor.open(YAML, "sections:\n  - {{{{ \u{1f980} }}}}\n : -");
    assert!(!editor.problems(YAML, 1).is_empty());
    assert_eq!(editor.hover(YAML, (u32::MAX, u32::MAX)), "nothing");
    assert_eq!(editor.completion(YAML, (9, 9)), Vec::<String>::new());
    editor.change(YAML, 2, WORKFLOW);
    assert_eq!(editor.problems(YAML, 2), "");
    assert_eq!(editor.stop(), 0);
}

#[test]
fn an_editor_that_is_gone_ends_the_server() {
    let project = project();
    let mut editor = Editor::start(&project);
    editor.input = None;
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));
}
