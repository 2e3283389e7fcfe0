//! Server-sent events, as far as providers use them: the data of each event, from chunks cut anywhere.
//!
//! Written out here because eventsource-stream 0.2 panics on a byte order mark and reads a long line anew with every
//! chunk. The format: WHATWG HTML, "Server-sent events", "Interpreting an event stream".

/// Turns chunks of bytes into the data of events.
#[derive(Default)]
pub(super) struct EventDecoder {
    line: Vec<u8>,
    data: Option<String>,
    is_after_carriage_return: bool,
    is_past_first_line: bool,
}

impl EventDecoder {
    /// The data of the events that `chunk` completes. What is left without its blank line is no event.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for &byte in chunk {
            let is_second_half = byte == b'\n' && self.is_after_carriage_return;
            self.is_after_carriage_return = byte == b'\r';
            match byte {
                _ if is_second_half => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<String> {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let mut line = line.as_ref();
        if !std::mem::replace(&mut self.is_past_first_line, true) {
            line = line.trim_start_matches('\u{feff}');
        }
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}: hello\r\n\r\nevent: a\ndata: {\"text\":\"Grüße 🌍\"}\n\ndata:one\rdata: two\r\rdata: [DONE]\n\ndata: cut";

    #[test]
    fn events_are_the_same_wherever_the_chunks_are_cut() {
        let whole = EventDecoder::default().push(STREAM.as_bytes());
        assert_eq!(whole, ["{\"text\":\"Grüße 🌍\"}", "one\ntwo", "[DONE]"]);
        for at in 0..STREAM.len() {
            let mut decoder = EventDecoder::default();
            let mut events = decoder.push(&STREAM.as_bytes()[..at]);
            events.extend(decoder.push(&STREAM.as_bytes()[at..]));
            assert_eq!(events, whole, "cut at {at}");
        }
    }
}
