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

mod workflow;

use workflow::{BRANCHES, NESTED, Scenario, TURNS};

const ROUNDS: u64 = 20;

/// What one round came to.
struct Round {
    hit_calls_in_flight: bool,
    repeats: usize,
    lost_attempts: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_finishes_on_resume_and_repeats_at_most_the_calls_in_flight() {
    kill_and_resume(&BRANCHES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_and_what_is_nested_in_them_finish_on_resume_too() {
    kill_and_resume(&TURNS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sections_with_fan_outs_inside_finish_on_resume_too() {
    kill_and_resume(&NESTED).await;
}

#[expect(clippy::print_stdout, reason = "how much was tested, for whoever looks")]
async fn kill_and_resume(scenario: &'static Scenario) {
    let mut rounds = Vec::new();
    // Four at a time: they mostly wait for the model.
    for seeds in (1..=ROUNDS).collect::<Vec<_>>().chunks(4) {
        let mut group = tokio::task::JoinSet::new();
        for seed in seeds {
            group.spawn(round(scenario, *seed));
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
    assert!(
        hits >= scenario.hits_min,
        "only {hits} of {ROUNDS} kills hit calls in flight, so little was tested"
    );
}

async fn round(scenario: &'static Scenario, seed: u64) -> Round {
    let random = Mutex::new(Random(seed));
    let server = ModelServer::start(move |call| answer(call, scenario.list_length, &random)).await.unwrap();
    let project = project(server.url(), scenario.workflow);
    let calls = scenario.calls;
    let mut random = Random(seed.wrapping_mul(7919));
    let wanted_calls = 1 + random.below(calls as u64 - 1) as usize;

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
    assert_eq!(count("SELECT count(*) FROM step_runs"), calls + scenario.other_step_runs, "seed {seed}");
    let twice = "SELECT count(*) FROM (SELECT 1 FROM attribute_values GROUP BY step_run_id, attribute_id HAVING count(*) > 1)";
    assert_eq!(count(twice), 0, "seed {seed}: a result was recorded twice");
    assert_eq!(
        count("SELECT count(*) FROM attribute_values"),
        calls + scenario.other_values,
        "seed {seed}: a result was lost"
    );
    let mut by_prompt: HashMap<String, usize> = HashMap::new();
    server.calls().iter().for_each(|call| *by_prompt.entry(call.prompt().to_owned()).or_default() += 1);
    assert_eq!(by_prompt.len(), calls, "seed {seed}: every step asks something of its own");
    Round { hit_calls_in_flight, repeats: server.calls().len() - calls, lost_attempts }
}

/// Answers with a text made from the prompt, or with a list, after 5 to 200 ms.
fn answer(call: &Call, list_length: usize, random: &Mutex<Random>) -> Reply {
    let delay = Duration::from_millis(5 + random.lock().unwrap().below(195));
    let names = call.output_schema().and_then(|schema| schema["properties"].as_object().cloned());
    let text = match names.and_then(|properties| properties.keys().next().cloned()) {
        Some(name) => {
            let items = (1..=list_length).map(|number| format!("{name} {number}")).collect::<Vec<_>>();
            json!({ name: items }).to_string()
        }
        None => format!("<{}>", call.prompt()),
    };
    Reply::text(text).after(delay)
}

fn project(server: &str, workflow: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "database = \"test.db\"\n[models]\nfast = \"openai/test\"\n[providers.openai]\nbase_url = \"{server}/v1\"\n[limits]\nparallel_calls = 4\n"
    );
    std::fs::write(folder.path().join("branchline.toml"), config).unwrap();
    std::fs::write(folder.path().join("workflow.yaml"), workflow).unwrap();
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
