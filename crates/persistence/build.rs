//! Tells cargo that the migrations are compiled into the crate, and lists those of PostgreSQL.
//!
//! Diesel embeds migrations for connections that block; on one that does not, their texts are enough.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=../../migrations");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?)
        .join("../../migrations/postgres")
        .canonicalize()?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let entry = |name: &String| {
        let file = folder.join(name).join("up.sql");
        format!("    ({name:?}, include_str!({:?})),\n", file.display().to_string())
    };
    let list: String = names.iter().map(entry).collect();
    let path = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("postgres_migrations.rs");
    fs::write(path, format!("&[\n{list}]\n"))
}
