//! Reads a stream as a browser does: blocks of fields, ended by an empty line.

use futures_util::{Stream, StreamExt, stream};
use reqwest::Response;
use serde_json::Value as Json;

/// One event. Blocks without data are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Empty when the block gave none.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: String,
    /// Its data.
    pub(crate) data: String,
}

impl Event {
    /// The data as JSON.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.data).unwrap_or_else(|_| panic!("not JSON: {}", self.data))
    }

    fn parse(block: &str) -> Option<Self> {
        let mut event = Self { id: String::new(), kind: "message".to_owned(), data: String::new() };
        for line in block.lines() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.kind),
                "data" => event.data.push_str(value),
                _ => {}
            }
        }
        (!event.data.is_empty()).then_some(event)
    }
}

/// The events of an answer, as they arrive.
pub(crate) fn events(response: Response) -> impl Stream<Item = Event> + Unpin + Send {
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let blocks = stream::unfold((response, String::new()), async |(mut response, mut text)| {
        loop {
            if let Some(end) = text.find("\n\n") {
                let block: String = text.drain(..end + 2).collect();
                return Some((block, (response, text)));
            }
            let chunk = response.chunk().await.expect("the stream ends in order")?;
            text.push_str(std::str::from_utf8(&chunk).expect("chunks end between characters"));
        }
    });
    Box::pin(blocks.filter_map(async |block| Event::parse(&block)))
}

/// The numbers of all events that have one, in the order they came.
pub(crate) async fn numbers(events: impl Stream<Item = Event>) -> Vec<u64> {
    events.filter_map(async |event| event.id.parse::<u64>().ok()).collect().await
}
