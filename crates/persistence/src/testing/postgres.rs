//! A PostgreSQL server for tests, and a database of its own for each.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use tokio::sync::OnceCell;

use crate::{DatabaseUrl, PostgresStore};

/// Names a server that is there already: `cargo xtask test` starts one for all.
pub const SERVER_VARIABLE: &str = "BRANCHLINE_TEST_POSTGRES";

/// The server of this process. It ends when its input ends, and so with this process.
struct Server {
    url: String,
    _process: Option<Child>,
}

/// The URL of the server, started when first asked for.
///
/// # Panics
///
/// When there is no PostgreSQL: a test that needs it must not pass without.
pub fn server() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(start).url
}

fn start() -> Server {
    if let Ok(url) = env::var(SERVER_VARIABLE) {
        return Server { url, _process: None };
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres.sh");
    let mut command = Command::new(script);
    let mut process = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(process) => process,
        Err(error) => panic!("tests/postgres.sh cannot be started: {error}"),
    };
    let mut url = String::new();
    if let Some(output) = process.stdout.take() {
        // Without a line it has said on standard error why.
        let _ = BufReader::new(output).read_line(&mut url);
    }
    assert!(!url.is_empty(), "this test needs PostgreSQL, and none could be started; see above");
    Server { url: url.trim_end().to_owned(), _process: Some(process) }
}

/// A new database with every table.
///
/// # Panics
///
/// When the server refuses.
pub async fn new_database() -> DatabaseUrl {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let (url, name) = empty().await;
            let DatabaseUrl::Postgres(url) = url else { unreachable!("it is made on a server") };
            // Closed at once: a database in use cannot be copied.
            drop(PostgresStore::open(&url, true).await.map_err(|error| panic!("no template: {error}")));
            name
        })
        .await;
    let name = next_name();
    create(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    url_of(&name)
}

/// A new database without anything.
pub async fn empty_database() -> DatabaseUrl {
    empty().await.0
}

async fn empty() -> (DatabaseUrl, String) {
    let name = next_name();
    create(&format!("CREATE DATABASE {name}")).await;
    (url_of(&name), name)
}

fn next_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn url_of(name: &str) -> DatabaseUrl {
    let (server, _) = server().rsplit_once('/').unwrap_or((server(), ""));
    format!("{server}/{name}").parse().unwrap_or_else(|error| panic!("the URL of the server: {error}"))
}

/// Makes a database. A template whose last connection is just closing is busy for a moment.
async fn create(statement: &str) {
    let mut connection = connect(server()).await;
    for _ in 0..100 {
        match connection.batch_execute(statement).await {
            Ok(()) => return,
            Err(error) if error.to_string().contains("is being accessed by other users") => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{statement}: {error}"),
        }
    }
    panic!("{statement}: still in use");
}

async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Runs statements on a connection of its own, as anybody could.
///
/// # Panics
///
/// When the server refuses.
pub async fn execute(url: &DatabaseUrl, sql: &str) {
    connect(&url.to_string()).await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The number a query gives, asked on a connection of its own.
///
/// # Panics
///
/// When the server refuses.
pub async fn query_number(url: &DatabaseUrl, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let mut connection = connect(&url.to_string()).await;
    let row = diesel::sql_query(format!("SELECT ({query})::bigint AS number"));
    row.get_result::<Row>(&mut connection).await.unwrap_or_else(|error| panic!("{query}: {error}")).number
}
