//! A PostgreSQL database as people name it: `postgres://user@host:5432/database?sslmode=verify-full`.

use std::fmt;
use std::str::FromStr as _;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode as DriverSslMode};

use super::tls::{SslMode, TlsSettings};

/// Where a database is, and how to get there. Nothing shows its password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    pub(super) config: Config,
    pub(super) tls: TlsSettings,
}

impl PostgresUrl {
    /// Reads a whole URL; the error says what is wrong without showing it.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut tls = TlsSettings::default();
        let mut others = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=').unwrap_or((parameter, "")) {
                ("sslmode", mode) => {
                    tls.mode = SslMode::from_name(mode).ok_or(
                        "`sslmode` is one of `disable`, `prefer`, `require`, `verify-ca` and `verify-full`",
                    )?;
                }
                ("sslrootcert", path) => tls.root_certificate = Some(decoded(path).into()),
                _ => others.push(parameter),
            }
        }
        let driver_url = format!("{base}?{}", others.join("&"));
        let mut config = Config::from_str(&driver_url).map_err(|error| reason(&error))?;
        if config.get_hosts().is_empty() {
            return Err("it names no host".to_owned());
        }
        // TLS is ours, below the driver.
        config.ssl_mode(DriverSslMode::Disable);
        if config.get_application_name().is_none() {
            config.application_name("branchline");
        }
        Ok(Self { config, tls })
    }

    /// Hosts with their ports, in the order in which they are tried.
    pub(super) fn hosts(&self) -> impl Iterator<Item = (&Host, u16)> {
        let ports = self.config.get_ports();
        let port = move |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        self.config.get_hosts().iter().enumerate().map(move |(index, host)| (host, port(index)))
    }
}

/// Without the password.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (index, (host, port)) in self.hosts().enumerate() {
            let separator = if index > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{separator}{name}:{port}")?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{separator}{}:{port}", folder.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().or(self.config.get_user()).unwrap_or_default())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

/// What the driver says of a URL: never with a part of it.
fn reason(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let known = ["unknown option", "invalid value for option", "invalid connection"];
    if known.iter().any(|known| cause.starts_with(known)) { cause } else { "it cannot be read".to_owned() }
}

/// `%20` and its like as characters.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| first == b'%');
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_read_and_its_password_is_not_shown() {
        let url = PostgresUrl::parse(
            "postgres://ada:s3cret@db.example.org:6432/runs?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
        )
        .unwrap();
        assert_eq!(url.to_string(), "postgres://ada@db.example.org:6432/runs");
        assert_eq!(url.tls.mode, SslMode::VerifyFull);
        assert_eq!(url.tls.root_certificate.as_deref(), Some("/etc/ca.pem".as_ref()));
        assert_eq!(url.config.get_password(), Some(b"s3cret".as_slice()));
        assert!(!format!("{url:?} {:?}", url.config).contains("s3cret"));
        let socket = PostgresUrl::parse("postgresql://%2Fvar%2Frun%2Fpostgresql/runs").unwrap();
        assert_eq!(socket.to_string(), "postgres:///var/run/postgresql:5432/runs");
    }

    #[test]
    fn what_is_wrong_is_said_without_the_url() {
        for (url, expected) in [
            ("postgres://ada:s3cret@host/runs?sslmode=maybe", "`sslmode` is one of"),
            ("postgres://ada:s3cret@host/runs?sslcert=x", "unknown option `sslcert`"),
            ("postgres://ada:s3cret@host:port/runs", "invalid value for option `port`"),
            ("postgres:///runs", "no host"),
        ] {
            let error = PostgresUrl::parse(url).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
