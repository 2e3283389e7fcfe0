//! Tells cargo that the migrations are compiled into the crate.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
}
