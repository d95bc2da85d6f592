use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::key_pair::KeyPair;
use super::kind::{Kind, address, text, texts};
use super::reader::{Reader, Reported};

/// `[http]`: the listeners and the trusted proxies. With port 0, the operating system chooses a
/// port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// The address of the public listener, which uses TLS if `tls` is set and otherwise plain HTTP.
    pub listen: SocketAddr,
    /// The files for TLS. The certificate file also contains the chain, without the root.
    pub tls: Option<KeyPair>,
    /// The address for health checks. It must not be reachable from the internet.
    pub internal_listen: SocketAddr,
    /// The trusted reverse proxies. In requests from other addresses, the [`ForwardedHeader`] is
    /// ignored.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which the trusted proxies report the client's address.
    pub forwarded_header: ForwardedHeader,
}

/// The header in which reverse proxies report the client's address. Only the configured header is
/// read, because a proxy that sets `X-Forwarded-For` passes on a client's `Forwarded` unchanged,
/// and vice versa.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            internal_listen: (Ipv4Addr::LOCALHOST, 9090).into(),
            tls: None,
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
        }
    }
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let listen = reader.optional("listen", &address());
        let internal_listen = reader.optional("internal_listen", &address());
        let trusted_proxies = reader.optional("trusted_proxies", &networks());
        let forwarded_header = reader.optional("forwarded_header", &forwarded_header());
        let tls = KeyPair::read(reader, ["tls_key_file", "tls_certificate_file"]);
        if let Ok(tls) = &tls {
            reader.files().tls.clone_from(tls);
        }
        let http = Self {
            listen: listen?.unwrap_or(default.listen),
            internal_listen: internal_listen?.unwrap_or(default.internal_listen),
            tls: tls?,
            trusted_proxies: trusted_proxies?.unwrap_or(default.trusted_proxies),
            forwarded_header: forwarded_header?.unwrap_or_default(),
        };
        if http.listen == http.internal_listen && http.listen.port() != 0 {
            let problem = format!("{} is also the address of http.listen", http.listen);
            return Err(reader.mistake("internal_listen", problem, "a different address"));
        }
        Ok(http)
    }
}

/// A list of networks. A single address counts as a network.
fn networks() -> Kind<Vec<IpNet>> {
    texts(
        "a list of IP addresses and networks, such as 10.0.0.0/8",
        |text| {
            let network = text
                .parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{text:?} is neither an IP address nor a network"))
        },
    )
}

fn forwarded_header() -> Kind<ForwardedHeader> {
    text("x-forwarded-for or forwarded", |text| {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(ForwardedHeader::XForwardedFor),
            "forwarded" => Ok(ForwardedHeader::Forwarded),
            _ => Err(format!("{text:?} is not a supported header")),
        }
    })
}
