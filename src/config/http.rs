use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::key_pair::KeyPair;
use super::kind::{Kind, address, text, texts};
use super::reader::{Reader, Reported};

/// `[http]`: the listeners. Port 0 lets the system choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Pages, API and ACS: over TLS with a certificate; without, a reverse proxy in front ends it.
    pub listen: SocketAddr,
    /// The certificate, with the chain below its root, and its key.
    pub tls: Option<KeyPair>,
    /// Health; not for the internet.
    pub internal_listen: SocketAddr,
    /// The reverse proxies whose [`ForwardedHeader`] is believed; nobody else's is.
    pub trusted_proxies: Vec<IpNet>,
    /// The header that they tell the client's address in.
    pub forwarded_header: ForwardedHeader,
}

/// Where reverse proxies tell the client's address. One of the two: a proxy that writes one lets
/// the other through as the client sent it.
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

fn forwarded_header() -> Kind<ForwardedHeader> {
    text("x-forwarded-for or forwarded", |text| {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(ForwardedHeader::XForwardedFor),
            "forwarded" => Ok(ForwardedHeader::Forwarded),
            _ => Err(format!("{text:?} is neither")),
        }
    })
}
