//! Writes the fixture database of the newest schema: `cargo run -p branchline-persistence --example fixture_database`.

use std::path::Path;

use branchline_persistence::testing::{newest_migration, write_fixture_database};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/databases");
    std::fs::create_dir_all(&folder)?;
    write_fixture_database(&folder.join(format!("{}.db", newest_migration()?))).await?;
    Ok(())
}
