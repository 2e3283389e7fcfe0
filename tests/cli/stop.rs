//! Stops of every kind: Ctrl-C, a killed process, a run that another process drives. Nothing is lost.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::project::Project;
use crate::run::{INPUTS, project};

const END: &str = "rain: one of one\ntwo\nthree\n";

/// Slow enough to be stopped in the middle.
const SLOW: &str = "latency_ms = [400, 400]\n";

/// A run under way, with its progress.
struct Going {
    child: Child,
    progress: BufReader<ChildStderr>,
}

impl Going {
    fn start(project: &Project, flags: &[&str]) -> Self {
        let mut command = project.command();
        command.args(["run", "w", "--unattended"]).args(INPUTS).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let progress = BufReader::new(child.stderr.take().unwrap());
        Self { child, progress }
    }

    /// Reads the progress up to a line with these words.
    fn until(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.progress.read_line(&mut line).unwrap() > 0, "it ended before `{words}`");
        }
    }

    fn interrupt(&self) {
        assert!(
            Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success()
        );
    }
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_goes_on() {
    let project = project(SLOW);
    let mut going = Going::start(&project, &["--parallel", "1"]);
    going.until("main.write/1 done");
    going.interrupt();
    going.until("Stopping. 1 call in flight finishes first");
    going.until("Go on with branchline resume ");
    assert_eq!(going.child.wait().unwrap().code(), Some(130));
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, END), "{resumed:?}");
    let shown = project.run(&["runs", "show", "last", "--json"]).json();
    assert_eq!(shown["calls"], 4, "what was in flight has ended, nothing was repeated");
}

#[test]
fn a_second_interrupt_drops_what_is_in_flight() {
    let project = project("latency_ms = [600000, 600000]\n");
    let mut going = Going::start(&project, &[]);
    going.until("main.titles running");
    going.interrupt();
    going.until("Stopping.");
    going.interrupt();
    assert_eq!(going.child.wait().unwrap().code(), Some(130));
    project.write("branchline.toml", &project.read("branchline.toml").replace("600000", "0"));
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, END), "{resumed:?}");
}

#[test]
fn a_killed_run_goes_on_from_what_was_answered() {
    let project = project(SLOW);
    let mut going = Going::start(&project, &["--parallel", "1"]);
    going.until("main.write/1 done");
    going.child.kill().unwrap();
    going.child.wait().unwrap();
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, END), "{resumed:?}");
    let shown = project.run(&["runs", "show", "last:main.titles", "--json"]).json();
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "what was answered is not asked again");
}

#[test]
fn a_run_of_another_process_is_watched_to_its_end_and_not_taken_over() {
    let project = project(SLOW);
    let mut going = Going::start(&project, &[]);
    going.until("main.titles running");
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, END), "{resumed:?}");
    assert!(resumed.stderr.contains("has been told to go on"), "{}", resumed.stderr);
    let watched = project.run(&["watch", "last"]);
    assert_eq!((watched.code, watched.stdout.as_str()), (0, END), "{watched:?}");
    assert!(watched.stderr.contains("main.write fans out into 3 branches"), "{}", watched.stderr);
    assert_eq!(going.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_run_of_another_process_can_be_paused_and_goes_on() {
    // Long enough for another process to come up, however busy the machine is.
    let project = project("latency_ms = [15000, 15000]\n");
    let mut going = Going::start(&project, &["--parallel", "1"]);
    going.until("main.titles running");
    let paused = project.run(&["pause", "last", "--note", "look at the first"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    going.until("look at the first");
    assert_eq!(going.child.wait().unwrap().code(), Some(15));
    let shown = project.run(&["runs", "show", "last", "--json"]).json();
    assert_eq!(shown["status"], "paused");
    assert_eq!(shown["calls"], 1, "nothing new was started, and what was in flight has ended");
    let again = project.run(&["pause", "last"]);
    assert!(again.code == 2 && again.stderr.contains("paused already"), "{again:?}");

    project.write("branchline.toml", &project.read("branchline.toml").replace("15000", "1"));
    let resumed = project.run(&["resume", "last"]);
    assert_eq!((resumed.code, resumed.stdout.as_str()), (0, END), "{resumed:?}");
    let shown = project.run(&["runs", "show", "last", "--json"]).json();
    assert_eq!(shown["calls"], 4, "nothing was repeated");
}

#[test]
fn a_run_of_another_process_can_be_cancelled() {
    let project = project("latency_ms = [600000, 600000]\n");
    let mut going = Going::start(&project, &[]);
    going.until("main.titles running");
    assert_eq!(project.run(&["cancel", "last", "--note", "too slow"]).code, 0);
    going.until("run cancelled");
    assert_eq!(going.child.wait().unwrap().code(), Some(14));
}
