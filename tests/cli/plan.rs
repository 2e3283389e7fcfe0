//! `plan`: what a run would do and come to, and what that rests on.

use insta::assert_snapshot;

use crate::look::FAN_OUT;
use crate::project::Project;

#[test]
fn a_plan_counts_what_is_known_and_names_what_is_not() {
    let project = Project::with_workflow(FAN_OUT);
    assert_snapshot!(project.run(&["plan", "w"]).shown(), @"
    w  workflows/w/workflow.yaml

    step            what                             calls      tokens in  tokens out  basis    cost
      main.write    prompt fast, n(topics) branches  n(topics)  52–10k     50–10k      assumed  $0.00
      main.shorten  prompt fast, n(topics) branches  n(topics)  52–10k     50–10k      assumed  $0.00
    main.join       template                         –
    main.off        disabled                         –

    step            reads                                 writes
      main.write    topics ← run input                    text
                    topic ← each of main.write
                    mood ← default
      main.shorten  text ← main.write                     short
    main.join       short ← all branches of main.shorten  page
    main.off        page ← main.join                      nothing

    run input  type               what it means
    mood       string    default
    topics     string[]  needed

    Results  page
    Total    2 × n(topics) calls, no stop for a person
    Tokens   104–20.1k in, 100–20k out
    Cost     $0.00
    Basis    measured: the text, at 3 to 5 bytes a token
             assumed: texts that are not there yet, of 50 to 1000 tokens, in lists and objects of 10 to 250
             n(…): 1 to 10 elements, unless the type bounds the list
    --- exit 0
    ");
    let known = project.run(&["plan", "w", "--json", "-i", r#"topics=["a","b","c"]"#]).json();
    assert_eq!((known["calls"].as_u64(), known["steps"][1]["branches"].as_u64()), (Some(6), Some(3)));
    assert!(!project.path(".branchline").exists(), "a plan writes nothing");
}

/// Everything that multiplies or withholds calls, two models, a person.
const FLOW: &str = "\
name: w
model: fast
types:
  Chapter: { title: string, subs: 'string[]' }
attributes:
  book: { type: 'Chapter[]', input: true }
  tone: { input: true, optional: true }
  length: { type: integer, input: true, default: 300 }
  score: { type: { type: integer, minimum: 1, maximum: 10 }, optional: true }
  points: integer
  ideas: string[]
  texts: string[]
sections:
  - name: Write
    for_each: chapter in book
    repeat: { until: 'has(score) && score >= 8', max: 3 }
    steps:
      - name: Draft
        variants: { calm: { temperature: 0.3 }, bold: { model: strong } }
        samples: 2
        max_tokens: 400
        prompt: 'Write {{chapter.title}} in {{length}} words{{#if score}}, last time {{score}} points{{/if}}'
        outputs: [draft]
      - { name: Judge, prompt: 'Score {{draft}}', outputs: [points] }
      - { name: Best, action: select, select: { from: draft, by: points }, outputs: [best] }
      - { name: Grade, when: 'has(tone)', prompt: 'Grade {{best}}', outputs: [score] }
  - name: Sell
    steps:
      - { name: Ideas, gather: [best], prompt: 'Titles for {{best}}', outputs: [ideas] }
      - { name: Blurb, for_each: idea in ideas, prompt: 'A blurb for {{idea}}', outputs: [blurb] }
      - { name: Pick, action: choose, from: blurb, outputs: [text] }
";

const BOOK: &str = r#"book=[{"title":"Rain","subs":["a","b"]},{"title":"Sea","subs":[]}]"#;

#[test]
fn levels_conditions_and_prices_make_ranges_and_formulas() {
    let project = Project::with_workflow(FLOW);
    project.write(
        "branchline.toml",
        "[models]\nfast = \"openai/small\"\nstrong = \"openai/large\"\n[prices]\nas_of = 2026-09-01\n\
         \"openai/small\" = { input = 0.25, output = 2.0 }\n\"openai/large\" = { input = 2.5, output = 20 }\n",
    );
    assert_snapshot!(project.run(&["plan", "w", "-i", BOOK]).shown(), @"
    w  workflows/w/workflow.yaml

    step               what                                                     calls     tokens in  tokens out  basis                 cost
          write.draft  prompt fast, 2 × up to 3 turns × 2 variants × 2 samples  8–24      72–360     400–9.6k    assumed / max_tokens  $0.0045–$0.1061
          write.judge  prompt fast, 2 × up to 3 turns × 2 variants × 2 samples  8–24      600–10.5k  24–120      assumed / declared    $0.0002–$0.0029
        write.best     select, 2 × up to 3 turns                                –
        write.grade    prompt fast, 2 × up to 3 turns, when has(tone)           0–6       0–2.7k     0–24        assumed / declared    $0.00–$0.0007
    sell.ideas         prompt fast                                              1         130–849    13–2.5k     assumed               <$0.0001–$0.0052
      sell.blurb       prompt fast, n(ideas) branches                           n(ideas)  53–10k     50–10k      assumed               $0.0001–$0.0225
    sell.pick          ? choose: waits for a person                             –

    step               reads                                                              writes
      write.each       book ← run input
          write.draft  chapter ← each of write.each                                       draft
                       length ← default
                       score ← write.grade of the turn before (optional)
          write.judge  draft ← write.draft                                                points
        write.best     draft ← all branches of write.draft                                best
                       points ← all branches of write.judge (score)
        write.grade    best ← write.best                                                  score
                       tone ← run input (condition)
        write.until    score ← write.grade or write.grade of the turn before (condition)
    sell.ideas         best ← all branches of write.best                                  ideas
      sell.blurb       ideas ← sell.ideas                                                 blurb
                       idea ← each of sell.blurb
    sell.pick          blurb ← all branches of sell.blurb                                 text

    run input  type                what it means
    book       object[]  given
    length     integer   default
    tone       string    optional

    Results  text
    Total    17–55 + n(ideas) calls, 1 stop for a person
    Tokens   855–24.5k in, 487–22.3k out
    Cost     $0.0049–$0.1374, prices of 2026-09-01
    Basis    measured: the text, at 3 to 5 bytes a token
             assumed: texts that are not there yet, of 50 to 1000 tokens, in lists and objects of 10 to 250
             declared: the answer is bounded by its type
             max_tokens: the answer is bounded by the step
             n(…): 1 to 10 elements, unless the type bounds the list

    warning: `OPENAI_API_KEY`, the key for `openai/small`, is not set: the run pauses at `write.draft` and at 4 other steps
    --- exit 0
    ");
    let json = project.run(&["plan", "w", "-i", BOOK, "--json"]).json();
    assert_eq!(json["format"], "branchline.plan/1");
    assert_eq!(
        (&json["calls"], &json["calls_range"]),
        (&serde_json::Value::Null, &serde_json::json!([18, 65]))
    );
    assert_eq!(json["cost"]["prices_as_of"]["openai/large"], "2026-09-01");
}

#[test]
fn a_price_that_nobody_gave_is_unknown_and_the_mock_model_costs_nothing() {
    let project = Project::with_workflow(FLOW);
    project.write(
        "branchline.toml",
        "[models]\nfast = \"openai/small\"\nstrong = \"openai/large\"\n[prices]\nas_of = 2026-09-01\n\
         \"openai/small\" = { input = 0.25, output = 2.0 }\n",
    );
    let cost = |args: &[&str]| {
        let shown = project.run(&[&["plan", "w", "-i", BOOK], args].concat()).stdout;
        shown.lines().find(|line| line.starts_with("Cost")).map(str::to_owned).unwrap_or(shown)
    };
    assert!(cost(&[]).starts_with("Cost     ≥ $0.00"), "{}", cost(&[]));
    assert!(cost(&[]).ends_with("no price for openai/large in `[prices]` of branchline.toml"));
    assert_eq!(
        cost(&["--model", "strong"]),
        "Cost     unknown, no price for openai/large in `[prices]` of branchline.toml"
    );
    assert_eq!(cost(&["--model", "mock"]), "Cost     $0.00");
    let json = project.run(&["plan", "w", "-i", BOOK, "--json", "--model", "strong"]).json();
    assert_eq!(json["cost"]["usd"], serde_json::Value::Null);
    assert_eq!(project.run(&["plan", "w", "-i", BOOK, "--model", "fats"]).code, 2);
}

#[test]
fn earlier_runs_with_the_same_model_are_a_better_basis() {
    let project = Project::with_workflow(FAN_OUT);
    project.write("branchline.toml", "[models]\nfast = \"mock/fast\"\n");
    let topics = ["-i", r#"topics=["rain","sea"]"#];
    let basis = |args: &[&str]| {
        let json = project.run(&[&["plan", "w", "--json"], &topics[..], args].concat()).json();
        let call = json["steps"][1]["call"].clone();
        (call["input_basis"].as_str().unwrap().to_owned(), call["output_basis"].as_str().unwrap().to_owned())
    };
    assert_eq!(basis(&[]), ("assumed".to_owned(), "assumed".to_owned()));
    for _ in 0..2 {
        assert_eq!(project.run(&[&["run", "w"], &topics[..]].concat()).code, 0);
    }
    assert_eq!(basis(&[]), ("last 2 runs".to_owned(), "last 2 runs".to_owned()));
    assert_eq!(basis(&["--model", "mock/other"]).1, "assumed", "another model is another story");
}

#[test]
fn a_prompt_that_is_likely_over_the_context_is_warned_of() {
    let project = Project::with_workflow(FAN_OUT);
    project.write("branchline.toml", "[models]\nfast = \"local/tiny\"\n[providers.local]\nkind = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\n[context]\n\"local/tiny\" = 200\n");
    let long = format!("topics=[\"{}\"]", "rain ".repeat(400));
    let plan = |topics: &str| project.run(&["plan", "w", "-i", topics]).stdout;
    assert!(!plan("topics=[\"rain\"]").contains("the prompt of `main.write`"));
    let warned = plan(&long);
    assert!(
        warned.contains(
            "warning[BL0311]: the prompt of `main.write` has about 402–670 tokens, and `local/tiny` reads 200"
        ),
        "{warned}"
    );
    assert!(project.run(&["explain", "BL0311"]).stdout.contains("[context]"));
}
