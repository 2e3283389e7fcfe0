//! Wake-ups between processes, by `NOTIFY` and `LISTEN`.
//!
//! What is told is gathered and sent at most every 50 ms, outside of the transactions that write, because a commit with
//! a notification holds a lock of the whole server. Who listens has a connection for it, which is made again when it
//! breaks; then something may have been missed, and listeners are told so. A pooler in between may take a `LISTEN` and
//! never deliver anything. So a wake-up without a run is sent where nothing else was heard for a while, and only who
//! heard something lately counts as told.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::store::{StoreError, Wakeup, Wakeups};
use diesel::sql_types::{Array, Text};
use diesel_async::RunQueryDsl as _;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::{AsyncMessage, Client};

use super::connection::{Protocol, connect_to_listen};
use super::pool::Pool;
use crate::wake::Bell;

/// Between two sendings.
const SEND_PAUSE: Duration = Duration::from_millis(50);

/// How long who tells waits for the sending: a program that ends then has told.
const TELL_MAX: Duration = Duration::from_secs(1);

/// After so long a silence the line is tried.
const SILENCE: Duration = Duration::from_secs(4);

/// After so long a silence nothing is heard any more.
const DEAF: Duration = Duration::from_secs(12);

/// Before the first try to connect again; it doubles.
const RECONNECT_MIN: Duration = Duration::from_millis(250);

/// Between two tries to connect, at most.
const RECONNECT_MAX: Duration = Duration::from_mins(1);

/// What is sent: a run, or nothing to try the line, and who wants to know when it is done.
type Telegram = (Option<WorkflowRunId>, oneshot::Sender<()>);

/// Tells other processes, and hears them.
pub(super) struct Telegraph {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Arc<Pool>,
    bell: Bell,
    is_listening: AtomicBool,
    heard_at: Mutex<Option<Instant>>,
    /// There from the first sending on.
    to_sender: Mutex<Option<mpsc::UnboundedSender<Telegram>>>,
}

