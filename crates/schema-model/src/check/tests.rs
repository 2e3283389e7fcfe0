//! What the checker promises: each problem is found with its place, and a sound workflow compiles to the right plan.

mod plan;
mod show;
