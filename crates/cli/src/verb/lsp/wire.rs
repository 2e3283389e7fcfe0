//! Messages on the wire: a header with a length, a blank line, JSON.

use std::io::{self, BufRead, Read as _};

use lsp_server::Message;

/// A larger message is skipped. Whole documents are sent, and they are far smaller.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A longer line is no header.
const HEADER_BYTES_MAX: u64 = 4096;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// Something else; it was skipped, for this reason.
    Garbage(String),
}

/// The next message, or what stands in its place; `None` at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            match length {
                Some(length) => return body(input, length).map(Some),
                // Blank lines between messages mean nothing.
                None => continue,
            }
        }
        let Some((name, value)) = text.split_once(':') else {
            return Ok(Some(Incoming::Garbage("a line that is no header".to_owned())));
        };
        if name.eq_ignore_ascii_case("content-length") {
            let Ok(given) = value.trim().parse::<u64>() else {
                return Ok(Some(Incoming::Garbage("a length that is no number".to_owned())));
            };
            length = Some(given);
        }
    }
}

fn body(input: &mut impl BufRead, length: u64) -> io::Result<Incoming> {
    if length > MESSAGE_BYTES_MAX {
        io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(Incoming::Garbage(format!("a message of {length} bytes")));
    }
    let mut bytes = Vec::new();
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(match serde_json::from_slice(&bytes) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Garbage(format!("a message that is none: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_skipped_and_reading_goes_on() {
        let message = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let mut input = Vec::new();
        input.extend_from_slice(b"\xff\xfe nonsense\r\n\r\nContent-Length: many\r\n");
        input.extend_from_slice(b"Content-Length: 3\r\n\r\n{x}");
        input.extend_from_slice(format!("content-length: {}\nX: y\n\n{message}", message.len()).as_bytes());
        input.extend_from_slice(b"Content-Length: 99999999999999999\r\n\r\nshort");
        let mut input = input.as_slice();
        let mut seen = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            seen.push(match incoming {
                Incoming::Message(Message::Notification(one)) => one.method,
                Incoming::Message(other) => format!("{other:?}"),
                Incoming::Garbage(reason) => reason,
            });
        }
        assert_eq!(
            seen,
            [
                "a line that is no header",
                "a length that is no number",
                "a message that is none: key must be a string at line 1 column 2",
                "exit",
                "a message of 99999999999999999 bytes",
            ]
        );
    }
}
