//! The HTTP server of Branchline: a REST API on the same engine and store that the command line uses.
//!
//! It is for programs and pages on the same machine that start, watch, answer and read runs. It is not for logic:
//! a handler reads a request, asks the engine (what changes something) or the store (what only looks), and writes
//! the answer down. It listens on loopback only, because it has no keys.
//!
//! ```text
//!  request ─▶ guard ─▶ route ─▶ engine ─▶ machine, store, models
//!             Host     │  ▲       │ notices
//!             Origin   │  └ dto   ▼
//!             JSON     └─▶ store  feed ─▶ server-sent events
//! ```
//!
//! Invariants: wire types live in [`dto`] and nowhere else; every failure is a [`Problem`]; what changes something
//! runs on its own task, so a client that hangs up never leaves it half done; a stream's numbers are the durable
//! ones of the run, so it can be taken up anywhere.

pub mod boot;
pub mod dto;
mod error;
mod extract;
mod feed;
mod guard;
pub mod limits;
mod listen;
mod route;
mod state;

pub use error::{Problem, ProblemItem};
pub use listen::{ListenAddress, ListenError};
pub use route::router;
pub use state::AppState;

use std::future::IntoFuture;
use std::io;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::limits::CONNECTION_DRAIN;

/// Serves until `shutdown`; open streams end then, and other requests in flight are answered.
///
/// # Errors
///
/// The listener is not on loopback, or the operating system refuses to accept connections.
pub async fn serve(listener: TcpListener, state: AppState, shutdown: CancellationToken) -> io::Result<()> {
    let address = ListenAddress::try_from(listener.local_addr()?).map_err(io::Error::other)?;
    let router = router(state, address.port(), shutdown.clone());
    let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let bound = async {
        shutdown.cancelled().await;
        tokio::time::sleep(CONNECTION_DRAIN).await;
    };
    tokio::select! {
        result = serving.into_future() => result,
        () = bound => Ok(()),
    }
}
