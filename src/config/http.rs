use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::Mistake;
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
    /// ignored. `None` means that the key is not set, which is a mistake if a proxy terminates TLS.
    pub trusted_proxies: Option<Vec<IpNet>>,
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
            trusted_proxies: None,
            forwarded_header: ForwardedHeader::default(),
        }
    }
}

impl Http {
    /// The networks of the trusted reverse proxies.
    pub fn proxies(&self) -> &[IpNet] {
        self.trusted_proxies.as_deref().unwrap_or_default()
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        public_url: Option<&Url>,
    ) -> Result<Self, Reported> {
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
            trusted_proxies: trusted_proxies?,
            forwarded_header: forwarded_header?.unwrap_or_default(),
        };
        if http.listen == http.internal_listen && http.listen.port() != 0 {
            let problem = format!("{} is also the address of http.listen", http.listen);
            return Err(reader.mistake("internal_listen", problem, "a different address"));
        }
        match public_url.and_then(|url| http.unknown_proxy(url)) {
            Some(Mistake {
                problem, allowed, ..
            }) => Err(reader.mistake("trusted_proxies", problem, allowed)),
            None => Ok(http),
        }
    }

    /// Whether people reach rolecall only through a reverse proxy that terminates TLS.
    pub(super) fn is_behind_proxy(&self, public_url: &Url) -> bool {
        public_url.scheme() == "https" && self.tls.is_none()
    }

    /// The mistake of an administrator who has not said which proxy terminates TLS. Everybody would
    /// then seem to come from the proxy's address, so that one visitor could use up the limits of
    /// all others.
    pub(super) fn unknown_proxy(&self, public_url: &Url) -> Option<Mistake> {
        let is_unknown = self.is_behind_proxy(public_url) && self.trusted_proxies.is_none();
        is_unknown.then(|| Mistake {
            key: "http.trusted_proxies".to_owned(),
            problem: "missing, but public_url is https and http.tls_certificate_file is not set, \
                      so a proxy must terminate TLS"
                .to_owned(),
            allowed:
                "the addresses of that proxy, such as [\"127.0.0.1\"]; or [], which turns all \
                      limits by address off, because everybody then seems to have the proxy's \
                      address"
                    .to_owned(),
        })
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
