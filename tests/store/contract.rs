//! The promises of the store traits, whatever the database.

mod definition;
mod reader;
mod round_trip;
mod run;