impl Telegraph {
    pub(super) fn new(pool: Arc<Pool>) -> Self {
        let shared = Shared {
            pool,
            bell: Bell::new(),
            is_listening: AtomicBool::new(false),
            heard_at: Mutex::default(),
            to_sender: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Tells everybody; returns when it is sent, or could not be for a while.
    pub(super) async fn tell(&self, run: WorkflowRunId) {
        self.shared.bell.ring(Wakeup::Run(run));
        let sent = self.shared.send(Some(run));
        // Dropped unsent when the server is away; whoever looks finds the rows.
        let _ = timeout(TELL_MAX, sent).await;
    }

    /// Listens; the first one opens the connection for it.
    pub(super) fn listen(&self) -> Box<dyn Wakeups> {
        if !self.shared.is_listening.swap(true, Ordering::SeqCst) {
            tokio::spawn(keep_listening(Arc::downgrade(&self.shared)));
        }
        self.shared.bell.listen()
    }

    pub(super) fn is_heard(&self) -> bool {
        self.shared.silence().is_some_and(|silence| silence < DEAF)
    }
}

impl Shared {
    fn send(&self, run: Option<WorkflowRunId>) -> oneshot::Receiver<()> {
        let (done, sent) = oneshot::channel();
        let mut to_sender = self.to_sender.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = to_sender.get_or_insert_with(|| {
            // Bounded by what is told in one pause.
            let (queue, telegrams) = mpsc::unbounded_channel();
            tokio::spawn(keep_sending(Arc::clone(&self.pool), telegrams));
            queue
        });
        let _ = queue.send((run, done));
        sent
    }

    /// Since when nothing was heard; `None` when nothing ever was.
    fn silence(&self) -> Option<Duration> {
        let heard_at = *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
        heard_at.map(|heard_at| heard_at.elapsed())
    }

    fn heard(&self, payload: &str) {
        *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if let Ok(run) = payload.parse() {
            self.bell.ring(Wakeup::Run(run));
        }
    }
}

/// Sends what was gathered, pause after pause, until the store is closed.
async fn keep_sending(pool: Arc<Pool>, mut telegrams: mpsc::UnboundedReceiver<Telegram>) {
    while let Some(first) = telegrams.recv().await {
        let mut gathered = vec![first];
        while let Ok(next) = telegrams.try_recv() {
            gathered.push(next);
        }
        let payload = |(run, _): &Telegram| run.map(|run| run.to_string()).unwrap_or_default();
        let payloads: BTreeSet<String> = gathered.iter().map(payload).collect();
        if let Err(error) = notify(&pool, payloads.into_iter().collect()).await {
            tracing::debug!(%error, "a wake-up was not sent");
        }
        drop(gathered);
        sleep(SEND_PAUSE).await;
    }
}

async fn notify(pool: &Arc<Pool>, payloads: Vec<String>) -> Result<(), StoreError> {
    let mut lease = pool.take().await?;
    let query = diesel::sql_query("SELECT pg_notify('branchline', payload) FROM unnest($1) AS payload")
        .bind::<Array<Text>, _>(payloads);
    let sent = query.execute(&mut lease.connection.conn).await;
    sent.map_err(|error| StoreError::Unavailable { message: error.to_string() })?;
    lease.keep();
    Ok(())
}

/// Listens as long as the store is open, on one connection after another.
async fn keep_listening(shared: Weak<Shared>) {
    let mut pause = RECONNECT_MIN;
    loop {
        let Some(pool) = shared.upgrade().map(|shared| Arc::clone(&shared.pool)) else { return };
        match begin_to_listen(&pool).await {
            Ok((client, notifications)) => {
                drop(pool);
                if hear(&shared, &client, notifications).await {
                    pause = RECONNECT_MIN;
                }
            }
            Err(error) => tracing::debug!(%error, "no wake-ups of other processes for now"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(RECONNECT_MAX);
    }
}

/// Passes on what comes, until the connection breaks, stays silent, or the store is closed. Whether anything came.
async fn hear(
    shared: &Weak<Shared>,
    _client: &Client,
    mut notifications: mpsc::UnboundedReceiver<String>,
) -> bool {
    let started = Instant::now();
    let mut has_heard = false;
    if let Some(shared) = shared.upgrade() {
        // Whatever was told before is missed.
        shared.bell.ring(Wakeup::Any);
        drop(shared.send(None));
    }
    loop {
        let came = timeout(SILENCE, notifications.recv()).await;
        let Some(shared) = shared.upgrade() else { return has_heard };
        match came {
            Ok(Some(payload)) => {
                has_heard = true;
                shared.heard(&payload);
            }
            Ok(None) => return has_heard,
            Err(_) if shared.silence().unwrap_or_else(|| started.elapsed()) > DEAF => return has_heard,
            Err(_) => drop(shared.send(None)),
        }
    }
}

/// A connection that listens, to the first host that takes that: a standby does not.
async fn begin_to_listen(pool: &Pool) -> Result<(Client, mpsc::UnboundedReceiver<String>), StoreError> {
    let url = pool.url();
    let mut last = StoreError::Unavailable { message: format!("{url} names no host") };
    for (host, port) in url.hosts() {
        match connect_to_listen(url, host, port).await {
            Ok((client, protocol)) => {
                let (to_us, notifications) = mpsc::unbounded_channel();
                tokio::spawn(read_notifications(protocol, to_us));
                match client.batch_execute("LISTEN branchline").await {
                    Ok(()) => return Ok((client, notifications)),
                    Err(error) => last = StoreError::Unavailable { message: format!("{url}: {error}") },
                }
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Drives a connection to its end, which comes with its client's.
async fn read_notifications(mut protocol: Protocol, to_us: mpsc::UnboundedSender<String>) {
    while let Some(Ok(message)) = poll_fn(|context| protocol.poll_message(context)).await {
        if let AsyncMessage::Notification(notification) = message {
            // The listener may have gone before the connection.
            let _ = to_us.send(notification.payload().to_owned());
        }
    }
}
