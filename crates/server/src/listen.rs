//! Where the server may listen: on this machine only.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// An address of the loopback interface. There is no way to make another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(SocketAddr);

/// The address cannot be listened on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// Not `host:port`.
    #[error("`{text}` is not an address such as `127.0.0.1:4180`")]
    NotAnAddress {
        /// What was given.
        text: String,
    },
    /// Reachable from other machines.
    #[error(
        "`{address}` can be reached from other machines, and the server has no keys yet: use 127.0.0.1 or [::1]"
    )]
    NotLoopback {
        /// What was given.
        address: SocketAddr,
    },
}

impl ListenAddress {
    /// `127.0.0.1:4180`.
    pub const DEFAULT: &'static str = "127.0.0.1:4180";

    /// The address for the operating system.
    pub const fn socket_address(self) -> SocketAddr {
        self.0
    }

    /// Its port; 0 leaves the choice to the operating system.
    pub const fn port(self) -> u16 {
        self.0.port()
    }
}

impl TryFrom<SocketAddr> for ListenAddress {
    type Error = ListenError;

    fn try_from(address: SocketAddr) -> Result<Self, ListenError> {
        if address.ip().is_loopback() { Ok(Self(address)) } else { Err(ListenError::NotLoopback { address }) }
    }
}

impl FromStr for ListenAddress {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let address = match text.strip_prefix("localhost:") {
            Some(port) => {
                port.parse().ok().map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
            }
            None => text.parse().ok(),
        };
        address.ok_or_else(|| ListenError::NotAnAddress { text: text.to_owned() })?.try_into()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_can_be_listened_on() {
        for text in ["127.0.0.1:4180", "127.1.2.3:0", "[::1]:4180", "localhost:4180"] {
            assert!(text.parse::<ListenAddress>().is_ok(), "{text}");
        }
        for text in ["0.0.0.0:4180", "[::]:4180", "192.168.1.2:4180", "[::ffff:127.0.0.1]:80", "8.8.8.8:80"] {
            assert!(matches!(text.parse::<ListenAddress>(), Err(ListenError::NotLoopback { .. })), "{text}");
        }
        for text in ["", "4180", "127.0.0.1", "localhost", "example.org:80", "127.0.0.1:70000"] {
            assert!(matches!(text.parse::<ListenAddress>(), Err(ListenError::NotAnAddress { .. })), "{text}");
        }
    }
}
