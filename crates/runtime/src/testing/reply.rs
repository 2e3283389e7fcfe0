//! What the model server answers to one call.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::Value as Json;

use super::Call;
use super::wire;
use crate::provider::mock::shape_true_value;

/// How the model ends its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// It is done.
    #[default]
    Done,
    /// At the token limit.
    Length,
    /// It would not answer.
    Refused,
}

/// What follows the first bytes of a body.
#[derive(Debug, Clone, Copy, Default)]
enum Fate {
    /// The rest.
    #[default]
    Whole,
    /// A proper end, as if that had been all.
    CutAt(usize),
    /// The end of the connection.
    BreaksAt(usize),
    /// Silence.
    StallsAt(usize),
}

enum Content {
    Text(String, Ending),
    Raw(u16, &'static str, Vec<u8>),
}

/// The answer to one call.
pub struct Reply {
    content: Content,
    is_streamed: bool,
    headers: Vec<(&'static str, String)>,
    fate: Fate,
    pub(super) delay: Duration,
}

impl Reply {
    /// `text`, in the format of the call, streamed.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Content::Text(text.into(), Ending::Done))
    }

    /// A value that fits the schema of the call and depends only on its prompt; without a schema, a text of it.
    pub fn shaped(call: &Call) -> Self {
        match call.output_schema() {
            Some(schema) => Self::text(shape_true_value(schema, call.prompt().as_bytes()).to_string()),
            None => Self::text(format!("Answer to: {}", call.prompt())),
        }
    }

    /// A body with its status, exactly as it is.
    pub fn raw(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Content::Raw(status, content_type, body.into()))
    }

    /// An error document with its status.
    pub fn error(status: u16, document: &Json) -> Self {
        Self::raw(status, "application/json", document.to_string())
    }

    /// Ends a text in another way.
    #[must_use]
    pub fn ending(mut self, with: Ending) -> Self {
        if let Content::Text(_, ending) = &mut self.content {
            *ending = with;
        }
        self
    }

    /// The whole answer as one JSON document.
    #[must_use]
    pub fn in_one_piece(mut self) -> Self {
        self.is_streamed = false;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Waits before it answers.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Ends the body properly after so many bytes.
    #[must_use]
    pub fn cut_at(mut self, bytes: usize) -> Self {
        self.fate = Fate::CutAt(bytes);
        self
    }

    /// Ends the connection after so many bytes of the body.
    #[must_use]
    pub fn breaks_at(mut self, bytes: usize) -> Self {
        self.fate = Fate::BreaksAt(bytes);
        self
    }

    /// Sends nothing more after so many bytes of the body.
    #[must_use]
    pub fn stalls_at(mut self, bytes: usize) -> Self {
        self.fate = Fate::StallsAt(bytes);
        self
    }

    fn new(content: Content) -> Self {
        let fate = Fate::default();
        Self { content, is_streamed: true, headers: Vec::new(), fate, delay: Duration::ZERO }
    }

    /// The body of the answer to `call`, before any cut.
    pub fn bytes(&self, call: &Call) -> Vec<u8> {
        match &self.content {
            Content::Raw(_, _, body) => body.clone(),
            Content::Text(text, ending) if self.is_streamed => wire::stream(call, text, *ending).into_bytes(),
            Content::Text(text, ending) => wire::whole(call, text, *ending).to_string().into_bytes(),
        }
    }

    pub(super) fn into_response(self, call: &Call) -> Response<Body> {
        let bytes = self.bytes(call);
        let (status, content_type) = match &self.content {
            Content::Raw(status, content_type, _) => (*status, *content_type),
            Content::Text(..) if self.is_streamed => (200, "text/event-stream"),
            Content::Text(..) => (200, "application/json"),
        };
        let mut response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        // Only a name, value or status that is none can fail, and the caller wrote it.
        response.body(body(bytes, self.fate)).unwrap_or_default()
    }
}

fn body(bytes: Vec<u8>, fate: Fate) -> Body {
    let first = |count: usize| Bytes::copy_from_slice(&bytes[..count.min(bytes.len())]);
    let one = |chunk: Bytes| futures_util::stream::once(async move { Ok::<_, std::io::Error>(chunk) });
    match fate {
        Fate::Whole => Body::from(bytes),
        Fate::CutAt(count) => Body::from(first(count)),
        Fate::StallsAt(count) => Body::from_stream(one(first(count)).chain(futures_util::stream::pending())),
        Fate::BreaksAt(count) => {
            let end = futures_util::stream::once(async {
                // The bytes before have to be on their way, or they would be dropped with the connection.
                tokio::task::yield_now().await;
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
            });
            Body::from_stream(one(first(count)).chain(end))
        }
    }
}
