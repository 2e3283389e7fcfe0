//! Strict readers of bodies, queries and path parts, which answer mistakes with a [`Problem`].

use std::fmt::Display;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use serde::de::DeserializeOwned;

use crate::error::Problem;
use crate::limits::PAGE_ROWS_DEFAULT;

/// A JSON body; an absent one is read as `{}`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| body_problem(&rejection))?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(text).map(Self).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => {
                Problem::invalid("the body does not fit", [error.to_string()])
            }
            _ => Problem::bad_request(format!("the body is not JSON: {error}")),
        })
    }
}

pub(crate) fn body_problem(rejection: &BytesRejection) -> Problem {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large()
    } else {
        Problem::bad_request("the body could not be read")
    }
}

/// Query parameters; unknown ones are for the target type to refuse.
pub(crate) struct QueryPart<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryPart<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(Problem::bad_request(format!("the query does not fit: {}", error.body_text())))
            }
            Err(_) => Err(Problem::bad_request("the query does not fit")),
        }
    }
}

/// Parts of the path, decoded.
pub(crate) struct PathPart<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathPart<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        path.map(|Path(part)| Self(part)).map_err(|_| Problem::bad_request("the path cannot be read"))
    }
}

/// An id in its one written form: lower case, with hyphens.
pub(crate) fn parse_id<T: FromStr + Display>(text: &str) -> Result<T, Problem> {
    let id: Option<T> = text.parse().ok();
    id.filter(|id| id.to_string() == text)
        .ok_or_else(|| Problem::bad_request(format!("`{text}` is not an id")))
}

/// As [`parse_id`], for something that may be absent.
pub(crate) fn parse_id_opt<T: FromStr + Display>(text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(parse_id).transpose()
}

/// A status by its word.
pub(crate) fn parse_status_opt<T: FromStr<Err = String>>(text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(Problem::bad_request)).transpose()
}

/// The rows of a page.
pub(crate) fn page_limit(limit: Option<usize>) -> Result<usize, Problem> {
    match limit {
        None => Ok(PAGE_ROWS_DEFAULT),
        Some(limit @ 1..=PAGE_ROWS_MAX) => Ok(limit),
        Some(_) => Err(Problem::bad_request(format!("`limit` is a number from 1 to {PAGE_ROWS_MAX}"))),
    }
}
