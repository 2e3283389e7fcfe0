//! The database as the command meets it: made when missing, and every way in which it cannot be used.

use diesel::{Connection as _, RunQueryDsl as _};
use insta::assert_snapshot;

use crate::project::Project;

#[test]
fn the_database_is_made_in_the_project_and_named_by_flag_or_environment() {
    let project = Project::initialised();
    assert_snapshot!(project.run(&["workflows", "list"]).shown(), @"
    --- stderr
    Nothing is stored yet: `branchline run` and `branchline workflows import` save a workflow.
    --- exit 0
    ");
    assert!(project.path(".branchline/branchline.db").is_file());
    let other =
        project.finish(project.command().env("BRANCHLINE_DB", "other.db").args(["workflows", "list"]));
    assert_eq!((other.code, project.path("other.db").is_file()), (0, true));
    let flag = ["workflows", "list", "--db", "sqlite:flag.db"];
    let flag = project.finish(project.command().env("BRANCHLINE_DB", "ignored.db").args(flag));
    assert_eq!(
        (flag.code, project.path("flag.db").is_file(), project.path("ignored.db").exists()),
        (0, true, false)
    );
    project.write("branchline.toml", "database = \"data/runs.db\"\n");
    project.write("below/here/x", "");
    assert_eq!(project.run(&["-C", "below/here", "workflows", "list"]).code, 0);
    assert!(project.path("data/runs.db").is_file(), "a path in the project file is seen from that file");
}

#[test]
fn a_file_that_is_no_database_ends_with_5_and_stays_as_it_is() {
    let project = Project::initialised();
    project.write("notes.db", "these are notes, and no database at all, however long they may become\n");
    assert_snapshot!(project.run(&["workflows", "list", "--db", "notes.db"]).shown(), @"
    --- stderr
    error: the database is damaged or not a Branchline database: file is not a database
      cause: the database is `notes.db` (flag --db)
      fix:   restore a copy made by `branchline db backup`, or give another file with `--db`
    --- exit 5
    ");
    assert!(project.read("notes.db").starts_with("these are notes"));
    assert!(!project.path("notes.db.locks").exists(), "nothing is laid beside a file that is refused");
}

#[test]
fn a_directory_in_the_place_of_the_file_ends_with_5() {
    let project = Project::initialised();
    project.write("folder.db/x", "");
    assert_snapshot!(project.run(&["workflows", "list", "--db", "folder.db"]).shown(), @"
    --- stderr
    error: the database cannot be opened: unable to open database file
      cause: the database is `folder.db` (flag --db)
      fix:   check that the path is a file in a folder you may write to, or give another with `--db`
    --- exit 5
    ");
}

#[test]
fn a_database_of_another_kind_ends_with_2_and_keeps_its_password() {
    let ran = Project::initialised().run(&["workflows", "list", "--db", "mysql://me:secret@host/runs"]);
    assert_snapshot!(ran.shown(), @"
    --- stderr
    error: databases of the kind `mysql` are not supported; give a path, `sqlite:PATH` or `postgres://USER@HOST/DATABASE`
      cause: it is named by flag --db
    --- exit 2
    ");
}

#[test]
fn a_server_that_does_not_answer_ends_with_5_and_keeps_its_password() {
    let url = "postgres://me:secret@127.0.0.1:1/runs";
    let ran = Project::initialised().run(&["workflows", "list", "--db", url]);
    assert_snapshot!(ran.shown(), @"
    --- stderr
    error: the database cannot be opened: postgres://me@127.0.0.1:1/runs: Connection refused (os error 111)
      cause: the database is `postgres://me@127.0.0.1:1/runs` (flag --db)
      fix:   check that the server runs and lets you in, or give another with `--db`
    --- exit 5
    ");
}

#[tokio::test]
async fn postgres_is_a_home_for_runs_named_by_the_environment() {
    let project = Project::initialised();
    let url = branchline_persistence::testing::postgres::new_database().await.to_string();
    let run = |arguments: &[&str]| {
        let ran = project.finish(project.command().env("DATABASE_URL", &url).args(arguments));
        assert!(!ran.shown().contains("os error"), "{}", ran.shown());
        ran
    };
    assert_eq!(run(&["run", "hello", "--rehearse"]).code, 0);
    let listed = run(&["runs", "list", "--json"]);
    assert!(listed.stdout.contains("succeeded"), "{}", listed.stdout);
    assert!(run(&["db", "status"]).stdout.contains("postgres://branchline@127.0.0.1"));
    assert!(run(&["db", "diagram"]).stdout.contains("workflow_runs"));
    assert_eq!(run(&["doctor"]).code, 0);
    let backup = run(&["db", "backup", "copy.db"]);
    assert_eq!((backup.code, backup.stderr.contains("pg_dump")), (2, true), "{}", backup.stderr);
    assert!(!project.path(".branchline/branchline.db").exists(), "there is no file beside it");
}

#[test]
fn an_unknown_workflow_ends_with_2() {
    assert_snapshot!(Project::initialised().run(&["workflows", "show", "helo"]).shown(), @"
    --- stderr
    error: there is no workflow `helo`
      fix:   `branchline workflows list` shows what is stored
    --- exit 2
    ");
    assert_snapshot!(Project::initialised().run(&["plan", "helo"]).shown(), @"
    --- stderr
    error: there is no workflow `helo`, neither in the project nor in the database
      fix:   did you mean `hello`?
    --- exit 2
    ");
    assert_snapshot!(Project::initialised().run(&["workflows", "show", "hello@new"]).shown(), @"
    --- stderr
    error: `hello@new` does not end in a version
      fix:   write `name@3`, or `name` for the newest
    --- exit 2
    ");
}

#[test]
fn a_database_of_a_newer_program_ends_with_5_and_stays_as_it_is() {
    let project = Project::initialised();
    assert_eq!(project.run(&["db", "migrate"]).code, 0);
    let path = project.path(".branchline/branchline.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    diesel::sql_query(newer).execute(&mut connection).unwrap();
    drop(connection);
    let ran = project.run(&["workflows", "list"]);
    assert_eq!(ran.code, 5);
    assert_snapshot!(ran.stderr.replace(char::is_numeric, "0"), @"
    error: the database was written by a newer Branchline: it has migration `00000000000000`, this program knows up to `00000000000000`
      cause: the database is `.branchline/branchline.db` (default)
      fix:   update this program, or give another file with `--db`
    ");
}

#[test]
fn a_backup_is_a_database_and_overwrites_nothing() {
    let project = Project::initialised();
    assert_snapshot!(project.run(&["db", "backup", "copy.db"]).shown(), @"
    --- stderr
    error: there is no database at `.branchline/branchline.db`
      fix:   make one with `branchline db migrate`, or give another with `--db`
    --- exit 2
    ");
    project.run(&["workflows", "import", "hello"]);
    assert_eq!(project.run(&["db", "backup", "copy.db"]).code, 0);
    assert!(project.run(&["workflows", "list", "--db", "copy.db"]).stdout.contains("hello"));
    assert_snapshot!(project.run(&["db", "backup", "copy.db"]).shown(), @"
    --- stderr
    error: there is a file `copy.db` already
      fix:   give a new file: a backup never overwrites
    --- exit 2
    ");
}

#[test]
fn the_database_is_looked_at_without_being_made() {
    let project = Project::initialised();
    assert_snapshot!(project.run(&["db", "status"]).shown(), @"
    database   .branchline/branchline.db
    from       default
    size       not made yet; the first run makes it
    --- exit 0
    ");
    assert_eq!(project.names(".branchline"), ["workflow.schema.json"]);
    project.run(&["db", "migrate"]);
    let status = project.run(&["db", "status", "--json"]).json();
    assert_eq!(status["pending"].as_array().map(Vec::len), Some(0));
    let diagram = project.run(&["db", "diagram"]).stdout;
    for table in [
        "workflows",
        "sections",
        "steps",
        "attributes",
        "input_attributes",
        "output_attributes",
        "workflow_runs",
        "section_runs",
        "step_runs",
        "attribute_values",
    ] {
        assert!(diagram.contains(&format!("\n  {table} {{\n")), "{table}");
    }
}

#[test]
fn a_locked_database_ends_with_5_and_nothing_is_lost() {
    let project = Project::initialised();
    assert_eq!(project.run(&["db", "migrate"]).code, 0);
    let path = project.path(".branchline/branchline.db");
    let mut holder = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("BEGIN IMMEDIATE").execute(&mut holder).unwrap();
    let ran = project.run(&["run", "hello", "--rehearse"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert_snapshot!(ran.shown(), @"
    --- stderr
    error: the database is busy: database is locked
      fix:   another program holds the database; end it or try again
    --- exit 5
    ");
    diesel::sql_query("ROLLBACK").execute(&mut holder).unwrap();
    assert_eq!(project.run(&["run", "hello", "--rehearse"]).code, 0);
}
