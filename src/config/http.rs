use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::kind::{Kind, address, texts};
use super::reader::{Reader, Reported};

/// `[http]`: the listeners. Port 0 lets the system choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Pages, API and ACS, in plain HTTP: a reverse proxy in front ends TLS.
    pub listen: SocketAddr,
    /// Health; not for the internet.
    pub internal_listen: SocketAddr,
    /// The reverse proxies whose `X-Forwarded-For` is believed; nobody else's is.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            internal_listen: (Ipv4Addr::LOCALHOST, 9090).into(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let listen = reader.optional("listen", &address());
        let internal_listen = reader.optional("internal_listen", &address());
        let trusted_proxies = reader.optional("trusted_proxies", &networks());
        let http = Self {
            listen: listen?.unwrap_or(default.listen),
            internal_listen: internal_listen?.unwrap_or(default.internal_listen),
            trusted_proxies: trusted_proxies?.unwrap_or(default.trusted_proxies),
        };
        if http.listen == http.internal_listen && http.listen.port() != 0 {
            let problem = format!("{} is http.listen's address", http.listen);
            return Err(reader.mistake("internal_listen", problem, "an address of its own"));
        }
        Ok(http)
    }
}

/// A single address is a network of its own.
fn networks() -> Kind<Vec<IpNet>> {
    texts(
        "a list of IP addresses and networks such as 10.0.0.0/8",
        |text| {
            let network = text
                .parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{text:?} is neither an IP address nor a network"))
        },
    )
}
