//! One file per table: the row as it is stored, and the way to the domain and back.

pub(crate) mod attribute;
pub(crate) mod attribute_value;
pub(crate) mod decision;
pub(crate) mod fan_out;
pub(crate) mod legal;
pub(crate) mod port;
pub(crate) mod run_event;
pub(crate) mod run_message;
pub(crate) mod section;
pub(crate) mod section_run;
pub(crate) mod step;
pub(crate) mod step_attempt;
pub(crate) mod step_run;
pub(crate) mod workflow;
pub(crate) mod workflow_run;

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::error::DbError;
use crate::sql_types::DbDoc;

/// Rows as records.
pub(crate) fn converted<R: TryInto<T, Error = DbError>, T>(rows: Vec<R>) -> Result<Vec<T>, DbError> {
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A text that others wrote, with the sign for it in the place of each NUL, which PostgreSQL cannot keep.
pub(crate) fn kept(text: Option<String>) -> Option<String> {
    text.map(|text| if text.contains('\0') { text.replace('\0', "\u{2400}") } else { text })
}

/// A count that is never negative in any row this program writes.
fn count(table: &'static str, number: i32) -> Result<u32, DbError> {
    u32::try_from(number).map_err(|_| DbError::row(table, format_args!("the count {number}")))
}

/// As [`count`], where there may be none.
fn optional_count(table: &'static str, number: Option<i32>) -> Result<Option<u32>, DbError> {
    number.map(|number| count(table, number)).transpose()
}

/// As [`count`], for 64 bits.
fn big_count(table: &'static str, number: i64) -> Result<u64, DbError> {
    u64::try_from(number).map_err(|_| DbError::row(table, format_args!("the count {number}")))
}

/// A text with a closed set of meanings.
fn parsed<T: FromStr<Err: Display>>(table: &'static str, text: &str) -> Result<T, DbError> {
    text.parse().map_err(|error| DbError::row(table, error))
}

/// A document with a known form.
fn document<T: DeserializeOwned>(table: &'static str, document: DbDoc) -> Result<T, DbError> {
    serde_json::from_value(document.0).map_err(|error| DbError::row(table, error))
}
