//! How long a provider asks to wait.

use branchline_schema_model::time::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value as Json;

/// The longest wait that is believed, in milliseconds: a day.
const WAIT_MS_MAX: u64 = 86_400_000;

/// `retry-after-ms`, or `Retry-After` in seconds or as a date, in milliseconds.
pub(super) fn from_headers(headers: &HeaderMap) -> Option<u64> {
    let text = |value: Option<&reqwest::header::HeaderValue>| {
        value?.to_str().ok().map(|text| text.trim().to_owned())
    };
    if let Some(wait_ms) = text(headers.get("retry-after-ms")).and_then(|text| text.parse::<f64>().ok()) {
        return bounded(wait_ms);
    }
    let text = text(headers.get(RETRY_AFTER))?;
    match text.parse::<f64>() {
        Ok(seconds) => bounded(seconds * 1000.0),
        Err(_) => http_date(&text).map(|at| at.millis_since(crate::clock::now()).min(WAIT_MS_MAX)),
    }
}

/// `retryDelay` in the details of a Gemini error, such as `34.5s`, in milliseconds.
pub(super) fn from_details(error: &Json) -> Option<u64> {
    let details = error.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    bounded(delay.strip_suffix('s')?.parse::<f64>().ok()? * 1000.0)
}

fn bounded(wait_ms: f64) -> Option<u64> {
    (wait_ms.is_finite() && wait_ms >= 0.0).then(|| (wait_ms.ceil() as u64).min(WAIT_MS_MAX))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form servers may send (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.strip_suffix(" GMT")?.split_whitespace().skip(1);
    let (day, month, year, clock) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    serde_json::from_value(Json::String(format!("{year}-{month:02}-{day}T{clock}Z"))).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    fn of(name: &'static str, value: &str) -> Option<u64> {
        from_headers(&HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )]))
    }

    #[test]
    fn waits_are_read_in_every_form() {
        assert_eq!(of("retry-after", "2"), Some(2_000));
        assert_eq!(of("retry-after-ms", "12.5"), Some(13));
        assert_eq!(of("retry-after", "1e300"), Some(WAIT_MS_MAX));
        assert_eq!(of("retry-after", "-1"), None);
        assert_eq!(of("retry-after", "soon"), None);
        assert_eq!(of("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        assert_eq!(of("retry-after", "Fri, 06 Nov 9994 08:49:37 GMT"), Some(WAIT_MS_MAX));
        assert_eq!(from_details(&json!({"details": [{"x": 1}, {"retryDelay": "34.5s"}]})), Some(34_500));
    }

    #[test]
    fn a_date_is_read_to_the_second() {
        let at = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(at.to_string(), "1994-11-06T08:49:37.000000Z");
    }
}
