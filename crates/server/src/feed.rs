//! The events of one run, in order, from a given number on: first from the database, then as they happen.
//!
//! The database is the truth, a notice only says early what is in it. A notice is used when it carries exactly the
//! next number; in every other case (the queue overflowed, another process drives the run, nothing came for a
//! while) the feed reads on in the database. So there is no gap and no duplicate, whatever is lost on the way.

use std::collections::VecDeque;
use std::sync::Arc;

use branchline_runtime::engine::Notice;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{EventKind, RunEvent, Status};
use branchline_schema_model::store::{Store, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::limits::{STREAM_PAGE_ROWS, STREAM_POLL_INTERVAL};

/// One thing a stream tells.
#[derive(Debug)]
pub(crate) enum FeedItem {
    /// A durable event.
    Event(RunEvent),
    /// A piece of a model's answer.
    Token {
        /// Address of the step run.
        step: Arc<str>,
        /// The piece.
        text: Arc<str>,
    },
}

/// Follows one run until its end.
pub(crate) struct RunFeed {
    store: Arc<dyn Store>,
    run: WorkflowRunId,
    notices: Receiver<Notice>,
    shutdown: CancellationToken,
    with_tokens: bool,
    /// The number of the last event given out or waiting in `ready`.
    seen: u64,
    ready: VecDeque<RunEvent>,
    stage: Stage,
    /// When to look into the database at the latest, however much other runs have to tell.
    poll_at: Instant,
    /// Whether the run had ended before the feed began, so that nothing can follow what the database holds.
    is_ended: bool,
}

/// What to do when nothing is ready.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Read on: the database may hold more than was read.
    Behind,
    /// Wait for a notice.
    Live,
    /// Nothing: the run ended, or the server stops.
    Over,
}

/// What a feed is about.
pub(crate) struct FeedStart {
    /// The run.
    pub(crate) run: WorkflowRunId,
    /// Events up to and with this number are known.
    pub(crate) after: u64,
    /// Whether pieces of answers are wanted.
    pub(crate) with_tokens: bool,
    /// Whether the run had ended before the feed began.
    pub(crate) is_ended: bool,
}

impl RunFeed {
    /// Begins to follow. `notices` has to be subscribed to before the run's state was read.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        notices: Receiver<Notice>,
        shutdown: CancellationToken,
        start: &FeedStart,
    ) -> Self {
        Self {
            store,
            run: start.run,
            notices,
            shutdown,
            with_tokens: start.with_tokens,
            seen: start.after,
            ready: VecDeque::new(),
            stage: Stage::Behind,
            poll_at: Instant::now(),
            is_ended: start.is_ended,
        }
    }

    /// The next item; `None` after the event that ends the run, or when the server shuts down.
    pub(crate) async fn next(&mut self) -> Result<Option<FeedItem>, StoreError> {
        loop {
            if self.stage == Stage::Over {
                return Ok(None);
            }
            if let Some(event) = self.ready.pop_front() {
                if is_end(&event) {
                    self.stage = Stage::Over;
                }
                return Ok(Some(FeedItem::Event(event)));
            }
            match self.stage {
                Stage::Behind => self.read_on().await?,
                Stage::Live if self.is_ended => self.stage = Stage::Over,
                Stage::Live | Stage::Over => {
                    if let Some(token) = self.wait().await {
                        return Ok(Some(token));
                    }
                }
            }
        }
    }

    async fn read_on(&mut self) -> Result<(), StoreError> {
        let events = self.store.event_list(self.run, self.seen, STREAM_PAGE_ROWS).await?;
        self.stage = if events.len() == STREAM_PAGE_ROWS { Stage::Behind } else { Stage::Live };
        self.seen = events.last().map_or(self.seen, |event| event.sequence);
        self.ready.extend(events);
        self.poll_at = Instant::now() + STREAM_POLL_INTERVAL;
        Ok(())
    }

    /// Waits for something to do; gives back a token, everything else is noted in `self`.
    async fn wait(&mut self) -> Option<FeedItem> {
        let notice = tokio::select! {
            biased;
            () = self.shutdown.cancelled() => {
                self.stage = Stage::Over;
                return None;
            }
            notice = tokio::time::timeout_at(self.poll_at, self.notices.recv()) => notice,
        };
        match notice {
            Ok(Ok(Notice::Event(event))) if event.run_id == self.run && event.sequence > self.seen => {
                if event.sequence == self.seen + 1 {
                    self.seen = event.sequence;
                    self.ready.push_back(Arc::unwrap_or_clone(event));
                } else {
                    self.stage = Stage::Behind;
                }
            }
            Ok(Ok(Notice::Token { run_id, step, text })) if self.with_tokens && run_id == self.run => {
                return Some(FeedItem::Token { step, text });
            }
            Ok(Ok(Notice::Event(_) | Notice::Token { .. })) => {}
            Ok(Err(RecvError::Lagged(_))) | Err(_) => self.stage = Stage::Behind,
            // The engine is gone: what is left is the database, at the pace of the poll.
            Ok(Err(RecvError::Closed)) => {
                tokio::time::sleep_until(self.poll_at).await;
                self.stage = Stage::Behind;
            }
        }
        None
    }
}

fn is_end(event: &RunEvent) -> bool {
    matches!(&event.kind, EventKind::RunStatus { status, .. } if status.is_terminal())
}
