//! The bytes of a connection, and the codes of the errors among them.
//!
//! PostgreSQL tells by an SQLSTATE what went wrong. The driver knows it, but Diesel hands on only a few kinds, so it is
//! read where it passes by: in the `ErrorResponse` messages of the protocol.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Whatever carries the protocol.
pub(super) trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// The code of the last error of a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct LastError(Arc<Mutex<Option<String>>>);

impl LastError {
    /// The code, which is forgotten by that.
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, code: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }
}

/// A connection that is listened to.
pub(super) struct Watched {
    inner: Box<dyn Carrier>,
    frames: Frames,
    last_error: LastError,
}

impl Watched {
    pub(super) fn new(inner: Box<dyn Carrier>, last_error: LastError) -> Self {
        Self { inner, frames: Frames::default(), last_error }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        let this = &mut *self;
        this.frames.read(&buffer.filled()[before..], |code| this.last_error.set(code));
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// A message begins with its kind and its length, which counts itself but not the kind.
const HEADER_BYTES: usize = 5;

/// The kind of an error message.
const ERROR_RESPONSE: u8 = b'E';

/// Bytes of an error that are looked at; the code stands near the beginning.
const ERROR_BYTES_MAX: usize = 1024;

/// Cuts what arrives into messages, whatever its pieces.
#[derive(Default)]
struct Frames {
    header: Vec<u8>,
    /// What is still to come of the body.
    left: usize,
    /// The beginning of an error's body.
    error: Vec<u8>,
}

impl Frames {
    fn read(&mut self, mut bytes: &[u8], mut found: impl FnMut(String)) {
        while !bytes.is_empty() {
            if self.header.len() < HEADER_BYTES {
                bytes = self.read_header(bytes);
            } else {
                bytes = self.read_body(bytes);
            }
            if self.header.len() == HEADER_BYTES && self.left == 0 {
                if let Some(code) = code(&self.error) {
                    found(code);
                }
                self.header.clear();
                self.error.clear();
            }
        }
    }

    fn read_header<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (head, rest) = bytes.split_at(bytes.len().min(HEADER_BYTES - self.header.len()));
        self.header.extend_from_slice(head);
        if let [_, a, b, c, d] = self.header[..] {
            self.left = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_sub(HEADER_BYTES - 1);
        }
        rest
    }

    fn read_body<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (body, rest) = bytes.split_at(bytes.len().min(self.left));
        self.left -= body.len();
        if self.header[0] == ERROR_RESPONSE {
            let room = ERROR_BYTES_MAX - self.error.len();
            self.error.extend_from_slice(&body[..body.len().min(room)]);
        }
        rest
    }
}

/// The field `C` of an error: fields are a letter and a text that ends with a zero.
fn code(error: &[u8]) -> Option<String> {
    let field = error.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"))?;
    (field.len() == 5).then(|| String::from_utf8_lossy(field).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_whatever_the_pieces() {
        let error = b"SERROR\0VERROR\0C40P01\0Mdeadlock detected\0\0";
        let mut bytes = b"Z\0\0\0\x05IE".to_vec();
        bytes.extend_from_slice(&(error.len() as u32 + 4).to_be_bytes());
        bytes.extend_from_slice(error);
        // Data that looks like an error inside.
        bytes.extend_from_slice(b"D\0\0\0\x0cC25006\0\0N\0\0\0\x04");
        for size in 1..=bytes.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            bytes.chunks(size).for_each(|piece| frames.read(piece, |code| found.push(code)));
            assert_eq!(found, ["40P01"], "pieces of {size}");
        }
    }
}
