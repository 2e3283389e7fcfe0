//! Workers: processes that take runs up.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::project::Project;
use crate::run::{INPUTS, project};

const END: &str = "rain: one of one\ntwo\nthree\n";

/// A worker under way, with what it says.
struct Worker {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Worker {
    fn start(project: &Project, flags: &[&str]) -> Self {
        let mut command = project.command();
        command.arg("worker").args(flags);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut worker = Self { child, said };
        worker.until("Driving up to");
        worker
    }

    fn until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended before `{words}`");
        }
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn detach(project: &Project) -> String {
    let mut command = project.command();
    let left = project.finish(command.args(["run", "w", "--unattended", "--detach"]).args(INPUTS));
    assert_eq!(left.code, 0, "{left:?}");
    left.stdout.trim().to_owned()
}

fn calls(project: &Project, run: &str) -> u64 {
    project.run(&["runs", "show", run, "--json"]).json()["calls"].as_u64().unwrap()
}

#[test]
fn a_run_that_was_left_to_a_worker_is_watched_to_its_end() {
    let project = project("");
    let run = detach(&project);
    let shown = project.run(&["runs", "show", &run, "--json"]).json();
    assert_eq!(shown["status"], "pending");
    let mut worker = Worker::start(&project, &[]);
    let watched = project.run(&["watch", &run]);
    assert_eq!((watched.code, watched.stdout.as_str()), (0, END), "{watched:?}");
    worker.until("succeeded");
    worker.terminate();
    assert_eq!(worker.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_worker_ends_when_there_is_nothing_left_to_do() {
    let project = project("");
    let runs: Vec<String> = (0..5).map(|_| detach(&project)).collect();
    assert_eq!(project.run(&["worker", "--until-idle", "--runs", "2"]).code, 0);
    for run in runs {
        assert_eq!(project.run(&["runs", "show", &run, "--json"]).json()["status"], "succeeded");
    }
}

#[test]
fn a_stopped_worker_hands_its_run_over_and_nothing_is_repeated() {
    let project = project("latency_ms = [400, 400]\n");
    let run = detach(&project);
    let mut first = Worker::start(&project, &["--parallel", "1"]);
    first.until("taken up");
    let mut second = Worker::start(&project, &[]);
    first.terminate();
    first.until("left to others");
    assert_eq!(first.child.wait().unwrap().code(), Some(0));
    second.until("taken up");
    second.until("succeeded");
    assert_eq!(calls(&project, &run), 4, "what was in flight has ended, nothing was repeated");
}

#[test]
fn the_run_of_a_killed_worker_is_taken_up_by_the_other() {
    let project = project("latency_ms = [400, 400]\n");
    let run = detach(&project);
    let mut first = Worker::start(&project, &[]);
    first.until("taken up");
    let mut second = Worker::start(&project, &[]);
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    second.until("taken up");
    second.until("succeeded");
    let watched = project.run(&["watch", &run]);
    assert_eq!((watched.code, watched.stdout.as_str()), (0, END), "{watched:?}");
}

#[test]
fn a_run_of_a_worker_is_paused_resumed_and_cancelled_from_elsewhere() {
    // Long enough for other processes to come up, however busy the machine is.
    let project = project("latency_ms = [15000, 15000]\n");
    let run = detach(&project);
    let mut worker = Worker::start(&project, &["--parallel", "1"]);
    worker.until("taken up");
    assert_eq!(project.run(&["pause", &run, "--note", "wait"]).code, 0);
    worker.until("paused: paused by hand: wait");
    assert_eq!(project.run(&["cancel", &run]).code, 0);
    assert_eq!(project.run(&["runs", "show", &run, "--json"]).json()["status"], "cancelled");
}

#[test]
fn a_worker_that_cannot_look_for_runs_does_not_say_that_there_are_none() {
    let project = project("");
    detach(&project);
    let path = project.path(".branchline/branchline.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("DROP TABLE run_messages").unwrap();
    drop(connection);
    let ended = project.run(&["worker", "--until-idle"]);
    assert_ne!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("no such table: run_messages"), "{ended:?}");
}
