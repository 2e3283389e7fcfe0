//! What every request passes before a route sees it: a server on loopback is still within reach of every web page
//! that the same person opens.
//!
//! A page cannot forge `Host` and `Origin`. A rebound DNS name arrives with its own name in `Host`; a form or `fetch`
//! of another site arrives with its own `Origin`; a request that needs no permission of the server cannot carry
//! `content-type: application/json`. All three are checked, and no answer ever allows another origin.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Problem;
use crate::limits::REQUEST_TIMEOUT;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The path that is not bounded in time.
pub(crate) const STREAM_SUFFIX: &str = "/stream";

/// Refuses what did not come from this machine's own programs and pages; `port` is the one we listen on.
pub(crate) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&request, port) {
        Some(problem) => problem.into_response(),
        None if request.uri().path().ends_with(STREAM_SUFFIX) => next.run(request).await,
        None => match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::timeout().into_response(),
        },
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(request: &Request, port: u16) -> Option<Problem> {
    let headers = request.headers();
    let Some(host) = only(headers, &HOST).filter(|host| is_own_host(host, port)) else {
        return Some(Problem::misdirected());
    };
    // An absolute request target overrides `Host`, so it has to name us as well.
    if request.uri().authority().is_some_and(|authority| !is_own_host(authority.as_str(), port)) {
        return Some(Problem::misdirected());
    }
    if headers.contains_key(ORIGIN)
        && !only(headers, &ORIGIN).is_some_and(|origin| is_same_origin(origin, host))
    {
        return Some(Problem::foreign_origin());
    }
    if request.method() == Method::POST && !only(headers, &CONTENT_TYPE).is_some_and(is_json) {
        return Some(Problem::not_json());
    }
    None
}

/// The header's value when there is exactly one: two of them are a trick.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_own_host(host: &str, port: u16) -> bool {
    let rest = ["localhost", "127.0.0.1", "[::1]"].into_iter().find_map(|name| {
        host.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &host[name.len()..])
    });
    match rest {
        Some("") => port == 80,
        Some(rest) => rest.strip_prefix(':') == Some(port.to_string().as_str()),
        None => false,
    }
}

/// No path of ours is served encrypted, so only `http` can be the same origin.
fn is_same_origin(origin: &str, host: &str) -> bool {
    origin.strip_prefix("http://").is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_with_our_port_are_our_host() {
        for host in ["localhost:4180", "LocalHost:4180", "127.0.0.1:4180", "[::1]:4180"] {
            assert!(is_own_host(host, 4180), "{host}");
        }
        for host in [
            "",
            "localhost",
            "localhost:",
            "localhost:80",
            "localhost:04180",
            "localhost:4180:4180",
            "localhost.:4180",
            "evil.example:4180",
            "127.0.0.1.evil.example:4180",
            "localhost@evil.example:4180",
            "127.0.0.2:4180",
            "::1:4180",
            "[::1]",
            "0.0.0.0:4180",
            "localhostß:4180",
            "ſocalhost:4180",
        ] {
            assert!(!is_own_host(host, 4180), "{host}");
        }
        assert!(is_own_host("localhost", 80));
    }

    #[test]
    fn the_origin_has_to_be_the_host_itself() {
        assert!(is_same_origin("http://localhost:4180", "localhost:4180"));
        for origin in [
            "null",
            "",
            "https://localhost:4180",
            "http://127.0.0.1:4180",
            "http://localhost:41800",
            "http://localhost",
        ] {
            assert!(!is_same_origin(origin, "localhost:4180"), "{origin}");
        }
    }
}
