//! One connection: socket, TLS, log in, settings.

use std::env;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use branchline_schema_model::store::StoreError;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel_async::SimpleAsyncConnection as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Error as DriverError, NoTls};

use super::url::PostgresUrl;
use super::wire::{Carrier, LastError, Watched};
use super::{Conn, failure, tls};

/// How long a server may take to answer the first time, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Settings of every session. A statement that takes longer is stuck; a lock that is held longer belongs to somebody
/// stuck, and the transaction is redone; a session that sits in a transaction has lost its program.
const SETTINGS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning';";

/// The side of a connection that reads and writes.
pub(super) type Protocol = tokio_postgres::Connection<Watched, NoTlsStream>;

/// A connection, and what is known of it beside what Diesel says.
pub(super) struct Connection {
    pub(super) conn: Conn,
    pub(super) last_error: LastError,
    closed: Arc<AtomicBool>,
}

impl Connection {
    /// Whether the server or the network ended it.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

/// Connects to the first host that answers; with several hosts, to the first that takes writes.
pub(super) async fn connect(url: &PostgresUrl) -> Result<Connection, StoreError> {
    let mut last = None;
    let several = url.config.get_hosts().len() > 1;
    for (host, port) in url.hosts() {
        last = Some(match connect_to(url, host, port).await {
            Ok(mut connection) => {
                if !several || !is_standby(&mut connection).await {
                    return Ok(connection);
                }
                StoreError::NotWritable { message: format!("{url} takes no writes") }
            }
            Err(error) => error,
        });
    }
    Err(last.unwrap_or_else(|| StoreError::Unavailable { message: format!("{url} names no host") }))
}

async fn connect_to(url: &PostgresUrl, host: &Host, port: u16) -> Result<Connection, StoreError> {
    let limit = url.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
    let unavailable =
        |error: &dyn std::fmt::Display| StoreError::Unavailable { message: format!("{url}: {error}") };
    let connecting = async {
        let stream = open(url, host, port).await.map_err(|error| unavailable(&error))?;
        log_in(url, stream).await
    };
    timeout(limit, connecting).await.unwrap_or_else(|_| Err(unavailable(&"it did not answer in time")))
}

/// The socket, protected as far as asked for.
async fn open(url: &PostgresUrl, host: &Host, port: u16) -> io::Result<Box<dyn Carrier>> {
    match host {
        Host::Tcp(name) => {
            let stream = TcpStream::connect((name.as_str(), port)).await?;
            stream.set_nodelay(true)?;
            tls::protect(Box::new(stream), name, &url.tls).await
        }
        #[cfg(unix)]
        Host::Unix(folder) => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            Ok(Box::new(tokio::net::UnixStream::connect(path).await?))
        }
    }
}

/// A session without Diesel, of which the notifications are read. It is driven by whoever polls the second part.
pub(super) async fn connect_to_listen(
    url: &PostgresUrl,
    host: &Host,
    port: u16,
) -> Result<(Client, Protocol), StoreError> {
    let limit = url.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
    let unavailable = |message: String| StoreError::Unavailable { message: format!("{url}: {message}") };
    let connecting = async {
        let stream = open(url, host, port).await.map_err(|error| unavailable(error.to_string()))?;
        authenticate(url, stream, LastError::default()).await
    };
    timeout(limit, connecting).await.unwrap_or_else(|_| Err(unavailable("it did not answer".to_owned())))
}

async fn authenticate(
    url: &PostgresUrl,
    stream: Box<dyn Carrier>,
    last_error: LastError,
) -> Result<(Client, Protocol), StoreError> {
    let mut config = url.config.clone();
    if config.get_password().is_none()
        && let Ok(password) = env::var("PGPASSWORD")
    {
        config.password(password);
    }
    let stream = Watched::new(stream, last_error);
    config.connect_raw(stream, NoTls).await.map_err(|error| refused(url, &error))
}

async fn log_in(url: &PostgresUrl, stream: Box<dyn Carrier>) -> Result<Connection, StoreError> {
    let last_error = LastError::default();
    let (client, protocol) = authenticate(url, stream, last_error.clone()).await?;
    let closed = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&closed);
    // It ends when the client is dropped, or with the connection, whose error the next statement meets too.
    tokio::spawn(async move {
        let _ = protocol.await;
        ended.store(true, Ordering::Release);
    });
    let failed = |error: &diesel::result::Error| failure::from_diesel(error, last_error.take().as_deref());
    let mut conn = Conn::try_from(client).await.map_err(|error| match error {
        diesel::ConnectionError::CouldntSetupConfiguration(error) => failed(&error),
        error => StoreError::Unavailable { message: error.to_string() },
    })?;
    conn.batch_execute(SETTINGS).await.map_err(|error| failed(&error))?;
    Ok(Connection { conn, last_error, closed })
}

/// Why the server did not let us in, with the name of the database and never with the password.
fn refused(url: &PostgresUrl, error: &DriverError) -> StoreError {
    let code = error.code().map(|code| code.code().to_owned());
    let message = error.as_db_error().map_or_else(
        || std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string),
        |error| error.message().to_owned(),
    );
    let hint = match code.as_deref() {
        Some("3D000") => "; make it with `createdb`, then `branchline db migrate`",
        _ if message.contains("password missing") => "; give it in the URL or as PGPASSWORD",
        _ => "",
    };
    failure::store_error(code.as_deref(), &format!("{url}: {message}{hint}"))
}

async fn is_standby(connection: &mut Connection) -> bool {
    let question = diesel::select(sql::<Bool>("pg_is_in_recovery()"));
    diesel_async::RunQueryDsl::get_result(question, &mut connection.conn).await.unwrap_or(true)
}
