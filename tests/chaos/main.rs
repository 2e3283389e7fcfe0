//! Kills the real program at random moments while it waits for a real HTTP model server, and counts what that costs.

#![expect(clippy::unwrap_used, reason = "a test ends where its preparation fails")]

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use branchline_persistence::testing::query_number;
use branchline_runtime::testing::{Call, ModelServer, Reply};
use serde_json::json;
use tempfile::TempDir;

const ROUNDS: u64 = 20;
const BRANCHES: usize = 8;

/// 3 steps in a row, two per branch, one after the gather.
const CALLS: usize = 3 + 2 * BRANCHES + 1;

const WORKFLOW: &str = r#"
name: article
model: fast
attributes:
  talk: { input: true }
  openings: string[]
sections:
  - name: Draft
    steps:
      - { name: Outline, prompt: "Outline {{talk}}", outputs: [outline] }
      - { name: Draft, prompt: "Draft from {{outline}}", outputs: [draft] }
      - { name: Openings, prompt: "Openings for {{draft}}", outputs: [openings] }
      - name: Rewrite
        for_each: opening in openings
        prompt: "Open {{draft}} with {{opening}}"
        outputs: [version]
      - { name: Review, prompt: "Review {{version}}", outputs: [review] }
      - { name: Summary, gather: [review], prompt: "Sum up {{review}}", outputs: [summary] }
"#;

/// What one round came to.
struct Round {
    hit_calls_in_flight: bool,
    repeats: usize,
    lost_attempts: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_finishes_on_resume_and_repeats_at_most_the_calls_in_flight() {
    let mut rounds = Vec::new();
    // Four at a time: they mostly wait for the model.
    for seeds in (1..=ROUNDS).collect::<Vec<_>>().chunks(4) {
        let mut group = tokio::task::JoinSet::new();
        for seed in seeds {
            group.spawn(round(*seed));
        }
        rounds.extend(group.join_all().await);
    }
    for (number, round) in (1..).zip(&rounds) {
        assert!(
            round.repeats <= round.lost_attempts,
            "round {number}: {} repeats, {} in flight",
            round.repeats,
            round.lost_attempts
        );
    }
    let hits = rounds.iter().filter(|round| round.hit_calls_in_flight).count();
    let repeats: usize = rounds.iter().map(|round| round.repeats).sum();
    let lost: usize = rounds.iter().map(|round| round.lost_attempts).sum();
    println!("{ROUNDS} kills, {hits} hit calls in flight; {repeats} calls repeated of {lost} in flight");
    assert!(hits >= 15, "only {hits} of {ROUNDS} kills hit calls in flight, so little was tested");
}

async fn round(seed: u64) -> Round {
    let random = Mutex::new(Random(seed));
    let server = ModelServer::start(move |call| answer(call, &random)).await.unwrap();
    let project = project(server.url());
    let mut random = Random(seed.wrapping_mul(7919));
    let wanted_calls = 1 + random.below(CALLS as u64 - 1) as usize;

    let mut child = start(project.path(), &["run", "workflow.yaml", "-i", "talk=A talk", "--no-input"]);
    while server.calls().len() < wanted_calls && child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(random.below(40))).await;
    let hit_calls_in_flight = server.in_flight() > 0 && child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    let count = |query: &str| query_number(&project.path().join("test.db"), query).unwrap() as usize;
    let lost_attempts = count("SELECT count(*) FROM step_attempts WHERE ended_at IS NULL");

    let output = tokio::task::spawn_blocking({
        let folder = project.path().to_owned();
        move || finish(&folder, &["resume", "last", "--no-input"])
    });
    let output = output.await.unwrap();
    let finished_before_the_kill =
        count("SELECT count(*) FROM run_events WHERE event = 'run_recovered'") == 0 && lost_attempts == 0;
    assert!(output.status.success() || finished_before_the_kill, "seed {seed}: {output:?}");

    assert_eq!(count("SELECT count(*) FROM workflow_runs WHERE status = 'succeeded'"), 1, "seed {seed}");
    assert_eq!(count("SELECT count(*) FROM step_runs WHERE status <> 'succeeded'"), 0, "seed {seed}");
    assert_eq!(count("SELECT count(*) FROM step_runs"), CALLS + 1, "seed {seed}");
    let twice = "SELECT count(*) FROM (SELECT 1 FROM attribute_values GROUP BY step_run_id, attribute_id HAVING count(*) > 1)";
    assert_eq!(count(twice), 0, "seed {seed}: a result was recorded twice");
    assert_eq!(
        count("SELECT count(*) FROM attribute_values"),
        CALLS + 1 + BRANCHES,
        "seed {seed}: a result was lost"
    );
    let mut by_prompt: HashMap<String, usize> = HashMap::new();
    server.calls().iter().for_each(|call| *by_prompt.entry(call.prompt().to_owned()).or_default() += 1);
    assert_eq!(by_prompt.len(), CALLS, "seed {seed}: every step asks something of its own");
    Round { hit_calls_in_flight, repeats: server.calls().len() - CALLS, lost_attempts }
}

/// Answers with a text made from the prompt, after 5 to 200 ms.
fn answer(call: &Call, random: &Mutex<Random>) -> Reply {
    let delay = Duration::from_millis(5 + random.lock().unwrap().below(195));
    let text = match call.output_schema() {
        Some(_) => json!({ "openings": (1..=BRANCHES).map(|number| format!("opening {number}")).collect::<Vec<_>>() }).to_string(),
        None => format!("<{}>", call.prompt()),
    };
    Reply::text(text).after(delay)
}

fn project(server: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "database = \"test.db\"\n[models]\nfast = \"openai/test\"\n[providers.openai]\nbase_url = \"{server}/v1\"\n[limits]\nparallel_calls = 4\n"
    );
    std::fs::write(folder.path().join("branchline.toml"), config).unwrap();
    std::fs::write(folder.path().join("workflow.yaml"), WORKFLOW).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_branchline"));
    command.current_dir(folder).args(arguments).env("OPENAI_API_KEY", "test").env_remove("OPENAI_BASE_URL");
    command.stdin(Stdio::null());
    command
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    command(folder, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn finish(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// SplitMix64, so that a seed names a round.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
