//! What is only so on SQLite: files, permissions, locks between processes, migrations.

mod file;
mod fixture;
mod process;
mod schema;
