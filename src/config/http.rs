use std::net::{Ipv4Addr, SocketAddr};

use super::kind::address;
use super::reader::{Reader, Reported};

/// `[http]`: the listeners. Port 0 lets the system choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Pages, API and ACS, in plain HTTP: a reverse proxy in front ends TLS.
    pub listen: SocketAddr,
    /// Health; not for the internet.
    pub internal_listen: SocketAddr,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            internal_listen: (Ipv4Addr::LOCALHOST, 9090).into(),
        }
    }
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let listen = reader.optional("listen", &address());
        let internal_listen = reader.optional("internal_listen", &address());
        let http = Self {
            listen: listen?.unwrap_or(default.listen),
            internal_listen: internal_listen?.unwrap_or(default.internal_listen),
        };
        if http.listen == http.internal_listen && http.listen.port() != 0 {
            let problem = format!("{} is http.listen's address", http.listen);
            return Err(reader.mistake("internal_listen", problem, "an address of its own"));
        }
        Ok(http)
    }
}
