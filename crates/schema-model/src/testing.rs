//! Random workflows, templates and values, for the tests of this crate and of those above it.
//!
//! Everything is made of [`Choices`]: a list of numbers, each of which decides something. Equal lists make equal
//! things, and a shorter list or smaller numbers make simpler ones, so that whatever makes the numbers (proptest) also
//! shrinks what is made of them.
//!
//! What comes out is right more often than not, and sometimes wrong on purpose: who wants only right ones asks the
//! checker, and counts how many are left.

mod choices;
mod scene;
mod shape;
mod template;
mod workflow;

pub use choices::Choices;
pub use scene::{Scene, scene};
pub use shape::Shape;
pub use workflow::workflow;
