//! Who may depend on whom, and that every package takes the lints of the workspace.

use serde_json::Value as Json;

use crate::workspace::SourceFile;

const SCHEMA_MODEL: &str = "branchline-schema-model";
const PERSISTENCE: &str = "branchline-persistence";
const RUNTIME: &str = "branchline-runtime";
const SERVER: &str = "branchline-server";
const CLI: &str = "branchline-cli";
const FUZZ: &str = "branchline-fuzz";
const XTASK: &str = "xtask";

/// What a package may and may not use. Tests and examples may use everything, so dev-dependencies are not looked at.
struct Rule {
    package: &'static str,
    workspace: &'static [&'static str],
    refused: &'static [&'static str],
}

const DIESEL: [&str; 3] = ["diesel", "diesel-async", "diesel_migrations"];
const EFFECTS: [&str; 6] = ["diesel", "diesel-async", "diesel_migrations", "tokio", "reqwest", "axum"];

const RULES: [Rule; 7] = [
    Rule { package: SCHEMA_MODEL, workspace: &[], refused: &EFFECTS },
    Rule { package: PERSISTENCE, workspace: &[SCHEMA_MODEL], refused: &["reqwest", "axum"] },
    Rule { package: RUNTIME, workspace: &[SCHEMA_MODEL], refused: &DIESEL },
    Rule { package: SERVER, workspace: &[SCHEMA_MODEL, PERSISTENCE, RUNTIME], refused: &DIESEL },
    Rule { package: CLI, workspace: &[SCHEMA_MODEL, PERSISTENCE, RUNTIME, SERVER], refused: &DIESEL },
    Rule { package: FUZZ, workspace: &[SCHEMA_MODEL, RUNTIME], refused: &DIESEL },
    Rule { package: XTASK, workspace: &[SCHEMA_MODEL, PERSISTENCE, RUNTIME], refused: &[] },
];

/// Problems of the dependencies between the packages of the workspace, and out of it.
pub(super) fn check(metadata: &Json) -> Vec<String> {
    let packages: Vec<&Json> =
        list(&metadata["packages"]).iter().filter(|package| package["source"].is_null()).collect();
    let members: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    packages.iter().flat_map(|package| check_package(package, &members)).collect()
}

fn check_package(package: &Json, members: &[&str]) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let Some(rule) = RULES.iter().find(|rule| rule.package == name) else {
        return vec![format!("package `{name}` has no rule in xtask/src/tidy/arrows.rs")];
    };
    let used = list(&package["dependencies"]).iter().filter(|dependency| dependency["kind"] != "dev");
    used.filter_map(|dependency| dependency["name"].as_str())
        .filter(|used| {
            let is_member = members.contains(used);
            (is_member && !rule.workspace.contains(used)) || rule.refused.contains(used)
        })
        .map(|used| format!("`{name}` must not depend on `{used}`"))
        .collect()
}

/// Package manifests without `[lints] workspace = true`.
pub(super) fn check_lints(files: &[SourceFile]) -> Vec<String> {
    let manifests = files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests
        .filter(|file| {
            let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
            !lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"])
        })
        .map(|file| format!("{}: needs `[lints]` with `workspace = true`", file.path))
        .collect()
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &Json) -> Json {
        json!({"name": name, "source": null, "dependencies": dependencies})
    }

    #[test]
    fn arrows_point_one_way() {
        let metadata = json!({"packages": [
            package(SCHEMA_MODEL, &json!([{"name": "tokio", "kind": null}])),
            package(RUNTIME, &json!([
                {"name": PERSISTENCE, "kind": "dev"}, {"name": SCHEMA_MODEL, "kind": null}, {"name": "diesel", "kind": null},
            ])),
            package(PERSISTENCE, &json!([{"name": RUNTIME, "kind": "build"}])),
            package("branchline-new", &json!([])),
        ]});
        assert_eq!(
            check(&metadata),
            [
                "`branchline-schema-model` must not depend on `tokio`",
                "`branchline-runtime` must not depend on `diesel`",
                "`branchline-persistence` must not depend on `branchline-runtime`",
                "package `branchline-new` has no rule in xtask/src/tidy/arrows.rs",
            ]
        );
    }

    #[test]
    fn every_package_takes_the_lints() {
        let file = |text: &str| [SourceFile { path: "crates/x/Cargo.toml".into(), text: text.into() }];
        assert!(check_lints(&file("[package]\n\n[lints]\nworkspace = true\n")).is_empty());
        assert_eq!(check_lints(&file("[package]\nversion.workspace = true\n")).len(), 1);
    }
}
