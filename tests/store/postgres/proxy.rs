//! A connection that is cut at the worst moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use branchline_persistence::DatabaseUrl;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// When to cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before the server hears of the commit.
    BeforeCommit,
    /// When the server has committed, before it can say so.
    AfterCommit,
}

/// Stands between a store and its server, and cuts the connections of the first commits.
pub(super) struct Proxy {
    /// The database, by way of this.
    pub(super) url: DatabaseUrl,
    /// How many commits are still to be cut.
    pub(super) cuts: Arc<AtomicU32>,
}

impl Proxy {
    pub(super) async fn start(to: &DatabaseUrl, cut: Cut) -> Self {
        let (before, database) =
            to.to_string().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (user, server) = before.strip_prefix("postgres://").unwrap().split_once('@').unwrap();
        let (user, server) = (user.to_owned(), server.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(AtomicU32::new(0));
        let left = Arc::clone(&cuts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, server, cut, Arc::clone(&left)));
            }
        });
        Self { url: format!("postgres://{user}@{address}/{database}?sslmode=disable").parse().unwrap(), cuts }
    }
}

async fn carry(client: TcpStream, server: TcpStream, cut: Cut, left: Arc<AtomicU32>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut answers = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 65_536];
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        let is_commit = buffer[..read].windows(7).any(|window| window == b"COMMIT\0");
        let is_cut = is_commit
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if is_cut && cut == Cut::BeforeCommit {
            break;
        }
        if is_cut {
            // No answer comes through any more; the server has what it was sent, and commits it.
            answers.abort();
            let _ = (&mut answers).await;
        }
        if to_server.write_all(&buffer[..read]).await.is_err() || is_cut {
            break;
        }
    }
}
