//! The `branchline` command as people use it: the real program, in directories of its own.

mod check;
mod database;
mod frame;
mod project;
