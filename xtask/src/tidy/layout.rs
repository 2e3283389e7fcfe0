//! What stands at the top of the tree, and that the two trees of migrations are the same.

use std::collections::BTreeSet;

const TOP: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "README.md",
    "crates",
    "migrations",
    "tests",
];

/// Problems of the paths of all files, relative to the root.
pub(super) fn check(paths: &[&str]) -> Vec<String> {
    let top: BTreeSet<&str> = paths.iter().filter_map(|path| path.split('/').next()).collect();
    let known = |name: &&str| name.starts_with('.') || *name == "xtask" || TOP.contains(name);
    let mut problems: Vec<String> = top
        .iter()
        .filter(|name| !known(name))
        .map(|name| format!("`{name}` does not belong at the top"))
        .collect();
    problems
        .extend(TOP.iter().filter(|name| !top.contains(*name)).map(|name| format!("`{name}` is missing")));
    problems.extend(check_migrations(paths));
    problems
}

fn check_migrations(paths: &[&str]) -> Vec<String> {
    let [sqlite, postgres] = ["migrations/sqlite/", "migrations/postgres/"].map(|tree| {
        let inside = paths.iter().filter_map(|path| path.strip_prefix(tree));
        inside.map(str::to_owned).collect::<BTreeSet<String>>()
    });
    let names: BTreeSet<&str> =
        sqlite.iter().chain(&postgres).filter_map(|path| path.split('/').next()).collect();
    let mut problems = Vec::new();
    for name in names {
        for file in [format!("{name}/up.sql"), format!("{name}/down.sql")] {
            for (tree, files) in [("sqlite", &sqlite), ("postgres", &postgres)] {
                if !files.contains(&file) {
                    problems.push(format!("migrations/{tree}/{file} is missing"));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [&str; 14] = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "README.md",
        ".ci/run",
        "crates/README.md",
        "xtask/src/main.rs",
        "tests/store/main.rs",
        "migrations/sqlite/1_first/up.sql",
        "migrations/sqlite/1_first/down.sql",
        "migrations/postgres/1_first/up.sql",
        "migrations/postgres/1_first/down.sql",
        "migrations/README.md",
    ];

    #[test]
    fn the_top_is_closed() {
        assert!(check(&GOOD).is_empty());
        let more = [&GOOD[..], &["notes.txt"]].concat();
        assert_eq!(check(&more), ["`notes.txt` does not belong at the top"]);
        assert_eq!(check(&GOOD[1..]), ["`Cargo.toml` is missing"]);
    }

    #[test]
    fn the_two_trees_of_migrations_are_the_same() {
        let more = [&GOOD[..], &["migrations/sqlite/2_second/up.sql", "migrations/sqlite/2_second/down.sql"]]
            .concat();
        assert_eq!(
            check(&more),
            [
                "migrations/postgres/2_second/up.sql is missing",
                "migrations/postgres/2_second/down.sql is missing"
            ]
        );
    }
}
