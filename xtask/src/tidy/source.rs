//! What may not stand in a source file.

use crate::workspace::SourceFile;

/// Lines of a Rust file from which on it has to give a reason for its length.
const LONG_LINES: usize = 500;

/// Problems of one file.
pub(super) fn check(file: &SourceFile) -> Vec<String> {
    let mut problems = Vec::new();
    // These rules have to spell out what they look for.
    let is_rule = file.path.starts_with("xtask/src/tidy/");
    if !is_rule && file.path != "Cargo.lock" {
        problems.extend(find(
            file,
            Scope::Everything,
            &MACHINE_WORDS,
            "names a place of one machine or registry",
        ));
    }
    if file.is_rust() && !is_rule {
        problems.extend(find(file, Scope::Code, &UNFINISHED, "is unfinished"));
        if is_machine(&file.path) {
            problems.extend(find(file, Scope::Code, &IMPURE, "has no place in the machine, which is pure"));
        }
        if is_neutral(&file.path) {
            let reason = "belongs into `sqlite*`, `postgres*`, `migration.rs` or `sql_types.rs`";
            problems.extend(find(file, Scope::Code, &ONE_DATABASE, reason));
        }
    }
    problems
}

const MACHINE_WORDS: [&str; 7] =
    ["/home/", "/root/", "/Users/", "/work/", "index.crates.io", "static.crates.io", "replace-with"];
const UNFINISHED: [&str; 2] = ["todo!", "unimplemented!"];
const IMPURE: [&str; 10] = [
    "tokio",
    "std::time",
    "std::fs",
    "std::net",
    "std::env",
    "Uuid::now_v7",
    "rand",
    "async",
    "println!",
    "crate::clock",
];
const ONE_DATABASE: [&str; 5] =
    ["SqliteConnection", "PgConnection", "AsyncPgConnection", "diesel::sqlite", "diesel::pg"];

/// The pure state machine of the runtime.
fn is_machine(path: &str) -> bool {
    path == "crates/runtime/src/machine.rs" || path.starts_with("crates/runtime/src/machine/")
}

/// Persistence code that has to compile for every database.
fn is_neutral(path: &str) -> bool {
    const ONE_DATABASE_FILES: [&str; 5] = ["sqlite", "postgres", "migration", "sql_types", "testing"];
    let Some(inside) = path.strip_prefix("crates/persistence/src/") else { return false };
    !inside.split('/').any(|part| ONE_DATABASE_FILES.iter().any(|name| part.starts_with(name)))
}

/// Whether a long Rust file says nowhere why it is long.
pub(super) fn is_long_without_reason(file: &SourceFile) -> bool {
    file.is_rust()
        && file.text.lines().count() > LONG_LINES
        && !file.text.lines().any(|line| line.trim_start().starts_with("// long because"))
}

/// Where in a file a rule looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Everywhere, for the starts of paths and for hosts.
    Everything,
    /// Whole words of Rust code. Tests stand last in a file and may do what they like; comments may name what the
    /// code may not.
    Code,
}

fn find(file: &SourceFile, scope: Scope, words: &[&str], reason: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        if scope == Scope::Code && line.trim() == "#[cfg(test)]" {
            break;
        }
        if scope == Scope::Code && line.trim_start().starts_with("//") {
            continue;
        }
        let hits =
            words.iter().filter(|word| line.match_indices(**word).any(|(at, _)| scope.fits(line, at, word)));
        problems.extend(hits.map(|word| format!("{}:{}: `{word}` {reason}", file.path, number + 1)));
    }
    problems
}

impl Scope {
    fn fits(self, line: &str, at: usize, word: &str) -> bool {
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let before = &line[..at];
        match self {
            Self::Code => !before.ends_with(is_name) && !line[at + word.len()..].starts_with(is_name),
            Self::Everything if word.starts_with('/') => {
                !before.ends_with(|last: char| is_name(last) || "./-}".contains(last))
            }
            Self::Everything => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        check(&SourceFile { path: path.into(), text: text.into() })
    }

    #[test]
    fn the_machine_is_pure() {
        let path = "crates/runtime/src/machine/step.rs";
        let text = "// No tokio here.\nuse tokio::time;\nlet operand = brand;\n#[cfg(test)]\nmod tests { println!(); }";
        let found = problems(path, text);
        assert_eq!(found, [format!("{path}:2: `tokio` has no place in the machine, which is pure")]);
        assert!(problems("crates/runtime/src/scheduler.rs", text).is_empty());
    }

    #[test]
    fn types_of_one_database_stay_in_their_files() {
        let text = "use diesel::SqliteConnection;";
        assert_eq!(problems("crates/persistence/src/query/run.rs", text).len(), 1);
        assert!(problems("crates/persistence/src/sqlite/pragma.rs", text).is_empty());
        assert!(problems("crates/persistence/src/migration.rs", text).is_empty());
    }

    #[test]
    fn nothing_unfinished_and_no_place_of_one_machine() {
        assert_eq!(problems("crates/cli/src/main.rs", "fn main() { todo!() }").len(), 1);
        assert_eq!(problems("README.md", "see /home/ada/branchline").len(), 1);
        assert_eq!(problems("tests/fixtures/x.json", "{\"path\": \"/root/x\"}").len(), 1);
        assert!(problems("README.md", "see https://example.org/home/ada and ../work/x").is_empty());
    }

    #[test]
    fn a_long_file_gives_its_reason() {
        let file = |text: String| SourceFile { path: "crates/cli/src/args.rs".into(), text };
        assert!(is_long_without_reason(&file("x\n".repeat(501))));
        assert!(!is_long_without_reason(&file("x\n".repeat(500))));
        assert!(!is_long_without_reason(&file(format!("// long because arguments\n{}", "x\n".repeat(501)))));
    }
}
